// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.forward;

import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.WritableByteChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A bounded queue between fabric8, which writes, and a reader. A slow reader blocks the writer. */
final class Arrivals implements WritableByteChannel {

  private static final int HELD = 1 << 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<byte[]> parts = new ArrayDeque<>();
  private int held;
  private boolean ended;

  @Override
  public int write(ByteBuffer source) throws InterruptedIOException, ClosedChannelException {
    byte[] part = new byte[source.remaining()];
    lock.lock();
    try {
      while (held >= HELD && !ended) {
        changed.await();
      }
      if (ended) {
        throw new ClosedChannelException();
      }
      source.get(part);
      parts.add(part);
      held += part.length;
      changed.signalAll();
    } catch (InterruptedException e) {
      throw interrupted();
    } finally {
      lock.unlock();
    }
    return part.length;
  }

  /** Returns the next bytes; null at the end. */
  byte @Nullable [] take() throws InterruptedIOException {
    lock.lock();
    try {
      while (parts.isEmpty() && !ended) {
        changed.await();
      }
      byte[] part = parts.poll();
      if (part != null) {
        held -= part.length;
        changed.signalAll();
      }
      return part;
    } catch (InterruptedException e) {
      throw interrupted();
    } finally {
      lock.unlock();
    }
  }

  private static InterruptedIOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted");
  }

  @Override
  public boolean isOpen() {
    lock.lock();
    try {
      return !ended;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the queue; bytes that have arrived can still be taken. */
  @Override
  public void close() {
    lock.lock();
    try {
      ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
