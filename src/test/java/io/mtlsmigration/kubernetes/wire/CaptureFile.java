// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.wire;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;

/**
 * A capture as tcpdump writes it (draft-ietf-opsawg-pcap), byte by byte: a file header, and for
 * each segment an Ethernet frame with an IP packet. Checksums are left at zero, as captures on the
 * sending side have them.
 */
final class CaptureFile {

  static final int FIN = 1;
  static final int SYN = 2;
  static final int RST = 4;
  static final int PSH = 8;
  static final int ACK = 16;

  private static final int MAGIC = 0xA1B2C3D4;
  static final int ETHERNET = 1;
  static final int LINUX_SLL2 = 276;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteOrder order;
  private final int linkType;
  private Instant at = Instant.parse("2026-01-01T12:00:00.000001Z");
  private int snaplen = 2048;
  private boolean big;
  private int padding;

  CaptureFile(ByteOrder order, int linkType) {
    this.order = order;
    this.linkType = linkType;
    write(
        buffer(24)
            .putInt(MAGIC)
            .putShort((short) 2)
            .putShort((short) 4)
            .putInt(0)
            .putInt(0)
            .putInt(snaplen)
            .putInt(linkType));
  }

  static CaptureFile ofThisMachine() {
    return new CaptureFile(ByteOrder.LITTLE_ENDIAN, ETHERNET);
  }

  /** Captures no more of each frame from now on. */
  CaptureFile snaplen(int bytes) {
    snaplen = bytes;
    return this;
  }

  /** Segments carry no length from now on, as those of BIG TCP do. */
  CaptureFile withoutLengths() {
    big = true;
    return this;
  }

  /** Frames end in so many zeros from now on. */
  CaptureFile padded(int bytes) {
    padding = bytes;
    return this;
  }

  /** An end of a connection. */
  record End(String ip, int port) {}

  CaptureFile segment(
      End from, End to, int flags, long sequence, long acknowledged, byte[] payload) {
    ByteBuffer tcp = ByteBuffer.allocate(32 + payload.length);
    tcp.putShort((short) from.port()).putShort((short) to.port());
    tcp.putInt((int) sequence).putInt((int) acknowledged);
    tcp.put((byte) 0x80).put((byte) flags).putShort((short) 502).putInt(0);
    // Options as Linux sets them: two fillers and time stamps.
    tcp.put(new byte[] {1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2}).put(payload);
    return frame(linked(from.ip(), ip(from.ip(), to.ip(), 6, tcp.array())));
  }

  CaptureFile datagram(String from, String to) {
    return frame(linked(from, ip(from, to, 17, new byte[] {0, 53, 0, 53, 0, 8, 0, 0})));
  }

  private byte[] ip(String from, String to, int protocol, byte[] content) {
    byte[] source = address(from);
    byte[] destination = address(to);
    if (source.length == 16) {
      return ByteBuffer.allocate(40 + content.length)
          .putInt(6 << 28)
          .putShort((short) (big ? 0 : content.length))
          .put((byte) protocol)
          .put((byte) 64)
          .put(source)
          .put(destination)
          .put(content)
          .array();
    }
    return ByteBuffer.allocate(20 + content.length)
        .put((byte) 0x45)
        .put((byte) 0)
        .putShort((short) (big ? 0 : 20 + content.length))
        .putInt(0x00004000)
        .put((byte) 64)
        .put((byte) protocol)
        .putShort((short) 0)
        .put(source)
        .put(destination)
        .put(content)
        .array();
  }

  private byte[] linked(String from, byte[] packet) {
    boolean six = address(from).length == 16;
    if (linkType == LINUX_SLL2) {
      return ByteBuffer.allocate(20 + packet.length)
          .putShort((short) (six ? 0x86DD : 0x0800))
          .put(new byte[] {0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0})
          .put(packet)
          .array();
    }
    return ByteBuffer.allocate(14 + packet.length + padding)
        .put(new byte[] {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2})
        .putShort((short) (six ? 0x86DD : 0x0800))
        .put(packet)
        .array();
  }

  CaptureFile frame(byte[] bytes) {
    return record(Math.min(snaplen, bytes.length), bytes.length, bytes);
  }

  /** A record, whatever its header says of its length. */
  CaptureFile record(int captured, int length, byte[] bytes) {
    write(
        buffer(16)
            .putInt((int) at.getEpochSecond())
            .putInt(at.getNano() / 1000)
            .putInt(captured)
            .putInt(length));
    out.write(bytes, 0, Math.min(Math.max(captured, 0), bytes.length));
    at = at.plusMillis(1);
    return this;
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  private ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(order);
  }

  private void write(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.capacity()];
    buffer.rewind().get(bytes);
    out.writeBytes(bytes);
  }

  private static byte[] address(String literal) {
    try {
      return InetAddress.getByName(literal).getAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(literal, e);
    }
  }
}
