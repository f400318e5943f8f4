// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.probe.Expectation;
import io.mtlsmigration.probe.ProbePlan;
import io.mtlsmigration.probe.ProbeTarget;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.TrafficReading;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The scope of a round of probes that plans need: the namespaces whose every endpoint is probed,
 * the calls that are probed as they were seen, and the expected result of each probe. Valid for one
 * observation.
 */
public final class ProbeScope {

  /** The age up to which observed calls are probed. */
  private static final Duration OBSERVED = Duration.ofMinutes(10);

  private static final Set<Phase> IN_FOCUS =
      EnumSet.of(
          Phase.OBSERVING,
          Phase.AUDITING,
          Phase.READY,
          Phase.AWAITING_APPROVAL,
          Phase.LOCKING,
          Phase.VERIFYING,
          Phase.BLOCKED,
          Phase.ROLLING_BACK);

  private final Observation observation;
  private final Reachability reachability;
  private final Set<String> focus = new HashSet<>();
  private final Map<String, PlanRecord> locked = new HashMap<>();

  /** Calls that are known to fail in steps, perhaps by another process's probes. */
  private final Set<RefusedCall> refused = new HashSet<>();

  /** The scope while the ledger is unavailable: no focus, and expected is what is predicted. */
  public ProbeScope(Observation observation) {
    this.observation = observation;
    this.reachability = Reachability.of(observation.modes());
  }

  /**
   * Reads the ledger once.
   *
   * @throws RolloutLedger.UnavailableException when the ledger is not available
   */
  public ProbeScope(RolloutLedger ledger, Observation observation) {
    this(observation);
    for (PlanRecord plan : ledger.plans()) {
      RolloutLedger.Steps steps = ledger.readable(plan.name());
      steps.unread().forEach(key -> focus.addAll(namespaces(key, observation.modes())));
      for (StepRecord step : steps.read()) {
        if (IN_FOCUS.contains(step.phase())) {
          focus.addAll(namespaces(step.key(), observation.modes()));
        } else if (step.phase() == Phase.LOCKED && OwningPlan.speaks(plan, step)) {
          namespaces(step.key(), observation.modes()).forEach(name -> locked.put(name, plan));
        }
        refused(step);
      }
    }
  }

  /** Returns the namespaces in which a plan has something to do, now or when it is resumed. */
  public static Set<String> workedOn(RolloutLedger ledger) {
    Set<String> namespaces = new HashSet<>();
    for (PlanRecord plan : ledger.plans()) {
      boolean active = plan.moving();
      for (StepRecord step : ledger.readable(plan.name()).read()) {
        if (step.phase() == Phase.ROLLING_BACK || (active && IN_FOCUS.contains(step.phase()))) {
          namespaces.add(step.key().namespace());
        }
      }
    }
    return namespaces;
  }

  /**
   * Returns the namespaces with servers of steps that are neither pending nor settled, or that
   * refuse clients.
   */
  public Set<String> focus() {
    return focus;
  }

  /** Has what is known to be refused probed in every round, as long as it is refused. */
  private void refused(StepRecord step) {
    StepRecord.Health health = step.health();
    for (String words : health == null ? Set.<String>of() : health.refused()) {
      RefusedCall.read(words)
          .ifPresent(
              call -> {
                refused.add(call);
                focus.add(call.server());
              });
    }
  }

  /** Returns the namespaces with servers of a step. */
  private static List<String> namespaces(StepKey key, MeshModes modes) {
    return key.isMesh() ? MeshReach.namespaces(modes) : List.of(key.namespace());
  }

  /**
   * Returns the expected result of a probe. Clients with a proxy get through to a locked step,
   * whatever a later DestinationRule has them send; except for those that the plan lets fail.
   */
  public Expectation expected(ProbeTarget target) {
    Expectation predicted = Expectation.of(target, reachability);
    PlanRecord plan = locked.get(target.service().namespace());
    return plan != null && target.client().dataPlane().captured() && !mayFail(plan, target)
        ? predicted.through()
        : predicted;
  }

  private static boolean mayFail(PlanRecord plan, ProbeTarget target) {
    return plan.spec().verification().ignoreClients().stream()
        .anyMatch(ignored -> ignored.names(target.from()));
  }

  /**
   * Returns recent calls between workloads, which a change would hurt first, and those that a lock
   * is known to refuse.
   */
  public List<ProbePlan.ObservedCall> observedCalls() {
    TrafficReading lately = observation.traffic(OBSERVED);
    List<ProbePlan.ObservedCall> calls = new ArrayList<>();
    for (String namespace : observation.modes().snapshot().namespaces().keySet()) {
      if (lately.of(namespace) instanceof Evidence.Measured<NamespaceTraffic> measured) {
        for (Edge edge : measured.value().edges()) {
          if (edge.client().workload() != null && edge.count() > 0) {
            calls.add(new ProbePlan.ObservedCall(edge.client().id(), edge.server()));
          }
        }
      }
    }
    for (RefusedCall call : refused) {
      for (WorkloadRef server : call.servers(observation.modes())) {
        calls.add(new ProbePlan.ObservedCall(call.from(), server));
      }
    }
    return calls;
  }
}
