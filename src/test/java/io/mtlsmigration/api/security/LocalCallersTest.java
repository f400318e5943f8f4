// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LocalCallersTest {

  static Stream<Arguments> local() {
    return Stream.of(
        argumentSet("a tool", "127.0.0.1", null),
        argumentSet("a tool, by name", "localhost", null),
        argumentSet("a tool, by IPv6", "[::1]", null),
        argumentSet("a tool, by its port", "localhost:8080", null),
        argumentSet("a tool, by a name below", "mesh.localhost:8080", null),
        argumentSet("the own page", "localhost:8080", "http://localhost:8080"),
        argumentSet("the own page, in capitals", "LOCALHOST:8080", "http://localhost:8080"),
        argumentSet("the own page, port 80", "localhost", "http://localhost"),
        argumentSet("the own page, behind TLS", "localhost:8443", "https://localhost:8443"),
        argumentSet("the own page, by IPv6", "[::1]:8080", "http://[::1]:8080"));
  }

  @ParameterizedTest
  @MethodSource("local")
  void letsPass(String host, String origin) {
    assertDoesNotThrow(() -> LocalCallers.demand(host, origin));
  }

  static Stream<Arguments> foreign() {
    return Stream.of(
        argumentSet("a name made to lead here", "evil.example", null),
        argumentSet("a name that only looks local", "localhost.evil.example", null),
        argumentSet("an address that only looks local", "127.0.0.1.evil.example", null),
        argumentSet("a page of another port", "localhost:8080", "http://localhost:5173"),
        argumentSet("a page of no port", "localhost:8080", "http://localhost"),
        argumentSet("a page of another local name", "localhost:8080", "http://app.localhost:8080"),
        argumentSet("a page of another local address", "127.0.0.1:8080", "http://127.0.0.2:8080"),
        argumentSet("a page with a user", "localhost:8080", "http://evil@localhost:8080"),
        argumentSet("a page with a path", "localhost:8080", "http://localhost:8080/x"),
        argumentSet(
            "a page of another kind", "localhost:8080", "chrome-extension://localhost:8080"),
        argumentSet("a host with a user", "evil.example@localhost:8080", null),
        argumentSet("a host with a user below", "evil@x.localhost:8080", null),
        argumentSet("a host with a path", "evil.example/.localhost", null),
        argumentSet("a host with a line", "evil.example\n.localhost", null),
        argumentSet("no host", "", null),
        argumentSet("a page from elsewhere", "127.0.0.1", "https://evil.example"),
        argumentSet("a page that only looks local", "127.0.0.1", "https://localhost.evil.example"),
        argumentSet("a page without an origin", "127.0.0.1", "null"),
        argumentSet("a page with nonsense", "127.0.0.1", "::::"));
  }

  @ParameterizedTest
  @MethodSource("foreign")
  void turnsAway(String host, String origin) {
    ApiException refusal =
        assertThrows(ApiException.class, () -> LocalCallers.demand(host, origin));

    assertEquals(ErrorCode.FORBIDDEN, refusal.code());
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "portal-5581", "1-67891233-abcdef012345678912345678", "a/b+c=d:e@f"})
  void keepsTheCallersNameOfACall(String id) {
    assertEquals(id, RequestIds.chosen(id));
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"", " ", "a b", "a\"b", "ä", "{}", "a,b"})
  void namesCallsThatHaveNoNameFitToPrint(String id) {
    String chosen = RequestIds.chosen(id);

    assertNotEquals(id, chosen);
    assertEquals(36, chosen.length());
  }
}
