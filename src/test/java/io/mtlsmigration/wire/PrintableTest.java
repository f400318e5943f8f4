// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What people are shown of a plaintext connection. */
final class PrintableTest {

  static Stream<Arguments> secrets() {
    return Stream.of(
        argumentSet("a header", "GET / HTTP/1.1\r\nAuthorization: Bearer s3cr3t\r\n\r\n"),
        argumentSet("a header of a vendor", "GET / HTTP/1.1\r\nX-Api-Key: s3cr3t\r\n\r\n"),
        argumentSet("a cookie", "POST /a HTTP/1.1\r\nhost: a\r\ncookie: id=s3cr3t\r\n\r\n"),
        argumentSet("a header that goes on for ever", "GET / HTTP/1.1\r\nCookie: a=s3cr3t"),
        argumentSet("a parameter", "GET /in?a=1&access_token=s3cr3t&b=2 HTTP/1.1\r\n\r\n"),
        argumentSet(
            "a parameter of a line that was cut off", "GET /?token=s3cr3t" + "x".repeat(99)),
        argumentSet("a body", "POST /in HTTP/1.1\r\n\r\npassword=s3cr3t"),
        argumentSet("Redis", "*2\r\n$4\r\nAUTH\r\n$6\r\ns3cr3t\r\n"),
        argumentSet("Redis by hand", "auth s3cr3t\r\n"));
  }

  @ParameterizedTest
  @MethodSource("secrets")
  void leavesCredentialsOut(String said) {
    String shown = Printable.beginning(said.getBytes(ISO_8859_1));

    assertFalse(shown.contains("s3"), shown);
    assertFalse(shown.isEmpty());
  }

  @Test
  void showsWhatWasAskedForAndByWhom() {
    String shown =
        Printable.beginning(
            "GET /ip?a=1 HTTP/1.1\r\nHost: httpbin.foo:8000\r\nUser-Agent: curl/8.16.0\r\n\r\n"
                .getBytes(ISO_8859_1));

    assertEquals("GET /ip?a=1 HTTP/1.1..Host: httpbin.foo:8000..User-Agent: curl/8.16.0", shown);
  }

  @Test
  void showsARequestThatHasNoHeaders() {
    assertEquals(
        "GET /ip HTTP/1.0", Printable.beginning("GET /ip HTTP/1.0\r\n\r\n".getBytes(ISO_8859_1)));
    assertEquals(
        "GET /ip HTTP/1.0..", Printable.beginning("GET /ip HTTP/1.0\r\n".getBytes(ISO_8859_1)));
  }

  @Test
  void showsLittleOfProtocolsItDoesNotKnow() {
    String shown = Printable.beginning(("\u0000\u0001" + "x".repeat(200)).getBytes(ISO_8859_1));

    assertEquals(".." + "x".repeat(30), shown);
  }

  @Test
  void neverLetsControlCharactersThrough() {
    assertEquals("GET.[31m....é".replace('é', '.'), Printable.of("GET\u001b[31m\r\n\t\u0007é"));
  }

  static Stream<Arguments> longOnes() {
    return Stream.of(
        argumentSet("a line of parameters", "GET /?" + "key".repeat(1_364) + " HTTP/1.1\r\n\r\n"),
        argumentSet("parameters that were cut off", "?token".repeat(682)),
        argumentSet("headers", "GET / HTTP/1.1\r\n" + "a-token-".repeat(510)),
        argumentSet("dashes", "GET / HTTP/1.1\r\n" + "-".repeat(4_080)),
        argumentSet("short lines", "GET / HTTP/1.1\r\n" + "\n".repeat(4_080)),
        argumentSet("blanks", " ".repeat(4_096)),
        argumentSet("a number without end", "*" + "1".repeat(4_095)),
        argumentSet("capitals", "A".repeat(4_096)));
  }

  @ParameterizedTest
  @MethodSource("longOnes")
  void readsInTimeThatGrowsWithTheLength(String said) {
    byte[] bytes = said.getBytes(ISO_8859_1);

    String shown =
        assertTimeoutPreemptively(Duration.ofSeconds(2), () -> Printable.beginning(bytes));

    assertTrue(shown.length() <= Printable.MOST, shown);
  }

  @Test
  void takesSixteenPrintableBytesForTextAndFewerForNothing() {
    assertTrue(Printable.isText("SELECT * FROM t\r\n".getBytes(ISO_8859_1)));
    assertFalse(Printable.isText("SELECT * FROM".getBytes(ISO_8859_1)));
    assertFalse(Printable.isText(new byte[64]));
  }
}
