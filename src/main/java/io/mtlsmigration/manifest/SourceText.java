// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** A source's bytes as text: strictly UTF-8, bounded, without a byte order mark. */
final class SourceText {

  private final BufferedInputStream bytes;

  SourceText(InputStream in, long maxBytes) throws IOException {
    bytes = new BufferedInputStream(new Bounded(in, maxBytes));
    bytes.mark(3);
    if (bytes.read() != 0xEF || bytes.read() != 0xBB || bytes.read() != 0xBF) {
      bytes.reset();
    }
  }

  Reader reader() {
    return new InputStreamReader(
        bytes,
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT));
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
