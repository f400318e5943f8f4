// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.wire.ClientHello;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The first bytes of a client, as Envoy's TLS inspector reads them before a filter chain is chosen:
 * a ClientHello, or something else.
 */
final class Greeting {

  private final InputStream in;
  private final byte[] consumed;
  private final @Nullable ClientHello hello;

  private Greeting(InputStream in, byte[] consumed, @Nullable ClientHello hello) {
    this.in = in;
    this.consumed = consumed;
    this.hello = hello;
  }

  /** Returns whether the client closed before it sent anything. */
  boolean isSilent() {
    return consumed.length == 0;
  }

  /** Returns whether the first byte is that of a handshake record. */
  boolean tls() {
    return hello != null;
  }

  /** Returns the ALPN names; empty for plaintext, and when the ClientHello cannot be parsed. */
  List<String> offered() {
    return hello == null ? List.of() : hello.protocols();
  }

  /** Waits for the client's first byte, and reads not a byte more than it needs. */
  static Greeting sniff(InputStream in) throws IOException {
    int first = in.read();
    if (first < 0) {
      return new Greeting(in, new byte[0], null);
    }
    byte[] consumed = {(byte) first};
    if (!ClientHello.begins(consumed)) {
      return new Greeting(in, consumed, null);
    }
    ByteArrayOutputStream greeting = new ByteArrayOutputStream(600);
    greeting.write(first);
    greeting.write(in.readNBytes(ClientHello.RECORD_HEADER - 1));
    if (greeting.size() == ClientHello.RECORD_HEADER) {
      byte[] header = greeting.toByteArray();
      greeting.write(in.readNBytes(((header[3] & 0xFF) << 8) | (header[4] & 0xFF)));
    }
    byte[] bytes = greeting.toByteArray();
    Optional<ClientHello> hello = ClientHello.parse(bytes);
    return new Greeting(in, bytes, hello.orElse(new ClientHello("", List.of(), false)));
  }

  /** Returns the connection's bytes from the first one on. */
  InputStream replayed() {
    return new SequenceInputStream(consumedStream(), in);
  }

  /** Returns the bytes that were read off the connection. */
  InputStream consumedStream() {
    return new ByteArrayInputStream(consumed);
  }
}
