// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.forward;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.PortForward;
import io.fabric8.kubernetes.client.http.WebSocketHandshakeException;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** The bytes that come back through a port-forward. */
final class ForwardedStream extends InputStream {

  private final PortForward way;
  private final Arrivals arrivals;
  private byte[] current = new byte[0];
  private int position;

  ForwardedStream(PortForward way, Arrivals arrivals) {
    this.way = way;
    this.arrivals = arrivals;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    while (position == current.length) {
      byte[] next = arrivals.take();
      if (next == null) {
        // fabric8 records the error before it closes the channel.
        for (Throwable failure : way.getServerThrowables()) {
          throw understood(failure);
        }
        return -1;
      }
      current = next;
      position = 0;
    }
    int count = Math.min(length, current.length - position);
    System.arraycopy(current, position, bytes, offset, count);
    position += count;
    return count;
  }

  private static PortException understood(Throwable failure) {
    int code = 0;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      code = Math.max(code, code(cause));
    }
    String message = innermost(failure);
    PortException refusal =
        new PortException(code, code == 0 ? message : "HTTP " + code + ", " + message);
    refusal.initCause(failure);
    return refusal;
  }

  private static int code(Throwable failure) {
    return switch (failure) {
      case WebSocketHandshakeException refused -> refused.getResponse().code();
      case KubernetesClientException refused -> refused.getCode();
      default -> 0;
    };
  }

  private static String innermost(Throwable failure) {
    String message = failure.toString();
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      String said = cause.getMessage();
      message = said == null || said.isBlank() ? message : said;
    }
    return message.strip();
  }

  @Override
  public void close() throws IOException {
    arrivals.close();
    way.close();
  }
}
