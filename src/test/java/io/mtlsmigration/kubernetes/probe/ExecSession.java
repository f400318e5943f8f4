// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.probe;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;

/** The API server's end of one exec, by the subprotocol {@code v4.channel.k8s.io} (RFC 6455). */
final class ExecSession implements AutoCloseable {

  static final int STDOUT = 1;
  static final int STATUS = 3;

  private static final String ACCEPTED = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

  private final Socket socket;
  private final BufferedReader in;
  private final OutputStream out;
  private String request = "";

  private ExecSession(Socket socket) throws IOException {
    this.socket = socket;
    this.in =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    this.out = socket.getOutputStream();
  }

  /** Waits for a client, and agrees to its request. */
  static ExecSession accept(ServerSocket api) throws IOException {
    ExecSession session = new ExecSession(api.accept());
    session.agree();
    return session;
  }

  /** Returns the first line of the client's request. */
  String request() {
    return request;
  }

  private void agree() throws IOException {
    String key = "";
    request = in.readLine();
    for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
      if (line.toLowerCase(Locale.ROOT).startsWith("sec-websocket-key:")) {
        key = line.substring(line.indexOf(':') + 1).strip();
      }
    }
    out.write(
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Protocol: v4.channel.k8s.io\r\nSec-WebSocket-Accept: "
                + accepted(key)
                + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  private static String accepted(String key) {
    try {
      return Base64.getEncoder()
          .encodeToString(
              MessageDigest.getInstance("SHA-1")
                  .digest((key + ACCEPTED).getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Sends a message of less than 64 KiB. */
  void send(int channel, byte[] content) throws IOException {
    int length = content.length + 1;
    out.write(
        length < 126
            ? new byte[] {(byte) 0x82, (byte) length, (byte) channel}
            : new byte[] {(byte) 0x82, 126, (byte) (length >> 8), (byte) length, (byte) channel});
    out.write(content);
    out.flush();
  }

  void send(int channel, String text) throws IOException {
    send(channel, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Waits until the client has gone. */
  void awaitEnd() throws IOException {
    while (in.read() >= 0) {}
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
