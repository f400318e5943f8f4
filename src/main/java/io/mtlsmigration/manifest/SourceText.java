// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.FilterInputStream;
import java.io.FilterReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** A source's bytes as text: strictly UTF-8, bounded, without a byte order mark. */
final class SourceText {

  private static final int SNIFFED = 64 << 10;

  private final BufferedInputStream bytes;

  SourceText(InputStream in, long maxBytes) throws IOException {
    bytes = new BufferedInputStream(new Bounded(in, maxBytes), SNIFFED);
    bytes.mark(3);
    if (bytes.read() != 0xEF || bytes.read() != 0xBB || bytes.read() != 0xBF) {
      bytes.reset();
    }
  }

  /**
   * Returns whether the text begins like a JSON object. JSON is a subset of YAML, but not of what a
   * YAML scanner accepts (keys of any length, escaped surrogates, consecutive documents without a
   * marker); and a YAML flow mapping with bare keys is not JSON.
   */
  boolean looksLikeJson() throws IOException {
    bytes.mark(SNIFFED);
    int first = nextVisible(SNIFFED / 2);
    int second = first == '{' ? nextVisible(SNIFFED / 2) : -1;
    bytes.reset();
    return second == '"' || second == '}';
  }

  Reader reader() {
    return new InputStreamReader(
        bytes,
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT));
  }

  /**
   * Returns the text without the lines that part documents, which generators print between JSON
   * texts as between others. No JSON text has such a line: in a string it would be escaped.
   */
  Reader readerOfJson() {
    return new WithoutMarkers(reader());
  }

  private int nextVisible(int atMost) throws IOException {
    for (int i = 0; i < atMost; i++) {
      int b = bytes.read();
      if (b != ' ' && b != '\t' && b != '\n' && b != '\r') {
        return b;
      }
    }
    return -1;
  }

  /** Blanks {@code ---} at the beginning of a line. */
  private static final class WithoutMarkers extends FilterReader {
    private static final int DASHES = 3;

    private boolean lineBegins;

    /** The number of dashes of a marker that are still to come. */
    private int left;

    WithoutMarkers(Reader in) {
      super(new BufferedReader(in));
    }

    @Override
    public int read() throws IOException {
      char[] one = new char[1];
      return read(one, 0, 1) < 0 ? -1 : one[0];
    }

    @Override
    public int read(char[] buffer, int offset, int length) throws IOException {
      int n = in.read(buffer, offset, length);
      for (int i = offset; i < offset + n; i++) {
        if (lineBegins && buffer[i] == '-' && isMarker(buffer, i, offset + n)) {
          left = DASHES;
        }
        lineBegins = buffer[i] == '\n' || buffer[i] == '\r';
        if (left > 0) {
          buffer[i] = ' ';
          left--;
        }
      }
      return n;
    }

    private boolean isMarker(char[] buffer, int at, int end) throws IOException {
      in.mark(DASHES);
      boolean marker = true;
      for (int i = at + 1; marker && i <= at + DASHES; i++) {
        int c = i < end ? buffer[i] : in.read();
        marker = i < at + DASHES ? c == '-' : c < 0 || Character.isWhitespace(c);
      }
      in.reset();
      return marker;
    }
  }

  /** Thrown when the source is longer than allowed. */
  static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;

    TooLargeException() {
      super("too large");
    }
  }

  private static final class Bounded extends FilterInputStream {
    private long left;

    Bounded(InputStream in, long maxBytes) {
      super(in);
      this.left = maxBytes;
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      if (b >= 0) {
        took(1);
      }
      return b;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int n = super.read(buffer, offset, length);
      if (n > 0) {
        took(n);
      }
      return n;
    }

    private void took(int n) throws TooLargeException {
      left -= n;
      if (left < 0) {
        throw new TooLargeException();
      }
    }
  }
}
