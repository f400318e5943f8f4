package io.mtlsmigration.sandbox;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.Socket;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The first bytes of a connection, as Envoy's TLS inspector sees them: whether they begin a TLS
 * handshake, and which application protocols the client offers (RFC 8446, 4.1.2; RFC 7301).
 */
final class ClientHello {

  private static final int HANDSHAKE_RECORD = 0x16;
  private static final int RECORD_HEADER = 5;
  private static final int ALPN_EXTENSION = 16;

  private final byte[] consumed;
  private final boolean tls;
  private final List<String> offered;

  private ClientHello(byte[] consumed, boolean tls, List<String> offered) {
    this.consumed = consumed;
    this.tls = tls;
    this.offered = offered;
  }

  /** True when the client closed before it said anything. */
  boolean isSilent() {
    return consumed.length == 0;
  }

  /** True when the first byte is that of a handshake record. */
  boolean tls() {
    return tls;
  }

  /** ALPN names; empty for plaintext, and when the hello cannot be read. */
  List<String> offered() {
    return offered;
  }

  /** Waits for the client's first byte, and takes not a byte more than it needs. */
  static ClientHello sniff(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    int first = in.read();
    if (first < 0) {
      return new ClientHello(new byte[0], false, List.of());
    }
    if (first != HANDSHAKE_RECORD) {
      return new ClientHello(new byte[] {(byte) first}, false, List.of());
    }
    ByteArrayOutputStream record = new ByteArrayOutputStream(600);
    record.write(first);
    record.write(in.readNBytes(RECORD_HEADER - 1));
    if (record.size() == RECORD_HEADER) {
      byte[] header = record.toByteArray();
      record.write(in.readNBytes(((header[3] & 0xFF) << 8) | (header[4] & 0xFF)));
    }
    byte[] bytes = record.toByteArray();
    return new ClientHello(bytes, true, alpn(bytes));
  }

  /** The connection from its first byte on. */
  InputStream replayed(Socket socket) throws IOException {
    return new SequenceInputStream(consumedStream(), socket.getInputStream());
  }

  /** What was read off the connection. */
  InputStream consumedStream() {
    return new ByteArrayInputStream(consumed);
  }

  private static List<String> alpn(byte[] record) {
    try {
      ByteBuffer hello = ByteBuffer.wrap(record);
      skip(hello, RECORD_HEADER + 4 + 2 + 32); // headers, legacy version, random
      skip(hello, hello.get() & 0xFF); // session id
      skip(hello, hello.getShort() & 0xFFFF); // cipher suites
      skip(hello, hello.get() & 0xFF); // compression methods
      int end = (hello.getShort() & 0xFFFF) + hello.position();
      while (hello.position() < end) {
        int type = hello.getShort() & 0xFFFF;
        int length = hello.getShort() & 0xFFFF;
        if (type == ALPN_EXTENSION) {
          return names(hello);
        }
        skip(hello, length);
      }
      return List.of();
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      return List.of(); // no hello that we know; the handshake will say what is wrong with it
    }
  }

  private static List<String> names(ByteBuffer extension) {
    List<String> names = new ArrayList<>();
    int end = (extension.getShort() & 0xFFFF) + extension.position();
    while (extension.position() < end) {
      byte[] name = new byte[extension.get() & 0xFF];
      extension.get(name);
      names.add(new String(name, StandardCharsets.US_ASCII));
    }
    return names;
  }

  private static void skip(ByteBuffer buffer, int bytes) {
    buffer.position(buffer.position() + bytes);
  }
}
