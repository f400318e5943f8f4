// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.loop;

import io.mtlsmigration.mesh.AuthorizationPolicy;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.plan.DryRunPolicy;
import io.mtlsmigration.rollout.DryRun;
import io.mtlsmigration.rollout.DryRunPolicies;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.ProxySync;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.RolloutPorts;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.decisions.Decision;
import io.mtlsmigration.rollout.decisions.Journal;
import io.mtlsmigration.rollout.decisions.OwnPolicies;
import io.mtlsmigration.rollout.decisions.RolloutEvent;
import io.mtlsmigration.rollout.gates.AuditCheck;
import io.mtlsmigration.rollout.gates.GateContext;
import io.mtlsmigration.rollout.gates.Gates;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the dry run of STRICT where it is wanted, and nowhere else. As with every write, the intent
 * to place a policy is recorded first; the record is dropped only when the policy has been seen to
 * be gone. The next leader therefore knows which policies may exist, however the process ended.
 */
final class DryRunReconciler {

  private static final String COUNTS = "counts what STRICT would refuse, and refuses nobody";

  private final RolloutPorts ports;
  private final Observation observation;
  private final Journal journal;
  private final IntentWriter writer;
  private final PlanRecord plan;

  DryRunReconciler(
      RolloutPorts ports,
      Observation observation,
      Journal journal,
      IntentWriter writer,
      PlanRecord plan) {
    this.ports = ports;
    this.observation = observation;
    this.journal = journal;
    this.writer = writer;
    this.plan = plan;
  }

  /** Makes one attempt at what is missing. */
  StepRecord keep(StepRecord kept) {
    if (kept.key().isMesh()) {
      return kept;
    }
    NamespaceFacts facts = observation.modes().snapshot().namespace(kept.key().namespace());
    if (kept.dryRun() == null) {
      return stray(kept, facts);
    }
    if (kept.dryRun().problem().isEmpty() && !kept.dryRun().counts(plan.spec().exceptions())) {
      return anew(kept, kept.dryRun());
    }
    StepRecord step = kept.phase() == Phase.AUDITING ? leavingOut(kept, kept.dryRun()) : kept;
    DryRun run = Objects.requireNonNull(step.dryRun());
    boolean wanted = wanted(step, run, facts);
    boolean places = wanted && missing(run, facts);
    if (!wanted && !run.there()) {
      return stray(step, facts);
    }
    if ((wanted && !places) || !ports.leadership().leads()) {
      return step;
    }
    return places ? place(step, run, facts) : remove(step, run.removed());
  }

  private StepRecord leavingOut(StepRecord step, DryRun run) {
    return journal.keep(
        step, step.withDryRun(run.leavingOut(step.key().namespace(), plan.spec().exceptions())));
  }

  /**
   * Voids a dry run that left out what is no exception any more: it is removed first, because what
   * was placed is not changed, and placed again where one still runs.
   */
  private StepRecord anew(StepRecord step, DryRun run) {
    DryRun next =
        step.phase() == Phase.AUDITING
            ? DryRun.begin(writer.marker(plan, step.key(), ports.leadership().term()))
            : null;
    if (!run.there()) {
      return journal.keep(step, step.withDryRun(next));
    }
    return ports.leadership().leads() ? remove(step, next) : step;
  }

  private boolean wanted(StepRecord step, DryRun run, @Nullable NamespaceFacts facts) {
    return step.phase() == Phase.AUDITING
        && plan.moving()
        && plan.spec().gates().audit() != null
        && facts != null
        && AuditCheck.ambient(facts).isEmpty()
        && run.passedAt() == null
        && run.problem().isEmpty();
  }

  /**
   * Returns whether the policy still has to be placed or checked. Facts may be a moment old, so
   * where they do not show the policy that counts, the API server is asked. Somebody may have
   * deleted it, and then nothing is counted; or altered it, and then fewer are counted, or clients
   * are refused.
   */
  private boolean missing(DryRun run, @Nullable NamespaceFacts facts) {
    AuthorizationPolicy seen = seen(facts);
    boolean awaited =
        seen == null
            || (run.placedAt() == null
                ? !run.there() || followed(facts)
                : !seen.version().equals(run.version()));
    return (awaited && plan.phase() == PlanPhase.RUNNING) || (seen != null && seen.enforced());
  }

  /**
   * Returns whether every proxy has the policy that the facts show. A proxy goes on to export the
   * counters of an earlier one, so that they do not tell.
   */
  private boolean followed(@Nullable NamespaceFacts facts) {
    if (facts == null || seen(facts) == null) {
      return false;
    }
    ProxySync.Status sync = observation.sync(facts.name());
    return sync instanceof ProxySync.Status.Synced || sync instanceof ProxySync.Status.Differs;
  }

  private static @Nullable AuthorizationPolicy seen(@Nullable NamespaceFacts facts) {
    return facts == null ? null : DryRunPolicy.in(facts).orElse(null);
  }

  /** Removes a policy without a record, which a process stopped before placing it may leave. */
  private StepRecord stray(StepRecord step, @Nullable NamespaceFacts facts) {
    if (seen(facts) != null && ports.leadership().leads()) {
      var unused = removal(step);
    }
    return step;
  }

  private DryRunPolicies.Removal removal(StepRecord step) {
    return ports.dryRuns().remove(step.key().namespace(), OwnPolicies.markerOf(plan, step.key()));
  }

