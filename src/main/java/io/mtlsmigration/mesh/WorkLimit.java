// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

/**
 * A bound on the work of a thread on facts from an untrusted caller. Pods, Services and policies
 * select each other, so that a few megabytes of them can have results by the ten million. Memory is
 * bounded by the number of results that are kept, time by interrupting the thread: loops over pairs
 * check both. A thread without a bound is not limited.
 */
public final class WorkLimit {

  private static final ThreadLocal<WorkLimit> CURRENT = new ThreadLocal<>();

  private final long limit;
  private long left;

  private WorkLimit(long limit) {
    this.limit = limit;
    this.left = limit;
  }

  /**
   * Runs work under a bound.
   *
   * @param results the maximum number of kept results: endpoints of a Service port, ports of a
   *     workload, policies that lose, findings
   * @throws ExceededException when there are more
   * @throws CancellationException when the thread is interrupted
   */
  public static <T> T within(long results, Supplier<T> work) {
    CURRENT.set(new WorkLimit(results));
    try {
      return work.get();
    } finally {
      CURRENT.remove();
    }
  }

  /** Counts further results that are about to be kept. */
  public static void keep(int results) {
    WorkLimit current = CURRENT.get();
    if (current != null) {
      current.left -= results;
      if (current.left < 0) {
        throw new ExceededException(current.limit);
      }
    }
    goOn();
  }

  /** Ends the work when the thread has been interrupted. */
  public static void goOn() {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("the thread was interrupted");
    }
  }

  /** The work has more results than may be kept. */
  public static final class ExceededException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ExceededException(long limit) {
      super("more than " + limit + " results");
    }
  }
}
