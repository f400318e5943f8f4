// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLSocket;

/**
 * The client program's side of a conversation with a server, over the transport that its proxy has
 * made.
 */
final class ClientConversation {

  /** The number of bytes of a body that are kept. */
  private static final int BODY = 512;

  private final ApplicationTls applications;

  ClientConversation(ApplicationTls applications) {
    this.applications = applications;
  }

  /** Thrown when the applications could not agree on TLS. */
  static final class TlsFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    TlsFailedException(IOException cause) {
      super("no TLS between the applications", cause);
    }
  }

  /** Sends the call, and returns its end. */
  CallEnd talk(Socket transport, PortProtocol protocol, SandboxCall call) throws IOException {
    return switch (protocol) {
      case HTTP, GRPC -> http(transport, call);
      case TCP, SERVER_FIRST -> firstByte(transport);
      case TLS -> https(transport, call);
    };
  }

  private static CallEnd http(Socket transport, SandboxCall call) throws IOException {
    String request =
        "GET %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: curl/8.0\r\nAccept: */*\r\n"
            .formatted(call.path(), call.host());
    // In one write: a reset after it is noticed when reading, as by curl.
    transport
        .getOutputStream()
        .write((request + "Connection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    InputStream in = new BufferedInputStream(transport.getInputStream());
    HttpHead response = HttpHead.read(in);
    return new CallEnd(response.status(), CallEnd.OK, body(in, response.bodyLength()));
  }

  private static String body(InputStream in, long length) throws IOException {
    int wanted = length < 0 ? BODY : (int) Math.min(length, BODY);
    return new String(in.readNBytes(wanted), StandardCharsets.UTF_8)
        .replaceAll("\\p{Cntrl}+", " ")
        .trim();
  }

  /** Sends something, since a proxy is silent before its client is not, and waits for a byte. */
  private static CallEnd firstByte(Socket transport) throws IOException {
    transport.getOutputStream().write('\n');
    if (transport.getInputStream().read() < 0) {
      throw new EOFException("closed before the first byte");
    }
    return CallEnd.exit(CallEnd.OK);
  }

  private CallEnd https(Socket transport, SandboxCall call) throws IOException {
    try (SSLSocket inner = applications.client(transport)) {
      try {
        inner.startHandshake();
      } catch (IOException e) {
        throw new TlsFailedException(e);
      }
      return http(inner, call);
    }
  }
}
