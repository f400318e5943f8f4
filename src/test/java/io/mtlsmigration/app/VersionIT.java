// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.mtlsmigration.e2e.SandboxProcess;
import io.mtlsmigration.testing.Packaged;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What runs says what it is, and the same wherever it is asked. */
@Tag("packaged")
final class VersionIT {

  @TempDir Path folder;

  @Test
  void isTheSameOnTheCommandLineAtTheManagementPortAndInTheMesh() throws IOException {
    String told = commandLine();
    try (SandboxProcess service =
        SandboxProcess.start(
            folder.resolve("service.log"), Map.of("mtls-migration.demo.narrate", "false"))) {
      Map<String, String> info =
          given().get(service.management().resolve("/q/info")).jsonPath().getMap("build");
      Map<String, String> mesh = service.http().get("/mesh").jsonPath().getMap("service");

      assertFalse(info.get("version").contains("development"), info::toString);
      assertEquals(told, line(info));
      assertEquals(told, line(mesh));
    }
  }

  private static String line(Map<String, String> release) {
    String commit = release.get("commit");
    return "mtls-migration " + release.get("version") + (commit == null ? "" : " (" + commit + ")");
  }

  private static String commandLine() throws IOException {
    List<String> command = Packaged.command(List.of());
    command.add("--version");
    Process process = new ProcessBuilder(command).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }
}