  /** Places the policy; what is left of an earlier one of the step makes room first. */
  private StepRecord place(StepRecord step, DryRun run, @Nullable NamespaceFacts facts) {
    DryRunPolicy policy = DryRunPolicy.of(step.key().namespace(), plan.spec().exceptions());
    boolean before = run.placedAt() != null;
    if (!run.there() && removal(step) instanceof DryRunPolicies.Removal.Failed(var detail)) {
      return said(step, detail);
    }
    StepRecord intended = before ? step : journal.keep(step, step.withDryRun(run.intended()));
    if (!ports.leadership().leads()) {
      return intended;
    }
    return switch (ports.dryRuns().place(policy, run.marker())) {
      case DryRunPolicies.Placement.Placed() ->
          told(
              intended,
              run.intended(),
              before
                  ? "somebody had deleted it; it is placed again, and its time starts again"
                  : COUNTS);
      case DryRunPolicies.Placement.Found(var version) -> found(intended, run, version, facts);
      case DryRunPolicies.Placement.Refused(var detail) -> failed(intended, run, detail, false);
      case DryRunPolicies.Placement.Enforcing(var detail) -> failed(intended, run, detail, true);
      // The policy may exist: the record says so, and the next tick checks.
      case DryRunPolicies.Placement.Unknown(var detail) -> said(intended, detail);
    };
  }

  /** Begins its time, or voids what was counted while it was another. */
  private StepRecord found(
      StepRecord step, DryRun run, String version, @Nullable NamespaceFacts facts) {
    if (run.placedAt() != null) {
      return version.equals(run.version())
          ? step
          : told(step, run.intended(), "somebody may have changed it; its time starts again");
    }
    AuthorizationPolicy seen = seen(facts);
    return seen != null && seen.version().equals(version) && followed(facts)
        ? told(
            step,
            run.placed(version, ports.clock().instant()),
            "every proxy has it; its time begins")
        : step;
  }

  private StepRecord told(StepRecord step, DryRun run, String what) {
    StepRecord saved = journal.keep(step, step.withDryRun(run));
    tell(
        step,
        Event.Type.POLICY_WRITTEN,
        Reason.AUDIT_RUNS,
        new DryRunPolicy(step.key().namespace(), Set.of()).ref() + ": " + what);
    return saved;
  }

  private StepRecord failed(StepRecord step, DryRun run, String detail, boolean there) {
    StepRecord saved = ports.ledger().save(step.withDryRun(run.failed(detail, there)));
    tell(step, Event.Type.WRITE_FAILED, Reason.AUDIT_IMPOSSIBLE, detail);
    return saved;
  }

  /** Records a problem once for as long as it is the same. */
  private StepRecord said(StepRecord step, String detail) {
    String message = "waits for the API server: " + detail;
    return journal.keep(step, step.withMessage(message));
  }

  /**
   * Removes the policy.
   *
   * @param next what is left of the dry run once it is gone
   */
  private StepRecord remove(StepRecord step, @Nullable DryRun next) {
    return switch (removal(step)) {
      case DryRunPolicies.Removal.Gone() -> {
        StepRecord saved = ports.ledger().save(step.withDryRun(next));
        tell(
            step, Event.Type.POLICY_WRITTEN, Reason.WRITE_DONE, "the dry run of STRICT is removed");
        yield saved;
      }
      case DryRunPolicies.Removal.Failed(var detail) -> said(step, detail);
    };
  }

  private void tell(StepRecord step, Event.Type type, Reason reason, String message) {
    journal.tell(step, type, reason, message, Map.of("purpose", "AUDIT"));
  }

  /**
   * Returns the dry run after a change of phase: a result counts until the lock, and only for the
   * readiness that it belongs to. A restarted soak does not void it, nor do proxies that lag, such
   * as after its removal.
   */
  static @Nullable DryRun after(
      StepRecord step, Decision.Move move, Phase to, Supplier<String> marker) {
    DryRun run = step.dryRun();
    if (to == Phase.AUDITING) {
      return DryRun.begin(marker.get());
    }
    if (run == null) {
      return null;
    }
    boolean onward = to == Phase.READY || to == Phase.AWAITING_APPROVAL;
    if (onward && step.phase() == Phase.AUDITING) {
      return run.passedAt() == null ? run.abandoned() : run;
    }
    boolean again =
        to == Phase.OBSERVING
            && (move.reason() == Reason.SOAKING || move.reason() == Reason.PROXIES_NOT_SYNCED);
    if (onward || to == Phase.LOCKING || to == Phase.VERIFYING || again) {
      return run;
    }
    return move.event() == RolloutEvent.RETRY_ASKED ? run.mended() : run.abandoned();
  }

  /**
   * Passes the dry run where its gate does and its time is over; what it was before says nothing of
   * the time since. Whom a person lets pass is kept with it. The policy is not kept until the lock:
   * proxies have to take in its removal too, and the soak follows.
   */
  static StepRecord passing(GateContext context, StepRecord step, Gates.Verdict verdict) {
    DryRun run = step.dryRun();
    if (step.phase() != Phase.AUDITING
        || run == null
        || run.placedAt() == null
        || run.passedAt() != null
        || verdict.of(Gate.AUDIT).result() != GateResult.Result.PASS) {
      return step;
    }
    return AuditCheck.ended(context)
        .map(refused -> step.withDryRun(run.passed(context.now(), refused)))
        .orElse(step);
  }
}
