// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.resource;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The committed definitions are what the Java model says. {@code make crds} runs this with {@code
 * -Dcrds.write=true}, which writes them first.
 */
final class SchemasTest {

  private static final Path COMMITTED = Path.of("k8s/base/crds");

  /** What the service judges bodies by. */
  private static final Path SCHEMA = Path.of("src/main/resources/schema/migrationplan-spec.json");

  private static final List<String> FILES =
      List.of(
          "migrationplans.mtls-migration.io-v1.yml",
          "namespacemigrations.mtls-migration.io-v1.yml");

  @Test
  void theCommittedDefinitionsAreWhatTheModelSays(@TempDir Path folder) throws IOException {
    if (Boolean.getBoolean("crds.write")) {
      Files.createDirectories(COMMITTED);
      Schemas.write(COMMITTED, SCHEMA);
    }

    Schemas.write(folder, folder.resolve("spec.json"));

    for (String file : FILES) {
      assertEquals(
          Files.readString(folder.resolve(file)),
          Files.readString(COMMITTED.resolve(file)),
          () -> file + " is behind the model: run make crds and commit it");
    }
    assertEquals(
        Files.readString(folder.resolve("spec.json")),
        Files.readString(SCHEMA),
        "the schema is behind the definition: run make crds and commit it");
  }
}
