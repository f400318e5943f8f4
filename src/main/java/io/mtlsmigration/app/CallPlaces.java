// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Slots for concurrent calls, with a bound on the calls that wait for one. A caller gets no more
 * than a share of either, so that no single caller keeps all others waiting.
 */
final class CallPlaces {

  private static final String OF_THIS_CALLER = "Too many calls of this caller wait for the leader";
  private static final String OF_ALL = "Too many calls wait for the leader";

  /**
   * The limits of calls.
   *
   * @param working calls that have a slot
   * @param waiting calls beyond those
   */
  record Bound(int working, int waiting) {}

  private final Semaphore places;
  private final Bound ofAll;
  private final Bound ofOne;
  private final long waitNanos;
  private final Map<String, Share> shares = new HashMap<>();

  /**
   * Creates the slots.
   *
   * @param ofAll limits of all callers together
   * @param ofOne limits of one caller
   * @param wait the longest wait for a slot
   */
  CallPlaces(Bound ofAll, Bound ofOne, Duration wait) {
    this.places = new Semaphore(ofAll.working, true);
    this.ofAll = ofAll;
    this.ofOne = ofOne;
    this.waitNanos = wait.toNanos();
  }

  /** The calls of one caller; removed with the caller's last call. */
  private static final class Share {
    private final Semaphore places;
    private int calls;

    private Share(int places) {
      this.places = new Semaphore(places, true);
    }
  }

  /** The work done in a slot. */
  interface Work<R> {
    R run() throws IOException, InterruptedException;
  }

  /** Thrown when there is no slot; the message names the limit exceeded. */
  static final class Full extends IOException {
    private static final long serialVersionUID = 1L;

    private Full(String message) {
      super(message);
    }
  }

  /**
   * Waits for a slot and runs work in it.
   *
   * @throws Full when there is no slot in time, or too many calls are waiting
   */
  <R> R at(String caller, Work<R> work) throws IOException, InterruptedException {
    long until = System.nanoTime() + waitNanos;
    Share share = join(caller);
    try {
      return within(
          share.places,
          until,
          OF_THIS_CALLER,
          () -> {
            if (places.availablePermits() == 0 && places.getQueueLength() >= ofAll.waiting) {
              throw new Full(OF_ALL);
            }
            return within(places, until, OF_ALL, work);
          });
    } finally {
      leave(caller, share);
    }
  }

  private synchronized Share join(String caller) throws Full {
    Share share = shares.computeIfAbsent(caller, name -> new Share(ofOne.working));
    if (share.calls == ofOne.working + ofOne.waiting) {
      throw new Full(OF_THIS_CALLER);
    }
    share.calls++;
    return share;
  }

  private synchronized void leave(String caller, Share share) {
    share.calls--;
    if (share.calls == 0) {
      shares.remove(caller);
    }
  }

  private static <R> R within(Semaphore of, long until, String otherwise, Work<R> work)
      throws IOException, InterruptedException {
    if (!of.tryAcquire(Math.max(0, until - System.nanoTime()), TimeUnit.NANOSECONDS)) {
      throw new Full(otherwise);
    }
    try {
      return work.run();
    } finally {
      of.release();
    }
  }
}
