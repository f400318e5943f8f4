// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.forward;

import com.fasterxml.jackson.core.JacksonException;
import io.mtlsmigration.mesh.ObjectRef;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * A client for JSON pages that a pod serves to its own host, where a port-forward's connections
 * come from.
 *
 * <p>It speaks HTTP/1.0, so that the body is all that follows the head, without chunks.
 */
public final class PodPage {

  private static final int LONGEST_HEAD = 16 << 10;

  private static final String DATE = "date:";

  /** The mean error of a {@code Date} header, which is truncated to the second. */
  private static final Duration HALF_A_SECOND = Duration.ofMillis(500);

  private final PodPort way;
  private final Clock clock;
  private final int port;
  private final long maxBytes;

  /**
   * Creates a client for one port.
   *
   * @param maxBytes of one page; reading a longer one fails
   */
  public PodPage(PodPort way, Clock clock, int port, long maxBytes) {
    this.way = way;
    this.clock = clock;
    this.port = port;
    this.maxBytes = maxBytes;
  }

  /** A reader of what follows the head. */
  @FunctionalInterface
  public interface Body {
    void read(InputStream json) throws IOException;
  }

  /**
   * Reads a page. Blocks; ends when its thread is interrupted.
   *
   * @param path such as {@code /debug/syncz}
   * @return how far the pod's clock is ahead of ours, to about a second
   * @throws IOException when there is no page; some of it may have been read
   */
  public Duration read(ObjectRef pod, String path, Body body) throws IOException {
    try (InputStream answer = new BufferedInputStream(way.send(pod, port, request(path)))) {
      String head = head(answer);
      int code = code(head);
      if (code != 200) {
        throw new StatusException(code);
      }
      Duration ahead = ahead(head, clock.instant());
      try {
        body.read(new Limited(answer, maxBytes));
      } catch (JacksonException e) {
        FormatException format = new FormatException(e.getOriginalMessage());
        format.initCause(e);
        throw format;
      }
      return ahead;
    }
  }

  private static byte[] request(String path) {
    return ("GET " + path + " HTTP/1.0\r\nHost: localhost\r\nUser-Agent: mtls-migration\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private static String head(InputStream answer) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int ends = 0; // number of bytes of CR LF CR LF seen so far
    while (ends < 4) {
      int next = answer.read();
      if (next < 0) {
        throw head.size() == 0
            ? new PortException(0, "the connection was closed without an answer")
            : new FormatException("the answer is cut off");
      }
      if (head.size() == LONGEST_HEAD) {
        throw new FormatException("the answer begins with no HTTP head");
      }
      head.write(next);
      ends = next == (ends % 2 == 0 ? '\r' : '\n') ? ends + 1 : next == '\r' ? 1 : 0;
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  private static int code(String head) throws IOException {
    int blank = head.startsWith("HTTP/") ? head.indexOf(' ') : -1;
    int code = 0;
    for (int i = 1; i <= 3; i++) {
      char c = blank < 0 || blank + i >= head.length() ? ' ' : head.charAt(blank + i);
      if (c < '0' || c > '9') {
        throw new FormatException("the answer begins with no HTTP head");
      }
      code = 10 * code + c - '0';
    }
    return code;
  }

  private static Duration ahead(String head, Instant now) {
    for (String line : head.lines().toList()) {
      if (line.toLowerCase(Locale.ROOT).startsWith(DATE)) {
        try {
          Instant date =
              ZonedDateTime.parse(
                      line.substring(DATE.length()).strip(), DateTimeFormatter.RFC_1123_DATE_TIME)
                  .toInstant();
          return Duration.between(now, date.plus(HALF_A_SECOND));
        } catch (DateTimeException e) {
          return Duration.ZERO;
        }
      }
    }
    return Duration.ZERO;
  }

  /** A stream that fails after a number of bytes. */
  private static final class Limited extends FilterInputStream {
    private final long most;
    private long left;

    Limited(InputStream in, long most) {
      super(in);
      this.most = most;
      this.left = most;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count = super.read(bytes, offset, length);
      left -= Math.max(0, count);
      if (left < 0) {
        throw new TooLongException(most);
      }
      return count;
    }
  }
}
