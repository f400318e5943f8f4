// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.kubernetes.logs.AccessLogRefusals;
import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.traffic.RefusalRecord;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/** Reads the access logs of servers' proxies while a lock is being made or watched. */
final class RefusalReading implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(RefusalReading.class);

  /**
   * How far a new leader reads back to catch up; before a namespace comes into focus nothing was
   * refused.
   */
  static final Duration LOOK_BACK = Duration.ofMinutes(15);

  private static final Duration PAUSE = Duration.ofSeconds(2);

  private final AccessLogRefusals refusals;
  private final LogReading reading;

  RefusalReading(
      Function<Supplier<Set<String>>, AccessLogRefusals> reader,
      RolloutLedger ledger,
      Inventory inventory,
      Leadership leadership) {
    this.refusals = reader.apply(new Focus(ledger, inventory::snapshot));
    this.reading = new LogReading("refusals", PAUSE, leadership, refusals::observe, refusals::read);
  }

  RefusalRecord record() {
    return refusals;
  }

  /**
   * The namespaces whose locks are being made or judged: as last known while the ledger cannot
   * tell, for what was read of a namespace that comes out of focus is forgotten. The mesh step is
   * judged by every namespace with captured pods, in the plan or not, such as the root namespace.
   */
  static final class Focus implements Supplier<Set<String>> {
    private final RolloutLedger ledger;
    private final Supplier<MeshSnapshot> mesh;
    private volatile Set<String> last = Set.of();

    Focus(RolloutLedger ledger, Supplier<MeshSnapshot> mesh) {
      this.ledger = ledger;
      this.mesh = mesh;
    }

    @Override
    public Set<String> get() {
      try {
        last = watched();
      } catch (RolloutLedger.UnavailableException e) {
        LOG.debugf("The same namespaces are watched on, ledger unavailable: %s", e.getMessage());
      }
      return last;
    }

    private Set<String> watched() {
      Set<String> namespaces = new HashSet<>();
      for (PlanRecord plan : ledger.plans()) {
        RolloutLedger.Steps steps = ledger.readable(plan.name());
        steps.read().stream()
            .filter(step -> step.phase().underWay())
            .forEach(step -> watch(step.key(), namespaces));
        steps.unread().forEach(key -> watch(key, namespaces)); // they may be under way
      }
      return namespaces;
    }

    private void watch(StepKey key, Set<String> namespaces) {
      if (key.isMesh()) {
        namespaces.addAll(captured(mesh.get()));
      } else {
        namespaces.add(key.namespace());
      }
    }
  }

  private static List<String> captured(MeshSnapshot mesh) {
    return mesh.namespaces().values().stream()
        .filter(facts -> facts.capturedPods() > 0)
        .map(NamespaceFacts::name)
        .toList();
  }

  @Override
  public void close() {
    reading.close();
  }
}
