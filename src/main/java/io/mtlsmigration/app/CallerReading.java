// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.kubernetes.logs.AccessLogCallers;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.traffic.CallerRecord;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Reads the access logs of servers with unidentified plaintext clients. */
final class CallerReading implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(CallerReading.class);

  /** Before the last write of a lock. */
  private static final Set<Phase> JUDGED =
      EnumSet.of(
          Phase.OBSERVING,
          Phase.AUDITING,
          Phase.READY,
          Phase.AWAITING_APPROVAL,
          Phase.BLOCKED,
          Phase.LOCKING);

  static final Duration PAUSE = Duration.ofSeconds(5);

  /** The pause between dumps of ztunnel's connections; a dump is complete. */
  private static final Duration OPEN_PAUSE = Duration.ofSeconds(15);

  private final AccessLogCallers callers;
  private final LogReading reading;
  private final LogReading open;

  CallerReading(
      Function<Supplier<AccessLogCallers.Gates>, AccessLogCallers> reader,
      RolloutLedger ledger,
      Leadership leadership) {
    this.callers = reader.apply(() -> gates(ledger));
    this.reading = new LogReading("callers", PAUSE, leadership, () -> {}, callers::read);
    this.open =
        new LogReading("open-connections", OPEN_PAUSE, leadership, () -> {}, callers::readOpen);
  }

  /**
   * Returns the namespaces whose gates decide now; those of a paused plan decide nothing until it
   * goes on, and need what was read before then.
   */
  static AccessLogCallers.Gates gates(RolloutLedger ledger) {
    Set<String> first = new HashSet<>();
    Set<String> kept = new HashSet<>();
    try {
      for (PlanRecord plan : ledger.plans()) {
        if (plan.moving()) {
          for (StepRecord step : ledger.readable(plan.name()).read()) {
            if (!step.key().isMesh() && JUDGED.contains(step.phase())) {
              kept.add(step.key().namespace());
              if (plan.phase() == PlanPhase.RUNNING) {
                first.add(step.key().namespace());
              }
            }
          }
        }
      }
    } catch (RolloutLedger.UnavailableException e) {
      LOG.debugf("No namespace comes first, for the ledger cannot tell reason=%s", e.getMessage());
    }
    return new AccessLogCallers.Gates(first, kept);
  }

  CallerRecord record() {
    return callers;
  }

  @Override
  public void close() {
    reading.close();
    open.close();
  }
}
