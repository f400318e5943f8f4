// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;

/** A connection, and what was read from it; reads without waiting. */
final class Wire implements AutoCloseable {

  private final Socket socket;
  private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
  private boolean over;

  Wire(URI to) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), to.getPort());
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(1);
  }

  void send(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(ISO_8859_1));
  }

  /** The same, unless nobody reads any more. */
  void trickle(String text) {
    if (!over()) {
      try {
        send(text);
      } catch (IOException e) {
        over = true;
      }
    }
  }

  /** True when the other side has closed. */
  boolean over() {
    listen();
    return over;
  }

  String text() {
    listen();
    return heard.toString(ISO_8859_1);
  }

  private void listen() {
    byte[] some = new byte[8192];
    while (!over) {
      try {
        int read = socket.getInputStream().read(some);
        if (read < 0) {
          over = true;
        } else {
          heard.write(some, 0, read);
        }
      } catch (java.net.SocketTimeoutException e) {
        return;
      } catch (IOException e) {
        over = true;
      }
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // It was closed by the other side.
    }
  }
}
