// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Function;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A large answer, written and compressed once for all who ask while it is the same. It may be done
 * twice when two requests come at once.
 */
final class WrittenOnce {

  private final Object view;
  private volatile @Nullable Body body;
  private volatile byte @Nullable [] gzip;

  /** Its bytes, and their hash. */
  static final class Body {
    private final byte[] bytes;
    private final String hash;

    Body(byte[] bytes, String hash) {
      this.bytes = bytes;
      this.hash = hash;
    }

    byte[] bytes() {
      return bytes;
    }

    String hash() {
      return hash;
    }
  }

  WrittenOnce(Object view) {
    this.view = view;
  }

  boolean isOf(Object other) {
    return view.equals(other);
  }

  Body body(Function<Object, Body> write) {
    Body known = body;
    if (known == null) {
      known = write.apply(view);
      body = known;
    }
    return known;
  }

  byte[] gzip(Body plain) {
    byte[] known = gzip;
    if (known == null) {
      ByteArrayOutputStream packed = new ByteArrayOutputStream();
      try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
        out.write(plain.bytes);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      known = packed.toByteArray();
      gzip = known;
    }
    return known;
  }
}
