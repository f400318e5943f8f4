// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The head of an HTTP/1.1 message (RFC 9112), limited to the HTTP that probes need.
 *
 * @param start the request line or status line
 * @param headers by lower-case name; the last one of each name
 */
record HttpHead(String start, Map<String, String> headers) {

  private static final int MAX_BYTES = 16 << 10;

  /**
   * Reads a head and not a byte more.
   *
   * @throws EOFException when the peer closed before the first byte
   * @throws ProtocolException when it is not HTTP
   */
  static HttpHead read(InputStream in) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    int last = 0;
    while (last != END_OF_HEAD) {
      int b = in.read();
      if (b < 0) {
        if (bytes.size() == 0) {
          throw new EOFException("closed before the first byte");
        }
        throw new ProtocolException("closed within the head");
      }
      if (bytes.size() == 0 && (b < 'A' || b > 'Z')) {
        // At once, as servers do: a peer that waits for our handshake would wait for ever.
        throw new ProtocolException("not HTTP");
      }
      bytes.write(b);
      last = (last << 8) | b;
      if (bytes.size() > MAX_BYTES) {
        throw new ProtocolException("head of more than " + MAX_BYTES + " bytes");
      }
    }
    return parse(bytes.toString(StandardCharsets.ISO_8859_1));
  }

  /** CR LF CR LF. */
  private static final int END_OF_HEAD = 0x0D0A0D0A;

  private static HttpHead parse(String text) throws ProtocolException {
    String[] lines = text.split("\r\n", -1);
    if (!lines[0].startsWith("HTTP/1.") && !lines[0].matches("[A-Z]+ \\S+ HTTP/1\\.[01]")) {
      throw new ProtocolException("not HTTP");
    }
    Map<String, String> headers = new HashMap<>();
    for (int i = 1; i < lines.length; i++) {
      int colon = lines[i].indexOf(':');
      if (colon > 0) {
        headers.put(
            lines[i].substring(0, colon).trim().toLowerCase(Locale.ROOT),
            lines[i].substring(colon + 1).trim());
      }
    }
    return new HttpHead(lines[0], headers);
  }

  /** Returns the status of a response. */
  int status() throws ProtocolException {
    String[] parts = start.split(" ", 3);
    try {
      return Integer.parseInt(parts[1]);
    } catch (ArrayIndexOutOfBoundsException | NumberFormatException e) {
      throw new ProtocolException("no status in '" + start + "'");
    }
  }

  boolean closes() {
    return "close".equalsIgnoreCase(headers.get("connection"));
  }

  /** Returns the length of the body; -1 when it ends with the connection. */
  long bodyLength() {
    try {
      return Long.parseLong(headers.getOrDefault("content-length", "-1"));
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
