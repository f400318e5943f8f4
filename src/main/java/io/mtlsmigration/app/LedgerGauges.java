// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.decisions.LockedHealth;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The records as gauges. Counted after each tick, by the leader; other replicas show zeros. Each
 * series is registered once, and removed with its plan.
 */
final class LedgerGauges {

  /** The label for all further plans; no plan can have this name. */
  static final String OTHERS = "(others)";

  private static final Set<Phase> BEFORE_LOCK =
      EnumSet.of(
          Phase.PENDING,
          Phase.OBSERVING,
          Phase.AUDITING,
          Phase.READY,
          Phase.AWAITING_APPROVAL,
          Phase.BLOCKED);

  private static final Comparator<PlanRecord> TOLD_FIRST =
      Comparator.comparing((PlanRecord plan) -> plan.endedAt() != null)
          .thenComparing(PlanRecord::createdAt, Comparator.reverseOrder())
          .thenComparing(PlanRecord::name);

  /** The phases of plans whose exceptions are in force. */
  private static final Set<PlanPhase> IN_FORCE =
      EnumSet.of(PlanPhase.RUNNING, PlanPhase.PAUSED, PlanPhase.COMPLETED, PlanPhase.ABORTED);

  private static final Duration JUDGED_EVERY = Duration.ofSeconds(10);

  private record Row(String plan, Phase phase) {}

  private record GateRow(Gate gate, GateResult.Result result) {}

  private final MeterRegistry meters;
  private final Clock clock;
  private final Map<Row, Gauge> stepGauges = new HashMap<>();
  private volatile Counts counts = new Counts();
  private volatile Map<LockedHealth.Cause, Integer> unhealthy = Map.of();
  private Instant judgedAt = Instant.EPOCH;

  /** Complete when published. */
  private static final class Counts {
    private final Map<Row, Integer> steps = new HashMap<>();
    private final Map<PlanPhase, Integer> plans = new HashMap<>();
    private final Map<GateRow, Integer> gates = new HashMap<>();
    private final Map<String, Integer> exceptions = new HashMap<>();
  }

  LedgerGauges(MeterRegistry meters, Clock clock) {
    this.meters = meters;
    this.clock = clock;
    for (String state : Metric.EXCEPTIONS.labels().getFirst().values()) {
      Metric.EXCEPTIONS.gauge(
          meters, this, me -> me.counts.exceptions.getOrDefault(state, 0), state);
    }
    for (LockedHealth.Cause cause : LockedHealth.Cause.values()) {
      Metric.LOCKED_UNHEALTHY.gauge(
          meters,
          this,
          me -> me.unhealthy.getOrDefault(cause, 0),
          cause.name().toLowerCase(Locale.ROOT));
    }
    for (PlanPhase phase : PlanPhase.values()) {
      Metric.PLANS.gauge(meters, this, me -> me.counts.plans.getOrDefault(phase, 0), phase.name());
    }
    for (Gate gate : Gate.values()) {
      for (GateResult.Result result : GateResult.Result.values()) {
        GateRow row = new GateRow(gate, result);
        Metric.GATES.gauge(
            meters,
            this,
            me -> me.counts.gates.getOrDefault(row, 0),
            gate.name().toLowerCase(Locale.ROOT),
            result.name());
      }
    }
  }

  /**
   * Counts unhealthy locked steps; not at each call, since it looks at each pod. Called by one
   * thread at a time.
   */
  void judge(RolloutLedger ledger, Observation observation, Limits limits) {
    Instant now = clock.instant();
    if (Duration.between(judgedAt, now).abs().compareTo(JUDGED_EVERY) < 0) {
      return;
    }
    judgedAt = now;
    Map<LockedHealth.Cause, Integer> next = new EnumMap<>(LockedHealth.Cause.class);
    for (PlanRecord plan : ledger.plans()) {
      for (StepRecord step : ledger.steps(plan.name())) {
        LockedHealth.of(plan, step, observation, limits).stream()
            .map(LockedHealth.Ailment::cause)
            .distinct()
            .forEach(cause -> next.merge(cause, 1, Integer::sum));
      }
    }
    unhealthy = next;
  }

  /** Recounts. Called by one thread at a time. */
  void count(RolloutLedger ledger) {
    Counts next = new Counts();
    Set<String> shown = new HashSet<>();
    LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    List<PlanRecord> plans = ledger.plans().stream().sorted(TOLD_FIRST).toList();
    for (int i = 0; i < plans.size(); i++) {
      PlanRecord plan = plans.get(i);
      String name = i < Metric.NAMED_PLANS ? plan.name() : OTHERS;
      shown.add(name);
      next.plans.merge(plan.phase(), 1, Integer::sum);
      if (IN_FORCE.contains(plan.phase())) {
        plan.spec()
            .exceptions()
            .forEach(e -> next.exceptions.merge(label(e.validity(today)), 1, Integer::sum));
      }
      for (StepRecord step : ledger.steps(plan.name())) {
        next.steps.merge(new Row(name, step.phase()), 1, Integer::sum);
        if (plan.phase() == PlanPhase.RUNNING && BEFORE_LOCK.contains(step.phase())) {
          step.gates()
              .forEach(
                  gate ->
                      next.gates.merge(new GateRow(gate.gate(), gate.result()), 1, Integer::sum));
        }
      }
    }
    publish(next, shown);
  }

  private static String label(PlanSpec.PolicyException.Validity state) {
    return state.name().toLowerCase(Locale.ROOT);
  }

  /** Clears the counts: another replica leads and reports. */
  void clear() {
    unhealthy = Map.of();
    judgedAt = Instant.EPOCH;
    publish(new Counts(), Set.of());
  }

  private void publish(Counts next, Set<String> shown) {
    counts = next;
    stepGauges
        .entrySet()
        .removeIf(
            known -> {
              boolean gone = !shown.contains(known.getKey().plan());
              if (gone) {
                meters.remove(known.getValue());
              }
              return gone;
            });
    for (Row row : next.steps.keySet()) {
      stepGauges.computeIfAbsent(
          row,
          r ->
              Metric.STEPS.gauge(
                  meters,
                  this,
                  me -> me.counts.steps.getOrDefault(r, 0),
                  r.plan(),
                  r.phase().name()));
    }
  }
}
