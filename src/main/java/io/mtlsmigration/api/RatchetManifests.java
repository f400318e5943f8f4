// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mtlsmigration.manifest.Manifest;
import io.mtlsmigration.manifest.ManifestReader;
import io.mtlsmigration.manifest.ManifestWriter;
import io.mtlsmigration.plan.Ratchet;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The ratchet's objects: its entries, and the policy and binding, which are always the same. */
final class RatchetManifests {

  private static final String POLICY = "/ratchet/policy.yaml";

  private RatchetManifests() {}

  /** Returns all objects as YAML, for people to apply together. */
  static String yaml(Ratchet ratchet, String namespace) {
    return "---\n" + ManifestWriter.yaml(entries(ratchet, namespace)) + "---\n" + policy(namespace);
  }

  static List<JsonNode> objects(Ratchet ratchet, String namespace) {
    List<JsonNode> objects = new ArrayList<>();
    objects.add(entries(ratchet, namespace));
    for (Manifest manifest : ManifestReader.read(policy(namespace), POLICY).objects()) {
      objects.add(manifest.tree());
    }
    return objects;
  }

  private static ObjectNode entries(Ratchet ratchet, String namespace) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("apiVersion", "v1");
    object.put("kind", "ConfigMap");
    object.putObject("metadata").put("name", Ratchet.NAME).put("namespace", namespace);
    ObjectNode data = object.putObject("data");
    ratchet.entries().forEach(data::put);
    return object;
  }

  private static String policy(String namespace) {
    try (InputStream in = RatchetManifests.class.getResourceAsStream(POLICY)) {
      if (in == null) {
        throw new IllegalStateException("resource " + POLICY + " was left out of the build");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .replace("${namespace}", namespace);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read resource " + POLICY, e);
    }
  }
}
