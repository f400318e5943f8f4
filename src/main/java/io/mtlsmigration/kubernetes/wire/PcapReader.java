// SPDX-License-Identifier: Apache-2.0
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
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;

/**
 * Parses tcpdump's capture. The bytes come from a pod, so they may be anything: packets that cannot
 * be read are counted, and nothing is thrown.
 */
final class PcapReader {

  private static final int MAGIC = 4;
  private static final int FILE_HEADER = 24;
  private static final int RECORD_HEADER = 16;
  private static final int ETHERNET_HEADER = 14;
  private static final int IPV4 = 0x0800;
  private static final int IPV6 = 0x86DD;
  private static final int IPV6_HEADER = 40;
  private static final int LONGEST = 0xFFFF;

  private final Flows flows = new Flows();

  /** The offset of the link type in the file's header. */
  private static final int LINK_TYPE = 20;

  private static final int LINUX_SLL = 113;
  private static final int SLL_HEADER = 16;

  /** The offset of the next header's type in an IPv6 header. */
  private static final int NEXT_HEADER = 6;

  private static final int TCP = 6;

  private final SortedSet<Integer> ports;
  private int packets;
  private int unreadable;

  private PcapReader(SortedSet<Integer> ports) {
    this.ports = ports;
  }

  /**
   * The content of a capture.
   *
   * @param unreadable of {@code packets}; one more when the capture ends within a packet
   */
  record Reading(List<Sighting> sightings, int packets, int unreadable) {}

  /** Returns whether bytes begin like a capture, in either byte order. */
  static boolean isCapture(byte[] bytes) {
    if (bytes.length < MAGIC) {
      return false;
    }
    byte[] magic = Arrays.copyOf(bytes, MAGIC);
    return List.of("a1b2c3d4", "d4c3b2a1").contains(java.util.HexFormat.of().formatHex(magic));
  }

  /**
   * Parses a capture.
   *
   * @param ports of the server; the sender to one of them is a client
   */
  static Reading read(byte[] capture, SortedSet<Integer> ports) {
    PcapReader reader = new PcapReader(ports);
    byte[] records = capture.clone();
    int end = mended(records);
    if (end == 0) {
      return new Reading(List.of(), 0, 1);
    }
    if (end < capture.length) {
      reader.unreadable++;
    }
    try {
      Pcap.openStream(new ByteArrayInputStream(records, 0, end)).loop(reader::packet);
    } catch (IOException | RuntimeException | AssertionError e) {
      reader.unreadable++;
    }
    return new Reading(reader.flows.sightings(), reader.packets, reader.unreadable);
  }

  /**
   * Corrects a capture in place where pkts would fail.
   *
   * @return the end of the last complete record; 0 when the file's header is incomplete
   */
  private static int mended(byte[] capture) {
    if (capture.length < FILE_HEADER) {
      return 0;
    }
    boolean little = capture[0] == (byte) 0xD4;
    ByteBuffer records =
        ByteBuffer.wrap(capture).order(little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    int end = FILE_HEADER;
    while (capture.length - end >= RECORD_HEADER) {
      int length = records.getInt(end + 8);
      int frame = end + RECORD_HEADER;
      if (length < 0 || length > capture.length - frame) {
        break;
      }
      // pkts reads no more than the length on the wire, which only forged records make shorter.
      records.putInt(end + 12, length);
      ByteBuffer bytes = ByteBuffer.wrap(capture, frame, length).slice();
      hideExtensions(bytes, records.getInt(LINK_TYPE) == LINUX_SLL ? SLL_HEADER : ETHERNET_HEADER);
      fillIn(bytes);
      end = frame + length;
    }
    return end;
  }

  /**
   * Clears the type of IPv6 frames with extension headers, in which pkts may loop for ever. tcpdump
   * is asked for TCP right after the first header, so that such frames are not of interest.
   *
   * @param header length of what comes before IP; it ends with the type
   */
  private static void hideExtensions(ByteBuffer frame, int header) {
    if (frame.capacity() < header || (frame.getShort(header - 2) & 0xFFFF) != IPV6) {
      return;
    }
    if (frame.capacity() < header + IPV6_HEADER || frame.get(header + NEXT_HEADER) != TCP) {
      frame.putShort(header - 2, (short) 0);
    }
  }

  /**
   * Fills in the length of very large segments (BIG TCP), which the kernel leaves out; pkts would
   * read nothing.
   */
  private static void fillIn(ByteBuffer frame) {
    if (frame.capacity() < ETHERNET_HEADER + IPV6_HEADER) {
      return;
    }
    int ip = frame.capacity() - ETHERNET_HEADER;
    int type = frame.getShort(ETHERNET_HEADER - 2) & 0xFFFF;
    if (type == IPV4 && frame.getShort(ETHERNET_HEADER + 2) == 0) {
      frame.putShort(ETHERNET_HEADER + 2, (short) Math.min(ip, LONGEST));
    } else if (type == IPV6 && frame.getShort(ETHERNET_HEADER + 4) == 0) {
      frame.putShort(ETHERNET_HEADER + 4, (short) Math.min(ip - IPV6_HEADER, LONGEST));
    }
  }

  private boolean packet(Packet packet) {
    packets++;
    try {
      if (packet.getPacket(Protocol.TCP) instanceof TCPPacket tcp) {
        segment(tcp, at(packet));
      } else {
        unreadable++;
      }
    } catch (IOException | RuntimeException | AssertionError e) {
      // pkts asserts its expectations of a frame, where assertions are on.
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

  /** Returns the payload without the padding of short frames, which looks like data. */
  private static byte[] payload(TCPPacket tcp, IPPacket ip) {
    Buffer payload = tcp.getPayload();
    if (payload == null) {
      return new byte[0];
    }
    byte[] bytes = payload.getArray();
    int headers = ip.getHeaderLength() + tcp.getHeaderLength();
    int real = ip.getTotalIPLength() - headers;
    return Arrays.copyOf(bytes, Math.clamp(real, 0, bytes.length));
  }
}
