// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mtlsmigration.mesh.Injection;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads a Namespace object. */
final class NamespaceReader {

  /** The label that every API server sets, and that a manifest omits. */
  private static final String NAME_LABEL = "kubernetes.io/metadata.name";

  private NamespaceReader() {}

  /** Returns a namespace without objects in which Istio injects sidecars. */
  static NamespaceFacts injected(String name) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.putObject("metadata").putObject("labels").put(Injection.NAMESPACE_LABEL, "enabled");
    return read(
        new ObjectRef(Kinds.NAMESPACE, "", name), ManifestFields.of(tree, new FieldErrors()));
  }

  static NamespaceFacts read(ObjectRef ref, ManifestFields object) {
    ManifestFields metadata = object.object("metadata");
    Map<String, String> labels = new TreeMap<>(metadata.strings("labels"));
    labels.put(NAME_LABEL, ref.name());
    return new NamespaceFacts(
        ref.name(),
        metadata.text("uid", ""),
        labels,
        metadata.strings("annotations"),
        metadata.has("deletionTimestamp")
            || object.object("status").text("phase", "").equals("Terminating"),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        List.of());
  }
}
