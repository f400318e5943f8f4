package io.mtlsmigration.mesh;

import java.util.concurrent.CancellationException;
import java.util.function.Supplier;

/**
 * A bound on what a thread makes of facts that a stranger has sent. Pods, Services and policies
 * select each other, so that a few megabytes of them have results by the ten million. Memory is
 * bounded by the number of results that are kept, time by interrupting the thread: what loops over
 * pairs looks at both. A thread without a bound keeps what it likes.
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
   * Works under a bound.
   *
   * @param results how many may be kept: endpoints of a Service port, ports of a workload, policies
   *     that lose, findings
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

  /** So many more results are about to be kept. */
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

  /** Ends the work when somebody has interrupted the thread. */
  public static void goOn() {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancellationException("the thread was interrupted");
    }
  }

  /** There is more to keep than may be. */
  public static final class ExceededException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ExceededException(long limit) {
      super("more than " + limit + " results");
    }
  }
}
