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
        argumentSet("the own page", "localhost", "http://localhost:8080"),
        argumentSet("a page of this machine", "127.0.0.1", "http://app.localhost:5173"),
        argumentSet("the own page, by IPv6", "[::1]", "http://[::1]:8080"));
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
