package io.mtlsmigration.kubernetes.wire;

import io.mtlsmigration.wire.Flow;
import io.mtlsmigration.wire.Flows;
import io.mtlsmigration.wire.Sighting;
import io.mtlsmigration.wire.TcpHeader;
import io.pkts.Pcap;
import io.pkts.buffer.Buffer;
import io.pkts.packet.IPPacket;
import io.pkts.packet.Packet;
import io.pkts.packet.TCPPacket;
import io.pkts.protocol.Protocol;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;

/**
 * Reads what tcpdump wrote. The bytes come from a pod, so they may be anything: what cannot be read
 * is counted and never thrown.
 */
final class PcapReader {

  private static final int MAGIC = 4;

  private final Flows flows = new Flows();
  private final SortedSet<Integer> ports;
  private int packets;
  private int unreadable;

  private PcapReader(SortedSet<Integer> ports) {
    this.ports = ports;
  }

  /**
   * What a capture shows.
   *
   * @param unreadable of {@code packets}; one more when the capture ends within a packet
   */
  record Reading(List<Sighting> sightings, int packets, int unreadable) {}

  /** Whether bytes begin as a capture does, in either byte order. */
  static boolean isCapture(byte[] bytes) {
    if (bytes.length < MAGIC) {
      return false;
    }
    byte[] magic = Arrays.copyOf(bytes, MAGIC);
    return List.of("a1b2c3d4", "d4c3b2a1").contains(java.util.HexFormat.of().formatHex(magic));
  }

  /**
   * Reads a capture.
   *
   * @param ports of the server; who sends to one of them is a client
   */
  static Reading read(byte[] capture, SortedSet<Integer> ports) {
    PcapReader reader = new PcapReader(ports);
    try {
      Pcap.openStream(new ByteArrayInputStream(capture)).loop(reader::packet);
    } catch (IOException | RuntimeException e) {
      reader.unreadable++; // pkts says so of a packet that is cut off, in one of many ways
    }
    return new Reading(reader.flows.sightings(), reader.packets, reader.unreadable);
  }

  private boolean packet(Packet packet) {
    packets++;
    try {
      if (packet.getPacket(Protocol.TCP) instanceof TCPPacket tcp) {
        segment(tcp, at(packet));
      } else {
        unreadable++;
      }
    } catch (IOException | RuntimeException e) {
      unreadable++;
    }
    return true;
  }

  private static Instant at(Packet packet) {
    return Instant.EPOCH.plus(packet.getArrivalTime(), ChronoUnit.MICROS);
  }

  private void segment(TCPPacket tcp, Instant at) throws IOException {
    IPPacket ip = tcp.getParentPacket();
    TcpHeader header =
        new TcpHeader(
            tcp.isSYN(),
            tcp.isACK(),
            tcp.isRST(),
            tcp.getSequenceNumber(),
            tcp.getAcknowledgementNumber());
    if (ports.contains(tcp.getDestinationPort())) {
      Flow flow =
          new Flow(text(ip.getRawSourceIP()), tcp.getSourcePort(), tcp.getDestinationPort());
      flows.fromClient(at, flow, header, payload(tcp, ip));
    } else {
      Flow flow =
          new Flow(text(ip.getRawDestinationIP()), tcp.getDestinationPort(), tcp.getSourcePort());
      flows.fromServer(flow, header);
    }
  }

  private static String text(byte[] address) throws IOException {
    return InetAddress.getByAddress(address).getHostAddress();
  }

  /**
   * Without the padding of short frames, which looks like data. A length that is less than that of
   * the headers was left out by the kernel: very large segments have none (BIG TCP).
   */
  private static byte[] payload(TCPPacket tcp, IPPacket ip) {
    Buffer payload = tcp.getPayload();
    if (payload == null) {
      return new byte[0];
    }
    byte[] bytes = payload.getArray();
    int headers = ip.getHeaderLength() + tcp.getHeaderLength();
    int real = ip.getTotalIPLength() - headers;
    return real < 0 ? bytes : Arrays.copyOf(bytes, Math.min(real, bytes.length));
  }
}
