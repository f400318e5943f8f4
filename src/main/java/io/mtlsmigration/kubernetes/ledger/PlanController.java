// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.RolloutLedger.UnavailableException;
import io.mtlsmigration.rollout.commands.PlanCommands;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Makes a plan made with kubectl equal to one made over REST: takes it, changes it, carries out its
 * command annotations, releases it, and reports its state in its status. All of it goes through
 * {@link PlanCommands}, so the same rules hold; whatever they refuse becomes a condition.
 *
 * <p>Only the leader does it, after each tick of the loop. Its memory between turns only saves work
 * and writes; the next leader does not need it. Not thread-safe: turns must not overlap.
 */
public final class PlanController {

  private static final Logger LOG = Logger.getLogger(PlanController.class);

  private final ClusterLedger ledger;
  private final PlanCommands commands;
  private final Leadership leadership;
  private final Clock clock;
  private final Map<String, PlanReconciler.Memory> memory = new HashMap<>();

  /**
   * Creates a controller.
   *
   * @param commands on this very ledger
   */
  public PlanController(
      ClusterLedger ledger, PlanCommands commands, Leadership leadership, Clock clock) {
    this.ledger = ledger;
    this.commands = commands;
    this.leadership = leadership;
    this.clock = clock;
  }

  /** Makes one turn for each plan. A failure affects no other plan, and is retried next turn. */
  public void turn() {
    if (!leadership.leads()) {
      memory.clear();
      return;
    }
    List<CachedPlan> plans;
    try {
      plans = ledger.objects();
    } catch (UnavailableException e) {
      return; // The ledger itself reports it, in health and logs.
    }
    memory.keySet().retainAll(plans.stream().map(CachedPlan::uid).collect(Collectors.toSet()));
    for (CachedPlan plan : plans) {
      if (!leadership.leads()) {
        return;
      }
      turn(plan, memory.computeIfAbsent(plan.uid(), uid -> new PlanReconciler.Memory()));
    }
  }

  private void turn(CachedPlan plan, PlanReconciler.Memory remembered) {
    try {
      new PlanReconciler(ledger, commands, clock, plan, remembered).go();
      remembered.failure = "";
    } catch (RuntimeException e) {
      remembered.forget();
      String failure = String.valueOf(e.getMessage());
      if (!failure.equals(remembered.failure)) {
        remembered.failure = failure;
        boolean known = e instanceof UnavailableException;
        LOG.warnf(
            known ? null : e,
            "A plan object could not be looked after and is tried again plan=%s: %s",
            plan.name(),
            failure);
      }
    }
  }
}
