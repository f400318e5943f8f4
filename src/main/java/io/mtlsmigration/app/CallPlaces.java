package io.mtlsmigration.app;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Places for calls that go on at once, with a bound on those that wait for one. A caller has no
 * more than a share of either, so that no single one keeps all others waiting.
 */
final class CallPlaces {

  private static final String OF_THIS_CALLER = "Too many calls of this caller wait for the leader";
  private static final String OF_ALL = "Too many calls wait for the leader";

  /**
   * How many there are.
   *
   * @param working that have a place
   * @param waiting beyond those
   */
  record Bound(int working, int waiting) {}

  private final Semaphore places;
  private final Bound ofAll;
  private final Bound ofOne;
  private final long waitNanos;
  private final Map<String, Share> shares = new HashMap<>();

  /**
   * @param ofAll callers together
   * @param ofOne caller
   * @param wait for a place
   */
  CallPlaces(Bound ofAll, Bound ofOne, Duration wait) {
    this.places = new Semaphore(ofAll.working, true);
    this.ofAll = ofAll;
    this.ofOne = ofOne;
    this.waitNanos = wait.toNanos();
  }

  /** What one caller has; it is forgotten with the caller's last call. */
  private static final class Share {
    private final Semaphore places;
    private int calls;

    private Share(int places) {
      this.places = new Semaphore(places, true);
    }
  }

  /** What is done at a place. */
  interface Work<R> {
    R run() throws IOException, InterruptedException;
  }

  /** There is no place, and its message says of what there was too much. */
  static final class Full extends IOException {
    private static final long serialVersionUID = 1L;

    private Full(String message) {
      super(message);
    }
  }

  /**
   * Waits for a place, and works there.
   *
   * @throws Full when there is none in time, or as many calls wait for one as may
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
