// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.access.AuthMode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

final class OpenIdCheckTest {

  private static final String ENABLED = "quarkus.oidc.tenant-enabled";
  private static final String SERVER = "quarkus.oidc.auth-server-url";
  private static final String LOGIN = "quarkus.oidc.page.tenant-enabled";
  private static final String LOGIN_SERVER = "quarkus.oidc.page.auth-server-url";
  private static final String CLIENT = "quarkus.oidc.page.client-id";
  private static final String SECRET = "quarkus.oidc.page.token-state-manager.encryption-secret";
  private static final String STATE = "quarkus.oidc.page.authentication.state-secret";

  private static final Map<String, String> TOKENS = Map.of(ENABLED, "true", SERVER, "https://id");
  private static final Map<String, String> PAGE =
      with(TOKENS, LOGIN, "true", CLIENT, "page", LOGIN_SERVER, "https://id");

  private static Map<String, String> with(Map<String, String> keys, String... pairs) {
    Map<String, String> all = new HashMap<>(keys);
    for (int i = 0; i < pairs.length; i += 2) {
      all.put(pairs[i], pairs[i + 1]);
    }
    return all;
  }

  static Stream<Arguments> taken() {
    return Stream.of(
        argumentSet("tokens", TOKENS),
        argumentSet("tokens by a provider that Quarkus knows", google()),
        argumentSet("tokens by a key", Map.of(ENABLED, "true", "quarkus.oidc.public-key", "MIIB")),
        argumentSet("the page, too", PAGE),
        argumentSet("a long secret", with(PAGE, SECRET, "s".repeat(32))),
        argumentSet("a secret that is long in bytes", with(PAGE, SECRET, "\u00e4".repeat(16))),
        argumentSet("a short secret that nobody uses", with(TOKENS, SECRET, "short")));
  }

  private static Map<String, String> google() {
    return Map.of(ENABLED, "true", "quarkus.oidc.provider", "google");
  }

  @ParameterizedTest
  @MethodSource("taken")
  void takes(Map<String, String> keys) {
    assertEquals(Optional.empty(), problem(AuthMode.OIDC, keys));
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        argumentSet("nothing", Map.of(), SERVER),
        argumentSet("switched off", Map.of(SERVER, "https://id"), ENABLED),
        argumentSet("nobody who checks tokens", Map.of(ENABLED, "true"), SERVER),
        argumentSet("no address", with(TOKENS, SERVER, "not-a-url"), SERVER),
        argumentSet("no address by its scheme", with(TOKENS, SERVER, "ldap://id"), SERVER),
        argumentSet("no address by its host", with(TOKENS, SERVER, "https:///realms"), SERVER),
        argumentSet("no address with a blank", with(TOKENS, SERVER, "https://i d"), SERVER),
        argumentSet("no client", with(TOKENS, LOGIN, "true", LOGIN_SERVER, "https://id"), CLIENT),
        argumentSet("nowhere to sign in", with(google(), LOGIN, "true", CLIENT, "page"), SERVER),
        argumentSet("no address of the login", with(PAGE, LOGIN_SERVER, "id"), LOGIN_SERVER),
        argumentSet("a short secret", with(PAGE, SECRET, "s".repeat(31)), SECRET),
        argumentSet("a short secret of the state", with(PAGE, STATE, "short"), STATE));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void namesTheKeyInOneLine(Map<String, String> keys, String key) {
    String problem = problem(AuthMode.OIDC, keys).orElseThrow();

    assertTrue(problem.contains(key), problem);
    assertEquals(1, problem.lines().count());
  }

  @Test
  void showsNoSecret() {
    String problem = problem(AuthMode.OIDC, with(PAGE, SECRET, "hush-hush")).orElseThrow();

    assertFalse(problem.contains("hush"), problem);
  }

  @ParameterizedTest
  @EnumSource(AuthMode.class)
  void letsNobodySignInForATokenThatIsNotTaken(AuthMode mode) {
    Optional<String> problem = problem(mode, PAGE);

    assertEquals(mode == AuthMode.OIDC, problem.isEmpty());
    problem.ifPresent(text -> assertTrue(text.endsWith("set mtls-migration.auth.mode=oidc"), text));
  }

  private static Optional<String> problem(AuthMode mode, Map<String, String> keys) {
    return OpenIdCheck.problem(mode, key -> Optional.ofNullable(keys.get(key)));
  }
}
