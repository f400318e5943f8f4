// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.mtlsmigration.plan.PlanSpec.PolicyException.Validity;
import io.mtlsmigration.rollout.EnumCounts;
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
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
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

  private final MeterRegistry meters;
  private final Clock clock;
  private final Map<Row, Gauge> stepGauges = new HashMap<>();
  private volatile Counts counts = new Counts();
  private volatile Map<LockedHealth.Cause, Integer> unhealthy = Map.of();
  private Instant judgedAt = Instant.EPOCH;

  /** Complete when published. */
  private static final class Counts {
    private final Map<String, EnumCounts<Phase>> steps = new HashMap<>();
    private final EnumCounts<PlanPhase> plans = new EnumCounts<>(PlanPhase.class);
    private final Map<Gate, EnumCounts<GateResult.Result>> gates = new EnumMap<>(Gate.class);
    private final EnumCounts<Validity> exceptions = new EnumCounts<>(Validity.class);

    Counts() {
      for (Gate gate : Gate.values()) {
        gates.put(gate, new EnumCounts<>(GateResult.Result.class));
      }
    }

    EnumCounts<GateResult.Result> of(Gate gate) {
      return Objects.requireNonNull(gates.get(gate));
    }

    EnumCounts<Phase> of(String plan) {
      return steps.computeIfAbsent(plan, name -> new EnumCounts<>(Phase.class));
    }
  }

  LedgerGauges(MeterRegistry meters, Clock clock) {
    this.meters = meters;
    this.clock = clock;
    for (Validity state : Validity.values()) {
      Metric.EXCEPTIONS.gauge(
          meters,
          this,
          me -> me.counts.exceptions.of(state),
          state.name().toLowerCase(Locale.ROOT));
    }
    for (LockedHealth.Cause cause : LockedHealth.Cause.values()) {
      Metric.LOCKED_UNHEALTHY.gauge(
          meters,
          this,
          me -> me.unhealthy.getOrDefault(cause, 0),
          cause.name().toLowerCase(Locale.ROOT));
    }
    for (PlanPhase phase : PlanPhase.values()) {
      Metric.PLANS.gauge(meters, this, me -> me.counts.plans.of(phase), phase.name());
    }
    for (Gate gate : Gate.values()) {
      for (GateResult.Result result : GateResult.Result.values()) {
        Metric.GATES.gauge(
            meters,
            this,
            me -> me.counts.of(gate).of(result),
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
      for (StepRecord step : ledger.readable(plan.name()).read()) {
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
    LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
    List<PlanRecord> plans = ledger.plans().stream().sorted(TOLD_FIRST).toList();
    for (int i = 0; i < plans.size(); i++) {
      PlanRecord plan = plans.get(i);
      String name = i < Metric.NAMED_PLANS ? plan.name() : OTHERS;
      EnumCounts<Phase> steps = next.of(name);
      next.plans.count(plan.phase());
      if (IN_FORCE.contains(plan.phase())) {
        plan.spec().exceptions().forEach(e -> next.exceptions.count(e.validity(today)));
      }
      boolean judged = plan.phase() == PlanPhase.RUNNING;
      for (StepRecord step : ledger.readable(plan.name()).read()) {
        steps.count(step.phase());
        if (judged && BEFORE_LOCK.contains(step.phase())) {
          List<GateResult> gates = step.gates();
          for (int g = 0; g < gates.size(); g++) { // an iterator for each step is garbage
            next.of(gates.get(g).gate()).count(gates.get(g).result());
          }
        }
      }
    }
    publish(next);
  }

  /** Clears the counts: another replica leads and reports. */
  void clear() {
    unhealthy = Map.of();
    judgedAt = Instant.EPOCH;
    publish(new Counts());
  }

  private void publish(Counts next) {
    counts = next;
    stepGauges
        .entrySet()
        .removeIf(
            known -> {
              boolean gone = !next.steps.containsKey(known.getKey().plan());
              if (gone) {
                meters.remove(known.getValue());
              }
              return gone;
            });
    next.steps.forEach(
        (plan, phases) -> phases.map().keySet().forEach(phase -> show(new Row(plan, phase))));
  }

  private void show(Row row) {
    stepGauges.computeIfAbsent(
        row, r -> Metric.STEPS.gauge(meters, this, me -> me.counts(r), r.plan(), r.phase().name()));
  }

  private int counts(Row row) {
    EnumCounts<Phase> phases = counts.steps.get(row.plan());
    return phases == null ? 0 : phases.of(row.phase());
  }
}
