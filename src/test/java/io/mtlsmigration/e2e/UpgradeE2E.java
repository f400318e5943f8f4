// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Today's service on custom resources that the last release has written: it reads them, goes on
 * where that one stopped, and can undo what that one did. {@code contract/v0.1.0} was saved by
 * {@link RestoreE2E}, from the development tree before 0.1.0, and is written anew with that
 * release; namespaces and policies get other UIDs and versions here than they had there.
 */
final class UpgradeE2E {

  @RegisterExtension
  static final TestCluster CLUSTER = TestCluster.withIstio().withService().withTask();

  private static final Path RELEASED = Path.of("contract/v0.1.0/resources.yaml");
  private static final YAMLMapper YAML = new YAMLMapper();

  @Test
  void goesOnWithWhatTheLastReleaseHasWritten() throws IOException {
    SavedPlans.scaleDown(CLUSTER);
    String saved = Files.readString(RELEASED);
    String here = saved;
    for (JsonNode object : YAML.readTree(saved).path("items")) {
      String kind = object.path("kind").asText();
      if (kind.equals("PeerAuthentication")) {
        here = moved(here, object, created(object));
      } else if (kind.equals("Namespace")) {
        String name = object.path("metadata").path("name").asText();
        here = moved(here, object, read("namespace", name, ""));
      }
    }
    Path backup = Path.of("target/e2e/UpgradeE2E/resources.yaml");
    Files.writeString(backup, here);
    SavedPlans.Said said = SavedPlans.restore(CLUSTER, backup);
    assertEquals(0, said.exit(), said::words);

    SavedPlans.goOn(CLUSTER, CLUSTER.taskService("new").start().awaitReady());
  }

  /** As the service would have made it: under its name as a field manager. */
  private static JsonNode created(JsonNode policy) throws IOException {
    ObjectNode made = policy.deepCopy();
    ObjectNode metadata = (ObjectNode) made.path("metadata");
    for (String field :
        new String[] {
          "uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"
        }) {
      metadata.remove(field);
    }
    Path file = Path.of("target/e2e/UpgradeE2E/policy.yaml");
    YAML.writeValue(file.toFile(), made);
    CLUSTER.kubectl().ok("create", "--field-manager=mtls-migration", "-f", file.toString());
    return read(
        "peerauthentication", metadata.path("name").asText(), metadata.path("namespace").asText());
  }

  private static JsonNode read(String kind, String name, String namespace) throws IOException {
    return YAML.readTree(
        CLUSTER
            .kubectl()
            .ok(
                "get",
                kind,
                name,
                "-o=yaml",
                "--namespace=" + (namespace.isEmpty() ? "default" : namespace)));
  }

  private static String moved(String saved, JsonNode from, JsonNode to) {
    String version = "resourceVersion: \"%s\"";
    return saved
        .replace(uid(from), uid(to))
        .replace(version.formatted(version(from)), version.formatted(version(to)));
  }

  private static String uid(JsonNode object) {
    return object.path("metadata").path("uid").asText();
  }

  private static String version(JsonNode object) {
    return object.path("metadata").path("resourceVersion").asText();
  }
}
