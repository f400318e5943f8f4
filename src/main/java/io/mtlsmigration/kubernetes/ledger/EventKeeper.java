// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.kubernetes.ledger.ResourceApi.ConflictException;
import io.mtlsmigration.rollout.RolloutLedger.UnavailableException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Writes events into their objects in the background: on its own thread, several events of an
 * object at once. A save of the object in the meantime includes its events, which leaves nothing to
 * do.
 */
final class EventKeeper {

  private static final Logger LOG = Logger.getLogger(EventKeeper.class);

  /** The delay that lets events of one tick be written together. */
  private static final Duration GATHERING = Duration.ofMillis(500);

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);
  private static final Duration LAST_WORD = Duration.ofSeconds(5);

  private final EventLog log;
  private final PlanStore plans;
  private final StepStore steps;

  /** Objects whose events could not be written at the last attempt. */
  private final Set<String> refused = ConcurrentHashMap.newKeySet();

  private final Semaphore work = new Semaphore(0);
  private volatile boolean closed;
  private @Nullable Thread thread;

  EventKeeper(EventLog log, PlanStore plans, StepStore steps) {
    this.log = log;
    this.plans = plans;
    this.steps = steps;
  }

  void start() {
    thread = Thread.ofVirtual().name("ledger-events").start(this::run);
  }

  void wake() {
    work.release();
  }

  private void run() {
    Duration pause = GATHERING;
    try {
      while (!closed) {
        if (log.waiting().isEmpty()) {
          work.acquire();
        }
        work.drainPermits();
        TimeUnit.MILLISECONDS.sleep(pause.toMillis());
        pause = flush() ? GATHERING : longer(pause);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Duration longer(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
  }

  /**
   * Makes one attempt for each object with pending events.
   *
   * @return false when some could not be written
   */
  boolean flush() {
    boolean all = true;
    // Those that were refused last: one that is refused for ever must not hold the others.
    List<String> objects = new ArrayList<>(log.waiting());
    refused.retainAll(objects);
    Set<String> last = Set.copyOf(refused);
    objects.sort(Comparator.comparing(last::contains));
    for (String object : objects) {
      try {
        flush(object);
        refused.remove(object);
      } catch (ConflictException e) {
        all = false; // another write was first; the object has been read again
      } catch (UnavailableException e) {
        LOG.warnf("Events could not be kept yet object=%s: %s", object, e.getMessage());
        refused.add(object);
        return false;
      } catch (RuntimeException | Error e) {
        // An exception here would end the thread silently, and so would an error.
        LOG.warnf(e, "Events could not be kept yet object=%s", object);
        refused.add(object);
        return false;
      }
    }
    return all;
  }

  private void flush(String object) throws ConflictException {
    String plan = LedgerState.planOf(object);
    if (plan != null) {
      plans.flush(plan);
    } else {
      steps.flush(object);
    }
  }

  /** Makes one last, brief attempt. */
  void close() {
    closed = true;
    if (thread != null) {
      thread.interrupt();
    }
    Thread last = Thread.ofVirtual().name("ledger-events-end").start(this::flush);
    try {
      last.join(LAST_WORD);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    last.interrupt();
  }
}
