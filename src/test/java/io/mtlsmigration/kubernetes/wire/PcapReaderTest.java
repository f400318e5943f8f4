// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.wire;

import static io.mtlsmigration.kubernetes.wire.CaptureFile.ACK;
import static io.mtlsmigration.kubernetes.wire.CaptureFile.PSH;
import static io.mtlsmigration.kubernetes.wire.CaptureFile.RST;
import static io.mtlsmigration.kubernetes.wire.CaptureFile.SYN;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.kubernetes.wire.CaptureFile.End;
import io.mtlsmigration.kubernetes.wire.PcapReader.Reading;
import io.mtlsmigration.wire.Flow;
import io.mtlsmigration.wire.Greetings;
import io.mtlsmigration.wire.Sighting;
import io.mtlsmigration.wire.WireAnswer;
import io.mtlsmigration.wire.WireBasis;
import io.mtlsmigration.wire.WireSecurity;
import java.nio.ByteOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read out of captures, whose bytes come from somebody else's pod. */
final class PcapReaderTest {

  private static final SortedSet<Integer> PORTS = new TreeSet<>(List.of(8080));
  private static final End SERVER = new End("10.244.0.4", 8080);
  private static final End LEGACY = new End("10.244.0.8", 38330);
  private static final End MESH = new End("10.244.0.7", 44520);
  private static final byte[] NOTHING = {};
  private static final byte[] HTTP =
      "GET /ip HTTP/1.1\r\nHost: httpbin.foo:8000\r\n\r\n".getBytes(US_ASCII);
  private static final byte[] ISTIO =
      Greetings.istio("outbound_.8000_._.httpbin.foo.svc.cluster.local");

  /** A client that is refused as Envoy refuses plaintext. */
  private static CaptureFile refused(CaptureFile file, End client, End server) {
    return file.segment(client, server, SYN, 1000, 0, NOTHING)
        .segment(client, server, ACK | PSH, 1001, 7001, HTTP)
        .segment(server, client, RST, 7001, 0, NOTHING);
  }

  /** A client that is let in: its second segment acknowledges an answer. */
  private static CaptureFile greeted(CaptureFile file, End client, End server, byte[] hello) {
    return file.segment(client, server, SYN, 0xFFFFFF00L, 0, NOTHING)
        .segment(client, server, ACK | PSH, 0xFFFFFF01L, 9001, hello)
        .segment(client, server, ACK | PSH, 0xFFFFFF01L + hello.length, 11_000, new byte[] {20, 3});
  }

  private static Reading read(CaptureFile file) {
    return PcapReader.read(file.bytes(), PORTS);
  }

  @Test
  void readsWhoSpokePlaintextAndWhoIstioMutualTls() {
    Reading reading =
        read(greeted(refused(CaptureFile.ofThisMachine(), LEGACY, SERVER), MESH, SERVER, ISTIO));

    assertEquals(6, reading.packets());
    assertEquals(0, reading.unreadable());
    Sighting legacy = reading.sightings().get(0);
    assertEquals(new Flow("10.244.0.8", 38330, 8080), legacy.flow());
    assertEquals(Instant.parse("2026-01-01T12:00:00.000001Z"), legacy.at());
    assertEquals(WireSecurity.PLAINTEXT, legacy.judgement().security());
    assertTrue(legacy.judgement().firstBytes().startsWith("GET /ip"));
    assertEquals(WireAnswer.RESET, legacy.answer());
    Sighting mesh = reading.sightings().get(1);
    assertEquals(WireSecurity.ISTIO_MTLS, mesh.judgement().security());
    assertEquals(List.of("istio-peer-exchange", "istio"), mesh.judgement().protocols());
    assertEquals("outbound_.8000_._.httpbin.foo.svc.cluster.local", mesh.judgement().serverName());
    assertEquals(WireAnswer.ANSWERED, mesh.answer());
  }

