// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

import static io.mtlsmigration.wire.Greetings.hello;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.testing.Seeds;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ClassifierTest {

  private static final String SNI = "outbound_.8000_._.httpbin.foo.svc.cluster.local";
  private static final int PORT = 8080;
  private static final byte[] HTTP = "GET /ip HTTP/1.1\r\nHost: httpbin\r\n\r\n".getBytes(US_ASCII);
  private static final byte[] ISTIO = Greetings.istio(SNI);
  private static final byte[] OTHER = hello("httpbin.example.com", "h2", "http/1.1");

  /** One record of application data, TLS 1.2 on the outside as TLS 1.3 has it. */
  private static final byte[] RECORD = {23, 3, 3, 0, 3, (byte) 0xC1, 0x05, (byte) 0xF0};

  static Stream<Arguments> beginnings() {
    return Stream.of(
        argumentSet("HTTP", HTTP, PORT, WireSecurity.PLAINTEXT, WireBasis.BEGINNING),
        argumentSet(
            "binary that is no TLS",
            new byte[] {0, 0, 0, 8, 4, (byte) 0xD2},
            PORT,
            WireSecurity.PLAINTEXT,
            WireBasis.BEGINNING),
        argumentSet(
            "a TLS alert first, which no client sends",
            new byte[] {21, 3, 3, 0, 2, 2, 40},
            PORT,
            WireSecurity.PLAINTEXT,
            WireBasis.BEGINNING),
        argumentSet("Istio's sidecar", ISTIO, PORT, WireSecurity.ISTIO_MTLS, WireBasis.BEGINNING),
        argumentSet("HTTPS", OTHER, PORT, WireSecurity.TLS, WireBasis.BEGINNING),
        argumentSet(
            "a name like Istio's is no proof",
            hello(SNI, "h2"),
            PORT,
            WireSecurity.TLS,
            WireBasis.BEGINNING),
        argumentSet(
            "a tunnel",
            hello("node", "h2"),
            Classifier.TUNNEL_PORT,
            WireSecurity.ISTIO_MTLS,
            WireBasis.BEGINNING),
        argumentSet(
            "HTTPS on the tunnel's port",
            hello("node", "http/1.1"),
            Classifier.TUNNEL_PORT,
            WireSecurity.TLS,
            WireBasis.BEGINNING),
        argumentSet(
            "half a greeting",
            Arrays.copyOf(ISTIO, 60),
            PORT,
            WireSecurity.TLS,
            WireBasis.PARTIAL_HELLO),
        argumentSet(
            "one byte of a greeting",
            new byte[] {0x16},
            PORT,
            WireSecurity.TLS,
            WireBasis.PARTIAL_HELLO),
        argumentSet("nothing", new byte[0], PORT, WireSecurity.UNKNOWN, WireBasis.NOTHING_SENT));
  }

  @ParameterizedTest
  @MethodSource("beginnings")
  void judgesAConnectionByItsFirstBytes(
      byte[] bytes, int port, WireSecurity security, WireBasis basis) {
    Judgement judgement = Classifier.judge(bytes, true, port);

    assertEquals(security, judgement.security());
    assertEquals(basis, judgement.basis());
  }

  static Stream<Arguments> middles() {
    return Stream.of(
        argumentSet("a record", RECORD, WireSecurity.TLS),
        argumentSet("text", HTTP, WireSecurity.PLAINTEXT),
        argumentSet("anything else", new byte[] {0, 0, 0, 8, 4, (byte) 0xD2}, WireSecurity.UNKNOWN),
        argumentSet("too little", new byte[] {23, 3, 3}, WireSecurity.UNKNOWN),
        argumentSet("a record without length", new byte[] {23, 3, 3, 0, 0}, WireSecurity.UNKNOWN));
  }

  @ParameterizedTest
  @MethodSource("middles")
  void isCarefulWithConnectionsThatWereOpenBefore(byte[] bytes, WireSecurity security) {
    Judgement judgement = Classifier.judge(bytes, false, PORT);

    assertEquals(security, judgement.security());
    assertEquals(WireBasis.MIDSTREAM, judgement.basis());
  }

  @Test
  void takesAGreetingForTheBeginningThoughTheHandshakeOfTcpWasMissed() {
    Judgement judgement = Classifier.judge(ISTIO, false, PORT);

    assertEquals(WireSecurity.ISTIO_MTLS, judgement.security());
    assertEquals(WireBasis.BEGINNING, judgement.basis());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"istio", "istio-peer-exchange", "istio-http/1.0", "istio-http/1.1", "istio-h2"})
  void knowsEachOfIstiosProtocols(String protocol) {
    Judgement judgement = Classifier.judge(hello(SNI, "h2", protocol), true, PORT);

    assertEquals(WireSecurity.ISTIO_MTLS, judgement.security());
  }

  @Test
  void showsWhatATlsClientAsksFor() {
    Judgement judgement = Classifier.judge(ISTIO, true, PORT);

    assertEquals(SNI, judgement.serverName());
    assertEquals(Greetings.ISTIO, judgement.protocols());
    assertEquals("", judgement.firstBytes());
  }

  @Test
  void showsTheFirstBytesOfPlaintextAndNoMoreThanThose() {
    byte[] secrets = ("GET /ip HTTP/1.1\r\n\u0007" + "x".repeat(5000)).getBytes(US_ASCII);

    String shown = Classifier.judge(secrets, true, PORT).firstBytes();

    assertTrue(shown.startsWith("GET /ip HTTP/1.1"), shown);
    assertTrue(shown.length() < 300, "some " + shown.length());
    assertFalse(shown.chars().anyMatch(Character::isISOControl), shown);
  }

  @Test
  void readsWhateverAClientSays() {
    Seeds.each(
        2_000,
        draw -> {
          byte[] bytes = draw.bytes(draw.of(0, 10, 300));
          if (draw.coin() && bytes.length > 5) {
            bytes[0] = 0x16;
            bytes[1] = 3;
            bytes[5] = 1;
          }

          Judgement judgement = Classifier.judge(bytes, draw.coin(), PORT);

          assertEquals(
              bytes.length == 0,
              judgement.basis() == WireBasis.NOTHING_SENT,
              () -> Arrays.toString(bytes));
        });
  }

  @Test
  void readsGreetingsThatAreCutOffOrBrokenAnywhere() {
    Seeds.each(
        2_000,
        draw -> {
          byte[] broken = Arrays.copyOf(ISTIO, draw.between(7, ISTIO.length));
          broken[draw.between(6, broken.length - 1)] = (byte) draw.below(256);

          Judgement judgement = Classifier.judge(broken, true, PORT);

          assertTrue(
              judgement.security() == WireSecurity.TLS
                  || judgement.security() == WireSecurity.ISTIO_MTLS,
              () -> judgement + " of " + Arrays.toString(broken));
        });
  }
}
