// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;

/** The container behind a proxy: an httpbin with one answer, or a line-based server. */
final class Application {

  private Application() {}

  /** Asked before each request of a connection. */
  interface Admission {
    /** Returns false when the connection may carry no more requests. */
    boolean next() throws IOException;
  }

  /** Serves requests until one asks to close, or admission ends. */
  static void http(InputStream in, OutputStream out, String origin, Admission admission)
      throws IOException {
    while (true) {
      HttpHead request;
      try {
        request = HttpHead.read(in);
      } catch (EOFException e) {
        return;
      } catch (ProtocolException e) {
        out.write(response("400 Bad Request", "text/plain", "400 Bad Request", true));
        out.flush();
        return;
      }
      if (request.bodyLength() > 0) {
        in.skipNBytes(request.bodyLength());
      }
      if (!admission.next()) {
        return;
      }
      String body = "{\n  \"origin\": \"" + origin + "\"\n}\n";
      out.write(response("200 OK", "application/json", body, request.closes()));
      out.flush();
      if (request.closes()) {
        return;
      }
    }
  }

  private static byte[] response(String status, String type, String body, boolean close) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return ("HTTP/1.1 "
            + status
            + "\r\nContent-Type: "
            + type
            + "\r\nContent-Length: "
            + bytes.length
            + (close ? "\r\nConnection: close" : "")
            + "\r\n\r\n"
            + body)
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Greets if it speaks first, and answers each line until the client closes or sends garbage. */
  static void lines(InputStream in, OutputStream out, boolean first) throws IOException {
    byte[] answer = "READY\n".getBytes(StandardCharsets.US_ASCII);
    if (first) {
      out.write(answer);
      out.flush();
    }
    int b = in.read();
    while (b == '\n' || b == '\r' || b >= ' ') {
      if (b == '\n') {
        out.write(answer);
        out.flush();
      }
      b = in.read();
    }
  }
}