  @Test
  void readsTheOtherByteOrder() {
    CaptureFile file = new CaptureFile(ByteOrder.BIG_ENDIAN, CaptureFile.ETHERNET);

    Reading reading = read(refused(file, LEGACY, SERVER));

    assertTrue(PcapReader.isCapture(file.bytes()));
    assertEquals(WireAnswer.RESET, reading.sightings().getFirst().answer());
    assertEquals(Instant.parse("2026-01-01T12:00:00.000001Z"), reading.sightings().getFirst().at());
  }

  @Test
  void readsIpv6() {
    End server = new End("fd00:10:244::4", 8080);

    Reading reading =
        read(refused(CaptureFile.ofThisMachine(), new End("fd00:10:244::8", 40_000), server));

    assertEquals(0, reading.unreadable());
    assertEquals(
        new Flow("fd00:10:244:0:0:0:0:8", 40_000, 8080), reading.sightings().getFirst().flow());
    assertEquals(WireSecurity.PLAINTEXT, reading.sightings().getFirst().judgement().security());
  }

  @Test
  void tellsOtherTlsFromIstios() {
    byte[] hello = Greetings.hello("httpbin.example.com", "h2", "http/1.1");

    Reading reading = read(greeted(CaptureFile.ofThisMachine(), LEGACY, SERVER, hello));

    assertEquals(WireSecurity.TLS, reading.sightings().getFirst().judgement().security());
    assertEquals(WireBasis.BEGINNING, reading.sightings().getFirst().judgement().basis());
  }

  @Test
  void readsWhatASnaplenHasLeftOfASegment() {
    CaptureFile file = CaptureFile.ofThisMachine().snaplen(14 + 20 + 32 + 60);

    Reading reading = read(greeted(file, MESH, SERVER, ISTIO));

    assertEquals(0, reading.unreadable());
    assertEquals(WireBasis.PARTIAL_HELLO, reading.sightings().getFirst().judgement().basis());
  }

  @ParameterizedTest
  @ValueSource(strings = {"10.244.0.8", "fd00:10:244::8"})
  void readsSegmentsOfBigTcpWhichHaveNoLength(String client) {
    End server = client.contains(":") ? new End("fd00:10:244::4", 8080) : SERVER;
    CaptureFile file = CaptureFile.ofThisMachine().withoutLengths();

    Reading reading = read(greeted(file, new End(client, 40_000), server, ISTIO));

    assertEquals(0, reading.unreadable());
    assertEquals(WireSecurity.ISTIO_MTLS, reading.sightings().getFirst().judgement().security());
  }

  @Test
  void doesNotTakeThePaddingOfAShortFrameForData() {
    CaptureFile file = CaptureFile.ofThisMachine().padded(6);

    Reading reading = read(file.segment(LEGACY, SERVER, SYN, 1000, 0, NOTHING));

    assertEquals(WireBasis.NOTHING_SENT, reading.sightings().getFirst().judgement().basis());
  }

  @Test
  void countsWhatIsNoTcp() {
    Reading reading = read(CaptureFile.ofThisMachine().datagram("10.0.0.1", "10.0.0.2"));

    assertEquals(1, reading.packets());
    assertEquals(1, reading.unreadable());
    assertEquals(List.of(), reading.sightings());
  }

  @Test
  void countsEveryPacketOfAnInterfaceThatIsNoEthernet() {
    CaptureFile file = new CaptureFile(ByteOrder.LITTLE_ENDIAN, CaptureFile.LINUX_SLL2);

    Reading reading = read(refused(file, LEGACY, SERVER));

    assertEquals(reading.packets(), reading.unreadable());
    assertEquals(List.of(), reading.sightings());
  }

  @Test
  void losesAtMostOnePacketOfACaptureThatIsCutOffAnywhere() {
    byte[] whole = refused(CaptureFile.ofThisMachine(), LEGACY, SERVER).bytes();
    for (int length = 0; length < whole.length; length++) {
      Reading reading = PcapReader.read(Arrays.copyOf(whole, length), PORTS);

      assertTrue(reading.unreadable() <= 1, "cut off at " + length + ": " + reading);
      assertTrue(reading.packets() <= 3, "cut off at " + length + ": " + reading);
    }
  }

