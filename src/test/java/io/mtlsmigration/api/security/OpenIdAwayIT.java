// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.e2e.SandboxProcess;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A provider that is not there, and many who call all the same. Against the packaged service, whose
 * log is all there is.
 */
@Tag("packaged")
final class OpenIdAwayIT {

  private static final int CALLS = 40;

  @TempDir static Path folder;

  private static SandboxProcess sandbox;

  @BeforeAll
  static void start() {
    Map<String, String> keys = new HashMap<>();
    keys.put("mtls-migration.auth.mode", "oidc");
    keys.put("quarkus.oidc.tenant-enabled", "true");
    // Discard (RFC 863): nobody has listened there for decades.
    keys.put("quarkus.oidc.auth-server-url", "http://127.0.0.1:9/realms/main");
    keys.put("quarkus.oidc.connection-timeout", "1S");
    keys.put("quarkus.oidc.page.tenant-enabled", "true");
    keys.put("quarkus.oidc.page.client-id", "page");
    keys.put("quarkus.oidc.page.connection-timeout", "1S");
    keys.put("mtls-migration.demo.narrate", "false");
    sandbox = SandboxProcess.start(folder.resolve("service.log"), keys);
  }

  @AfterAll
  static void stop() {
    sandbox.close();
  }

  @Test
  void tellsOfAnOutageOnceAMinuteAndNotCallByCall() {
    int before = lines().size();

    for (int i = 0; i < CALLS; i++) {
      int status =
          sandbox.http().header("Authorization", "Bearer some.to.ken").get("/mesh").statusCode();
      assertEquals(503, status);
      assertEquals(503, sandbox.http().basePath("/login").get().statusCode());
    }

    // A line each for tokens and for logins; a second one where a minute has ended meanwhile.
    List<String> told =
        lines().stream().skip(before).filter(line -> !line.startsWith("{")).toList();
    assertTrue(told.size() >= 2 && told.size() <= 6, () -> String.join("\n", told));
    assertTrue(told.getFirst().contains("quarkus.oidc.auth-server-url"), told::getFirst);
    assertTrue(told.getFirst().contains("OIDC Server is not available"), told::getFirst);
    assertTrue(lines().stream().noneMatch(line -> line.startsWith("\tat ")), sandbox::log);
  }

  private static List<String> lines() {
    return sandbox.log().lines().toList();
  }
}
