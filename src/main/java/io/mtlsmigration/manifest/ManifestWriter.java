// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import java.util.TreeMap;

/**
 * Writes objects as YAML for people, {@code kubectl apply} and GitOps repositories. The output is
 * deterministic: apiVersion, kind, metadata (name and namespace first) and spec come first, and
 * maps without an order of their own are sorted.
 */
public final class ManifestWriter {

  private ManifestWriter() {}

  /** Returns a PeerAuthentication with its author's fields only: name, place and spec. */
  public static ObjectNode peerAuthentication(ObjectRef ref, PeerAuthentication.Spec spec) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("apiVersion", "security.istio.io/v1");
    object.put("kind", Kinds.PEER_AUTHENTICATION);
    ObjectNode metadata = object.putObject("metadata");
    metadata.put("name", ref.name());
    metadata.put("namespace", ref.namespace());
    object.set("spec", spec(spec));
    return object;
  }

  /** Returns the {@code spec} of a PeerAuthentication; UNSET is omitted where possible. */
  public static ObjectNode spec(PeerAuthentication.Spec spec) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    if (!spec.selector().isEmpty()) {
      ObjectNode labels = node.putObject("selector").putObject("matchLabels");
      new TreeMap<>(spec.selector()).forEach(labels::put);
    }
    if (spec.mode() != MtlsMode.UNSET) {
      node.putObject("mtls").put("mode", spec.mode().name());
    }
    if (!spec.portModes().isEmpty()) {
      ObjectNode ports = node.putObject("portLevelMtls");
      new TreeMap<>(spec.portModes())
          .forEach((port, mode) -> ports.putObject(port.toString()).put("mode", mode.name()));
    }
    return node;
  }

  /** Returns one document, without a marker. */
  public static String yaml(JsonNode object) {
    StringBuilder text = new StringBuilder();
    new YamlPrinter(text).document(object);
    return text.toString();
  }
}