  @Test
  void saysThatACaptureEndsWithinAPacket() {
    byte[] whole = refused(CaptureFile.ofThisMachine(), LEGACY, SERVER).bytes();
    int withinTheLast = whole.length - 10;
    int withinItsHeader = whole.length - 70;

    assertEquals(1, PcapReader.read(Arrays.copyOf(whole, withinTheLast), PORTS).unreadable());
    assertEquals(1, PcapReader.read(Arrays.copyOf(whole, withinItsHeader), PORTS).unreadable());
  }

  static Stream<Arguments> hostile() {
    byte[] frame = new byte[60];
    return Stream.of(
        argumentSet("nothing", new byte[0]),
        argumentSet("a header alone", CaptureFile.ofThisMachine().bytes()),
        argumentSet(
            "a record of two gigabytes",
            file().record(Integer.MAX_VALUE, Integer.MAX_VALUE, frame)),
        argumentSet("a record of minus one byte", file().record(-1, -1, frame)),
        argumentSet("a record of less than nothing", file().record(60, Integer.MIN_VALUE, frame)),
        argumentSet("empty records", file().record(0, 0, frame).record(0, 60, frame)),
        argumentSet("a frame of zeros", file().frame(frame)),
        argumentSet("half an Ethernet header", file().frame(new byte[7])),
        argumentSet("an IP header that is too short", file().frame(Arrays.copyOf(ipv4(0x45), 20))),
        argumentSet("an IP header that is longer than it is", file().frame(ipv4(0x4F))),
        argumentSet("an IP header of no length", file().frame(ipv4(0x40))),
        argumentSet("a TCP header of no length", file().frame(tcp(0))),
        argumentSet("a TCP header that is longer than it is", file().frame(tcp(0xF0))));
  }

  private static CaptureFile file() {
    return CaptureFile.ofThisMachine();
  }

  private static byte[] ipv4(int versionAndLength) {
    byte[] frame = tcp(0x50);
    frame[14] = (byte) versionAndLength;
    return frame;
  }

  private static byte[] tcp(int dataOffset) {
    byte[] whole = file().segment(LEGACY, SERVER, SYN, 1, 0, NOTHING).bytes();
    byte[] frame = Arrays.copyOfRange(whole, 24 + 16, whole.length);
    frame[14 + 20 + 12] = (byte) dataOffset;
    return frame;
  }

  @ParameterizedTest
  @MethodSource("hostile")
  void neverThrowsForBytesThatMeanHarm(Object what) {
    byte[] bytes = what instanceof CaptureFile file ? file.bytes() : (byte[]) what;

    Reading reading =
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> PcapReader.read(bytes, PORTS));

    assertTrue(reading.unreadable() <= reading.packets() + 1, reading::toString);
  }

  @Test
  void readsOnAfterFramesThatCannotBeRead() {
    CaptureFile file = file().frame(new byte[60]).frame(new byte[7]).frame(ipv4(0x4F));
    file.frame(Arrays.copyOf(ipv4(0x45), 20)).frame(tcp(0xF0));

    Reading reading = read(refused(file, LEGACY, SERVER));

    assertEquals(1, reading.sightings().size(), reading::toString);
    assertEquals(WireAnswer.RESET, reading.sightings().getFirst().answer());
  }

  @Test
  void neverThrowsForBytesThatMeanNothing() {
    byte[] whole = greeted(refused(file(), LEGACY, SERVER), MESH, SERVER, ISTIO).bytes();
    Random random = new Random(1);
    for (int i = 0; i < 3000; i++) {
      byte[] broken = whole.clone();
      for (int n = random.nextInt(8); n >= 0; n--) {
        broken[24 + random.nextInt(broken.length - 24)] = (byte) random.nextInt();
      }
      Reading reading = PcapReader.read(broken, PORTS);
      assertTrue(reading.unreadable() <= reading.packets() + 1, reading::toString);
    }
  }

  @Test
  void knowsACaptureByItsFirstBytes() {
    assertTrue(PcapReader.isCapture(file().bytes()));
    assertFalse(PcapReader.isCapture(Arrays.copyOf(file().bytes(), 3)));
    assertFalse(PcapReader.isCapture("tcpdump: eth0: no such device".getBytes(US_ASCII)));
  }
}
