// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.access.AuthMode;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class AccessCheckTest {

  static Stream<Arguments> places() {
    return Stream.of(
        argumentSet("nobody asked, on loopback", AuthMode.NONE, "127.0.0.1", true),
        argumentSet("nobody asked, on another loopback", AuthMode.NONE, "127.8.0.9", true),
        argumentSet("nobody asked, on IPv6 loopback", AuthMode.NONE, "::1", true),
        argumentSet("nobody asked, by name", AuthMode.NONE, "localhost", true),
        argumentSet("nobody asked, everywhere", AuthMode.NONE, "0.0.0.0", false),
        argumentSet("nobody asked, everywhere by IPv6", AuthMode.NONE, "::", false),
        argumentSet("nobody asked, on some address", AuthMode.NONE, "192.0.2.1", false),
        argumentSet("nobody asked, nowhere", AuthMode.NONE, "", false),
        argumentSet("nobody asked, no such name", AuthMode.NONE, "no.such.invalid", false),
        argumentSet("tokens, everywhere", AuthMode.KUBERNETES, "0.0.0.0", true),
        argumentSet("OpenID, everywhere", AuthMode.OIDC, "0.0.0.0", true));
  }

  @ParameterizedTest
  @MethodSource("places")
  void starts(AuthMode mode, String host, boolean starts) {
    assertEquals(starts, AccessCheck.problem(mode, host).isEmpty());
  }

  @Test
  void saysInOneLineWhatToSet() {
    Optional<String> problem = AccessCheck.problem(AuthMode.NONE, "0.0.0.0");

    assertEquals(
        "mtls-migration.auth.mode=none is for loopback only, and quarkus.http.host is 0.0.0.0: set"
            + " quarkus.http.host=127.0.0.1, or mtls-migration.auth.mode to kubernetes or oidc",
        problem.orElseThrow());
    assertTrue(problem.get().lines().count() == 1);
  }
}
