package io.mtlsmigration.app;

import io.mtlsmigration.kubernetes.logs.AccessLogRefusals;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.traffic.RefusalRecord;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Reads the access logs of servers' sidecars, over and over, where a lock is being made or watched.
 * The leader alone does.
 */
final class RefusalReading implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(RefusalReading.class);

  /** Before a namespace comes into focus nothing was refused; a new leader catches up by this. */
  static final Duration LOOK_BACK = Duration.ofMinutes(15);

  private static final Duration PAUSE = Duration.ofSeconds(2);

  /** A lock is written in the first of these, and judged until the last has ended. */
  private static final Set<Phase> WATCHED =
      EnumSet.of(Phase.LOCKING, Phase.VERIFYING, Phase.ROLLING_BACK);

  private final RolloutLedger ledger;
  private final Leadership leadership;
  private final AccessLogRefusals refusals;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("access-logs").factory());

  RefusalReading(
      Function<Supplier<Set<String>>, AccessLogRefusals> reader,
      RolloutLedger ledger,
      Leadership leadership) {
    this.ledger = ledger;
    this.leadership = leadership;
    this.refusals = reader.apply(this::focus);
    var unused =
        thread.scheduleWithFixedDelay(
            this::read, PAUSE.toMillis(), PAUSE.toMillis(), TimeUnit.MILLISECONDS);
  }

  RefusalRecord record() {
    return refusals;
  }

  private void read() {
    try {
      if (leadership.leads()) {
        refusals.read();
      }
    } catch (RuntimeException e) {
      LOG.warnf(e, "Access logs could not be read and are tried again");
    }
  }

  /** The mesh step locks every namespace that has no policy of its own, so all of its plan's. */
  private Set<String> focus() {
    Set<String> namespaces = new HashSet<>();
    try {
      for (PlanRecord plan : ledger.plans()) {
        Set<String> members = new HashSet<>();
        boolean all = false;
        for (StepRecord step : ledger.steps(plan.name())) {
          boolean watched = WATCHED.contains(step.phase());
          if (step.key().equals(StepKey.MESH)) {
            all = watched;
          } else {
            members.add(step.key().namespace());
            if (watched) {
              namespaces.add(step.key().namespace());
            }
          }
        }
        if (all) {
          namespaces.addAll(members);
        }
      }
    } catch (RolloutLedger.UnavailableException e) {
      LOG.debugf("No namespace is watched, for the ledger cannot tell reason=%s", e.getMessage());
    }
    return namespaces;
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
