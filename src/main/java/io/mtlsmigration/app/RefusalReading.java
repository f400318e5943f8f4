package io.mtlsmigration.app;

import io.mtlsmigration.kubernetes.logs.AccessLogRefusals;
import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.traffic.RefusalRecord;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
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

  private final Leadership leadership;
  private final AccessLogRefusals refusals;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("access-logs").factory());

  RefusalReading(
      Function<Supplier<Set<String>>, AccessLogRefusals> reader,
      RolloutLedger ledger,
      Inventory inventory,
      Leadership leadership) {
    this.leadership = leadership;
    this.refusals = reader.apply(() -> focus(ledger, inventory::snapshot));
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

  /**
   * Whose locks are made or judged now. The mesh step is judged by every namespace that has
   * captured pods, be it in the plan or not, such as the root namespace.
   */
  static Set<String> focus(RolloutLedger ledger, Supplier<MeshSnapshot> mesh) {
    Set<String> namespaces = new HashSet<>();
    try {
      for (PlanRecord plan : ledger.plans()) {
        for (StepRecord step : ledger.steps(plan.name())) {
          if (WATCHED.contains(step.phase())) {
            if (step.key().isMesh()) {
              namespaces.addAll(captured(mesh.get()));
            } else {
              namespaces.add(step.key().namespace());
            }
          }
        }
      }
    } catch (RolloutLedger.UnavailableException e) {
      LOG.debugf("No namespace is watched, for the ledger cannot tell reason=%s", e.getMessage());
    }
    return namespaces;
  }

  private static List<String> captured(MeshSnapshot mesh) {
    return mesh.namespaces().values().stream()
        .filter(facts -> facts.capturedPods() > 0)
        .map(NamespaceFacts::name)
        .toList();
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
