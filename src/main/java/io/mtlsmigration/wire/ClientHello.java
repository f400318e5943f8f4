// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The ClientHello of a TLS client (RFC 8446, 4.1.2), as Envoy's TLS inspector reads it.
 *
 * @param serverName the name that the client asks for (SNI, RFC 6066); empty when it names none
 * @param protocols ALPN names (RFC 7301) in the client's order
 * @param complete false when the bytes end before the ClientHello does; the other components hold
 *     what was read up to there
 */
public record ClientHello(String serverName, List<String> protocols, boolean complete) {

  /** The length of a record header: type, version, length. */
  public static final int RECORD_HEADER = 5;

  private static final int HANDSHAKE_RECORD = 0x16;
  private static final int CLIENT_HELLO = 1;
  private static final int SERVER_NAME = 0;
  private static final int ALPN = 16;

  public ClientHello {
    protocols = List.copyOf(protocols);
  }

  /** Returns whether bytes begin as a TLS handshake does; one byte is enough. */
  public static boolean begins(byte[] bytes) {
    return bytes.length > 0
        && bytes[0] == HANDSHAKE_RECORD
        && (bytes.length < 2 || bytes[1] == 3)
        && (bytes.length < 6 || bytes[5] == CLIENT_HELLO);
  }

  /**
   * Parses a ClientHello.
   *
   * @param bytes the first bytes of a connection, from the client
   * @return empty when they do not begin as one
   */
  public static Optional<ClientHello> parse(byte[] bytes) {
    return begins(bytes) ? Optional.of(new Reader(message(bytes)).read()) : Optional.empty();
  }

  /** Returns the handshake message: records' contents without their headers, as far as they go. */
  private static ByteBuffer message(byte[] bytes) {
    ByteBuffer records = ByteBuffer.wrap(bytes);
    ByteBuffer message = ByteBuffer.allocate(bytes.length);
    while (records.remaining() > RECORD_HEADER
        && records.get(records.position()) == HANDSHAKE_RECORD) {
      int length = records.getShort(records.position() + 3) & 0xFFFF;
      records.position(records.position() + RECORD_HEADER);
      int present = Math.min(length, records.remaining());
      message.put(records.slice(records.position(), present));
      records.position(records.position() + present);
    }
    return message.flip();
  }

  /** Reads as far as the bytes go, and keeps what it has. */
  private static final class Reader {
    private final ByteBuffer message;
    private final List<String> protocols = new ArrayList<>();
    private String serverName = "";

    Reader(ByteBuffer message) {
      this.message = message;
    }

    ClientHello read() {
      boolean complete;
      try {
        extensions();
        complete = true;
      } catch (BufferUnderflowException | IllegalArgumentException e) {
        complete = false; // truncated, or not a ClientHello; the handshake would show it
      }
      return new ClientHello(serverName, protocols, complete);
    }

    private void extensions() {
      skip(message, 4 + 2 + 32); // type and length, legacy version, random
      skip(message, message.get() & 0xFF); // session id
      skip(message, message.getShort() & 0xFFFF); // cipher suites
      skip(message, message.get() & 0xFF); // compression methods
      if (!message.hasRemaining()) {
        return; // TLS before 1.3 may have no extensions
      }
      int end = (message.getShort() & 0xFFFF) + message.position();
      while (message.position() < end) {
        int type = message.getShort() & 0xFFFF;
        int length = message.getShort() & 0xFFFF;
        ByteBuffer extension = message.slice(message.position(), check(length));
        skip(message, length);
        if (type == SERVER_NAME && length > 0) {
          serverName = name(extension);
        } else if (type == ALPN) {
          names(extension);
        }
      }
    }

    private int check(int length) {
      if (length > message.remaining()) {
        throw new BufferUnderflowException();
      }
      return length;
    }

    private static String name(ByteBuffer extension) {
      skip(extension, 2 + 1); // length of the list; type of the name, of which there is only one
      return ascii(extension, extension.getShort() & 0xFFFF);
    }

    private void names(ByteBuffer extension) {
      skip(extension, 2); // length of the list
      while (extension.hasRemaining()) {
        protocols.add(ascii(extension, extension.get() & 0xFF));
      }
    }

    private static String ascii(ByteBuffer from, int length) {
      if (length > from.remaining()) {
        throw new BufferUnderflowException();
      }
      byte[] text = new byte[length];
      from.get(text);
      return Printable.of(new String(text, StandardCharsets.US_ASCII));
    }

    private static void skip(ByteBuffer buffer, int bytes) {
      buffer.position(buffer.position() + bytes);
    }
  }
}
