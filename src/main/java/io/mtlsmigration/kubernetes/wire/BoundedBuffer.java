// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.wire;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;

/** A buffer of limited size that reports when it is full; the rest is dropped. */
final class BoundedBuffer extends OutputStream {

  private final int most;
  private final CompletableFuture<Void> full = new CompletableFuture<>();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  BoundedBuffer(int most) {
    this.most = most;
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] buffer, int offset, int length) {
    int room = most - bytes.size();
    bytes.write(buffer, offset, Math.min(room, length));
    if (length >= room) {
      full.complete(null);
    }
  }

  /** Returns a future that completes when no more bytes are accepted. */
  CompletableFuture<Void> full() {
    return full;
  }

  synchronized byte[] toByteArray() {
    return bytes.toByteArray();
  }
}
