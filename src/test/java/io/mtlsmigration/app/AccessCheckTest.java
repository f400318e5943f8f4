package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.access.AuthMode;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

final class AccessCheckTest {

  static Stream<Arguments> places() {
    return Stream.of(
        argumentSet("nobody asked, on loopback", AuthMode.NONE, "127.0.0.1", false, true),
        argumentSet("nobody asked, on another loopback", AuthMode.NONE, "127.8.0.9", false, true),
        argumentSet("nobody asked, on IPv6 loopback", AuthMode.NONE, "::1", false, true),
        argumentSet("nobody asked, by name", AuthMode.NONE, "localhost", false, true),
        argumentSet("nobody asked, everywhere", AuthMode.NONE, "0.0.0.0", false, false),
        argumentSet("nobody asked, everywhere by IPv6", AuthMode.NONE, "::", false, false),
        argumentSet("nobody asked, on some address", AuthMode.NONE, "192.0.2.1", false, false),
        argumentSet("nobody asked, nowhere", AuthMode.NONE, "", false, false),
        argumentSet("nobody asked, no such name", AuthMode.NONE, "no.such.invalid", false, false),
        argumentSet("tokens, everywhere", AuthMode.KUBERNETES, "0.0.0.0", false, true),
        argumentSet("OpenID, everywhere", AuthMode.OIDC, "0.0.0.0", true, true),
        argumentSet("OpenID, switched off", AuthMode.OIDC, "127.0.0.1", false, false));
  }

  @ParameterizedTest
  @MethodSource("places")
  void starts(AuthMode mode, String host, boolean openId, boolean starts) {
    assertEquals(starts, AccessCheck.problem(mode, host, openId, false).isEmpty());
  }

  @Test
  void saysInOneLineWhatToSet() {
    Optional<String> problem = AccessCheck.problem(AuthMode.NONE, "0.0.0.0", false, false);

    assertEquals(
        "mtls-migration.auth.mode=none is for loopback only, and quarkus.http.host is 0.0.0.0: set"
            + " quarkus.http.host=127.0.0.1, or mtls-migration.auth.mode to kubernetes or oidc",
        problem.orElseThrow());
    assertTrue(problem.get().lines().count() == 1);
  }

  static Stream<Arguments> providers() {
    return Stream.of(
        argumentSet("none", Map.of(), false),
        argumentSet("an empty address", Map.of("quarkus.oidc.auth-server-url", ""), false),
        argumentSet("an address", Map.of("quarkus.oidc.auth-server-url", "https://id"), true),
        argumentSet("one that Quarkus knows", Map.of("quarkus.oidc.provider", "google"), true),
        argumentSet("a key alone", Map.of("quarkus.oidc.public-key", "MIIB"), true));
  }

  @ParameterizedTest
  @MethodSource("providers")
  void knowsWhetherAnybodyChecksTokens(Map<String, String> configuration, boolean named) {
    assertEquals(
        named, AccessCheck.namesProvider(key -> Optional.ofNullable(configuration.get(key))));
  }

  @ParameterizedTest
  @EnumSource(AuthMode.class)
  void letsNobodySignInForATokenThatIsNotTaken(AuthMode mode) {
    Optional<String> problem = AccessCheck.problem(mode, "127.0.0.1", true, true);

    assertEquals(mode == AuthMode.OIDC, problem.isEmpty());
    problem.ifPresent(text -> assertTrue(text.endsWith("set mtls-migration.auth.mode=oidc"), text));
  }
}
