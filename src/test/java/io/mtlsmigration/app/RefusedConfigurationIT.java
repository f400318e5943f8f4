// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.e2e.SandboxProcess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Configurations with which the packaged service does not start: it says so in a line or two that
 * name the key, and in no stack trace.
 */
@Tag("packaged")
final class RefusedConfigurationIT {

  private static final String LOGIN = "quarkus.oidc.page.tenant-enabled";
  private static final String SERVER = "quarkus.oidc.auth-server-url";
  private static final String CLIENT = "quarkus.oidc.page.client-id";
  private static final String SECRET = "quarkus.oidc.page.token-state-manager.encryption-secret";

  @TempDir Path folder;

  static Stream<Arguments> configurations() {
    return Stream.of(
        argumentSet(
            "an owner label that is none",
            Map.of("mtls-migration.owner-labels", "owner,no such label"),
            "mtls-migration.owner-labels"),
        argumentSet("a login in a mode without", Map.of(LOGIN, "true"), LOGIN),
        argumentSet("a login without a client", openId(Map.of(LOGIN, "true")), CLIENT),
        argumentSet("no address", openId(Map.of(SERVER, "not-a-url")), SERVER),
        argumentSet(
            "a short secret",
            openId(Map.of(LOGIN, "true", CLIENT, "page", SECRET, "too-short")),
            SECRET));
  }

  private static Map<String, String> openId(Map<String, String> further) {
    Map<String, String> keys = new TreeMap<>();
    keys.put("mtls-migration.auth.mode", "oidc");
    keys.put("quarkus.oidc.tenant-enabled", "true");
    keys.put(SERVER, "http://127.0.0.1:9");
    keys.putAll(further);
    return keys;
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void namesTheKey(Map<String, String> keys, String key) throws IOException {
    assertRefused(keys, key);
  }

  @Test
  void namesTheKeyOfAPortThatIsTaken() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());

      assertRefused(Map.of("quarkus.http.port", port), "quarkus.http.port=" + port);
      assertRefused(Map.of("quarkus.management.port", port), "quarkus.management.port=" + port);
    }
  }

  @Test
  void startsWithoutOwnerLabels() {
    try (SandboxProcess sandbox =
        SandboxProcess.start(
            folder.resolve("service.log"), Map.of("mtls-migration.owner-labels", ""))) {
      assertEquals(200, sandbox.http().get("/traffic").statusCode());
    }
  }

  private void assertRefused(Map<String, String> keys, String key) throws IOException {
    Path log = Files.createTempFile(folder, "service", ".log");
    assertThrows(
        Throwable.class,
        () -> SandboxProcess.start(log, keys).close(),
        () -> "it starts with " + keys);

    List<String> lines = Files.readAllLines(log);
    assertTrue(lines.stream().anyMatch(line -> line.contains(key)), () -> join(lines));
    assertTrue(lines.size() <= 5, () -> join(lines));
    assertTrue(lines.stream().noneMatch(line -> line.startsWith("\tat ")), () -> join(lines));
  }

  private static String join(List<String> lines) {
    return String.join("\n", lines);
  }
}
