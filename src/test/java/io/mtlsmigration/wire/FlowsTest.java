// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How connections are put together from segments. */
final class FlowsTest {

  private static final Instant START = Instant.parse("2026-01-01T12:00:00Z");
  private static final Flow LEGACY = new Flow("10.244.0.8", 38330, 8080);
  private static final Flow MESH = new Flow("10.244.0.7", 44520, 8080);
  private static final byte[] HTTP = "GET /ip HTTP/1.1\r\n\r\n".getBytes(US_ASCII);
  private static final byte[] ISTIO = Greetings.istio("httpbin.foo");
  private static final long CLIENT = 1000;
  private static final long SERVER = 7000;

  private final Flows flows = new Flows();
  private int seen;

  private static TcpHeader syn(long sequence) {
    return new TcpHeader(true, false, false, sequence, 0);
  }

  private static TcpHeader ack(long sequence, long acknowledged) {
    return new TcpHeader(false, true, false, sequence, acknowledged);
  }

  private static TcpHeader rst(long sequence) {
    return new TcpHeader(false, false, true, sequence, 0);
  }

  private void client(Flow flow, TcpHeader header, byte[] payload) {
    flows.fromClient(START.plusMillis(seen++), flow, header, payload);
  }

  private void opens(Flow flow) {
    client(flow, syn(CLIENT), new byte[0]);
  }

  /** Sends bytes of a stream, before the server has said anything. */
  private void sends(Flow flow, byte[] stream, int from, int to) {
    client(
        flow, ack((CLIENT + 1 + from) & 0xFFFFFFFFL, SERVER), Arrays.copyOfRange(stream, from, to));
  }

  private Sighting only() {
    List<Sighting> all = flows.sightings();
    assertEquals(1, all.size(), all::toString);
    return all.getFirst();
  }

  @Test
  void tellsPlaintextThatWasReset() {
    opens(LEGACY);
    sends(LEGACY, HTTP, 0, HTTP.length);
    flows.fromServer(LEGACY, rst(SERVER));

    assertEquals(WireSecurity.PLAINTEXT, only().judgement().security());
    assertEquals(WireAnswer.RESET, only().answer());
    assertEquals(START, only().at());
  }

  @Test
  void tellsPlaintextThatWasAnsweredByWhatTheClientAcknowledges() {
    opens(LEGACY);
    sends(LEGACY, HTTP, 0, HTTP.length);
    client(LEGACY, ack(CLIENT + 1 + HTTP.length, SERVER + 300), HTTP);

    assertEquals(WireAnswer.ANSWERED, only().answer());
  }

  @Test
  void tellsAnAnswerThatEndsInAResetFromARefusal() {
    opens(LEGACY);
    sends(LEGACY, HTTP, 0, HTTP.length);
    flows.fromServer(LEGACY, rst(SERVER + 300));

    assertEquals(WireAnswer.ANSWERED, only().answer());
  }

  @Test
  void doesNotTakeSilenceForEither() {
    opens(LEGACY);
    sends(LEGACY, HTTP, 0, HTTP.length);

    assertEquals(WireAnswer.UNKNOWN, only().answer());
  }

  @Test
  void putsAGreetingTogetherWhateverTheOrderOfItsSegments() {
    opens(MESH);
    sends(MESH, ISTIO, 100, 200);
    sends(MESH, ISTIO, 0, 150);
    sends(MESH, ISTIO, 0, 150);
    sends(MESH, ISTIO, 200, ISTIO.length);

    assertEquals(WireSecurity.ISTIO_MTLS, only().judgement().security());
    assertEquals(WireBasis.BEGINNING, only().judgement().basis());
  }

  /** A client may send a segment again with other bytes, which its server drops. */
  @Test
  void isNotSureOfBytesThatWereSentTwice() {
    opens(LEGACY);
    sends(LEGACY, HTTP, 0, HTTP.length);
    sends(LEGACY, ISTIO, 0, ISTIO.length);

    assertEquals(WireSecurity.UNKNOWN, only().judgement().security());
  }

  @Test
  void doesNotReadPastAGap() {
    opens(MESH);
    sends(MESH, ISTIO, 0, 60);
    sends(MESH, ISTIO, 100, ISTIO.length);

    assertEquals(WireBasis.PARTIAL_HELLO, only().judgement().basis());
  }

  @Test
  void takesTheOpeningSegmentTwiceForOneConnection() {
    opens(LEGACY);
    opens(LEGACY);
    sends(LEGACY, HTTP, 0, HTTP.length);

    assertEquals(WireSecurity.PLAINTEXT, only().judgement().security());
  }

  @Test
  void tellsConnectionsApartThatHaveTheSameAddressOneAfterTheOther() {
    opens(LEGACY);
    sends(LEGACY, HTTP, 0, HTTP.length);
    client(LEGACY, syn(90_000), new byte[0]);
    client(LEGACY, ack(90_001, SERVER), ISTIO);

    assertEquals(
        List.of(WireSecurity.PLAINTEXT, WireSecurity.ISTIO_MTLS),
        flows.sightings().stream().map(s -> s.judgement().security()).toList());
  }

  @Test
  void countsSequenceNumbersAcrossTheirEnd() {
    client(MESH, syn(0xFFFFFFF0L), new byte[0]);
    client(MESH, ack(0xFFFFFFF1L, SERVER), Arrays.copyOf(ISTIO, 100));
    client(MESH, ack(0x55, SERVER), Arrays.copyOfRange(ISTIO, 100, ISTIO.length));

    assertEquals(WireSecurity.ISTIO_MTLS, only().judgement().security());
    assertEquals(WireBasis.BEGINNING, only().judgement().basis());
  }

  @Test
  void saysThatAConnectionWasOpenBefore() {
    client(LEGACY, ack(5_000, SERVER), HTTP);

    assertEquals(WireSecurity.PLAINTEXT, only().judgement().security());
    assertEquals(WireBasis.MIDSTREAM, only().judgement().basis());
  }

  @Test
  void looksAtTheNextSegmentOfAnOpenConnectionWhenOneTellsNothing() {
    client(LEGACY, ack(5_000, SERVER), new byte[] {0, 1, 2, (byte) 0xF1});
    client(LEGACY, ack(5_004, SERVER), HTTP);

    assertEquals(WireSecurity.PLAINTEXT, only().judgement().security());
  }

  @Test
  void leavesOutConnectionsThatThePodItselfMakes() {
    client(MESH, new TcpHeader(true, true, false, CLIENT, SERVER), new byte[0]);
    sends(MESH, HTTP, 0, HTTP.length);

    assertEquals(List.of(), flows.sightings());
  }

  @Test
  void saysOfAClientThatOnlyConnectsThatItSentNothing() {
    opens(LEGACY);
    flows.fromServer(MESH, rst(SERVER));

    assertEquals(WireBasis.NOTHING_SENT, only().judgement().basis());
    assertEquals(WireAnswer.UNKNOWN, only().answer());
  }

  @Test
  void keepsLittleOfALongConnection() {
    opens(LEGACY);
    byte[] much = new byte[1 << 20];
    Arrays.fill(much, (byte) 'x');
    sends(LEGACY, much, 0, much.length);
    sends(LEGACY, much, 5000, much.length);

    assertEquals(WireSecurity.PLAINTEXT, only().judgement().security());
  }
}
