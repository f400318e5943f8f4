// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Wave;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.MeshReadiness;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.decisions.WaveOrder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The progress of a plan, and what it waits for. */
final class PlanProgress {

  private final PlanRecord plan;
  private final Map<StepKey, StepRecord> steps = new HashMap<>();
  private final List<StepRecord> ordered;
  private final MeshModes modes;
  private final Limits limits;
  private final Instant now;

  PlanProgress(
      PlanRecord plan, List<StepRecord> steps, MeshModes modes, Limits limits, Instant now) {
    this.limits = limits;
    this.plan = plan;
    this.ordered = steps;
    this.modes = modes;
    this.now = now;
    steps.forEach(s -> this.steps.put(s.key(), s));
  }

  List<PlanCommands.Waiting> waiting() {
    boolean busy =
        plan.phase() == PlanPhase.RUNNING
            || plan.phase() == PlanPhase.PAUSED
            || (plan.active() && plan.endedAt() == null);
    if (!busy) {
      return plan.phase() == PlanPhase.COMPLETED ? unsettled() : List.of();
    }
    List<PlanCommands.Waiting> waiting = new ArrayList<>();
    if (plan.phase() == PlanPhase.PAUSED) {
      waiting.add(
          new PlanCommands.Waiting(
              "", "resume", Reason.PLAN_PAUSED, "the plan is paused; resume it", started()));
    }
    if (plan.phase() == PlanPhase.RUNNING && limits.outdated(modes.snapshot(), now)) {
      waiting.add(
          new PlanCommands.Waiting(
              "",
              "view",
              Reason.STALE_OBSERVATION,
              "a fresh view of the mesh: the last one is of "
                  + modes.snapshot().observedAt()
                  + ", and nothing is decided on one that is older than "
                  + limits.observationAge(),
              modes.snapshot().observedAt()));
    }
    Set<String> open = WaveOrder.open(plan, steps, modes);
    Map<String, String> before = before();
    for (StepRecord step : ordered) {
      if (step.key().isMesh()) {
        mesh(step, waiting);
      } else {
        namespace(step, open, before, waiting);
      }
    }
    if (waiting.isEmpty()) {
      waiting.add(
          new PlanCommands.Waiting(
              "", "tick", Reason.GATES_HOLD, "nothing holds it; the next tick goes on", started()));
    }
    return List.copyOf(waiting);
  }

  /** Returns what is unsettled in a completed plan that another plan keeps from resuming. */
  private List<PlanCommands.Waiting> unsettled() {
    List<PlanCommands.Waiting> open = new ArrayList<>();
    ordered.stream()
        .filter(step -> WaveOrder.unsettled(step, modes) || step.health() != null)
        .forEach(step -> common(step, open));
    return List.copyOf(open);
  }

  private Instant started() {
    Instant started = plan.startedAt();
    return started == null ? plan.createdAt() : started;
  }

  private void namespace(
      StepRecord step,
      Set<String> open,
      Map<String, String> before,
      List<PlanCommands.Waiting> into) {
    if (step.phase() == Phase.PENDING) {
      Reason reason =
          open.contains(step.key().namespace()) ? Reason.PLAN_STARTED : Reason.WAITS_FOR_WAVE;
      String message =
          reason == Reason.PLAN_STARTED
              ? "its wave is open; the next tick takes it up"
              : "waits for earlier waves: " + before.getOrDefault(step.key().namespace(), "");
      into.add(waiting(step, "wave", reason, message, step.since()));
      return;
    }
    if (step.phase() == Phase.EXEMPT && !WaveOrder.open(plan, step, modes)) {
      into.add(
          waiting(
              step,
              "exemption",
              Reason.NOT_ENFORCED,
              "its explicit PERMISSIVE is not in force: " + step.message(),
              step.since()));
    }
    if (step.phase() == Phase.EXEMPT || step.phase() == Phase.SKIPPED) {
      return;
    }
    common(step, into);
  }

  /** Returns unsettled members of earlier waves, in words, by namespace; equal within a wave. */
  private Map<String, String> before() {
    Map<String, String> before = new HashMap<>();
    List<String> names = new ArrayList<>();
    for (Wave wave : plan.waves()) {
      String earlier = Words.list(names);
      for (Wave.Member member : wave.members()) {
        before.putIfAbsent(member.namespace(), earlier);
        StepRecord step = steps.get(new StepKey(member.namespace()));
        if (!WaveOrder.settled(step, modes, member.namespace())) {
          names.add(member.namespace() + (step == null ? "" : " (" + Words.of(step.phase()) + ")"));
        }
      }
    }
    return before;
  }

  private void mesh(StepRecord step, List<PlanCommands.Waiting> into) {
    if (step.phase() == Phase.PENDING) {
      MeshReadiness others = WaveOrder.readiness(plan, steps, modes);
      into.add(
          waiting(
              step,
              Words.of(Gate.CAPTURE),
              Reason.NAMESPACES_NOT_LOCKED,
              others.complete()
                  ? "every namespace is locked or exempt; the next tick takes it up"
                  : "waits for namespaces that are neither locked nor exempt: " + others.names(),
              step.since()));
      return;
    }
    common(step, into);
  }

  private void common(StepRecord step, List<PlanCommands.Waiting> into) {
    switch (step.phase()) {
      case OBSERVING, AUDITING, READY, AWAITING_APPROVAL, BLOCKED -> gates(step, into);
      case LOCKING ->
          into.add(
              waiting(
                  step,
                  "lock",
                  plan.spec().apply() == PlanSpec.Apply.MANIFEST
                      ? Reason.MANIFEST_AWAITED
                      : Reason.NOT_ENFORCED,
                  step.message(),
                  step.since()));
      case VERIFYING ->
          into.add(
              waiting(
                  step,
                  "verification",
                  step.held() ? step.reason() : Reason.VERIFICATION_RUNS,
                  step.message(),
                  step.since()));
      case ROLLING_BACK ->
          into.add(waiting(step, "rollback", Reason.NOT_ENFORCED, step.message(), step.since()));
      case ROLLED_BACK -> {
        if (!plan.undoing()) {
          into.add(
              waiting(
                  step,
                  "person",
                  step.reason(),
                  "was rolled back; a person has to decide: retry, exempt or skip",
                  step.since()));
        }
      }
      case DRIFTED -> into.add(waiting(step, "drift", step.reason(), step.message(), step.since()));
      case LOCKED -> {
        if (plan.undoing() && !step.key().isMesh() && !step.ledger().isEmpty()) {
          into.add(
              waiting(
                  step,
                  "mesh",
                  Reason.NOT_ENFORCED,
                  "waits until mesh-wide STRICT is taken back; rollback of this namespace opens it"
                      + " before",
                  step.since()));
        }
        StepRecord.Health health = step.health();
        if (health != null) {
          into.add(waiting(step, "health", health.reason(), health.message(), health.since()));
        }
      }
      // In a completed plan: the namespace was recreated.
      case PENDING -> into.add(waiting(step, "plan", step.reason(), step.message(), step.since()));
      case EXEMPT, SKIPPED -> {
        // nothing to wait for
      }
    }
  }

  private void gates(StepRecord step, List<PlanCommands.Waiting> into) {
    if (plan.undoing() || plan.phase() == PlanPhase.ABORTED) {
      return;
    }
    NamespaceFacts facts = modes.snapshot().namespace(step.key().namespace());
    if (facts != null && facts.terminating()) {
      into.add(
          waiting(
              step,
              "namespace",
              Reason.NAMESPACE_GONE,
              "the namespace is being deleted",
              step.since()));
      return;
    }
    boolean any = step.phase() == Phase.BLOCKED && !holds(step.gates(), step.reason());
    if (any) {
      into.add(waiting(step, "person", step.reason(), step.message(), step.since()));
    }
    for (GateResult gate : step.gates()) {
      if (gate.result() != GateResult.Result.PASS) {
        any = true;
        into.add(
            waiting(
                step, Words.of(gate.gate()), gate.reason(), gate.message(), gate.evaluatedAt()));
      }
    }
    if (!any) {
      into.add(waiting(step, "tick", Reason.GATES_HOLD, "the next tick judges it", step.since()));
    }
  }

  /** Returns whether a gate that does not pass gives this reason. */
  static boolean holds(List<GateResult> gates, Reason reason) {
    return gates.stream()
        .anyMatch(gate -> gate.result() != GateResult.Result.PASS && gate.reason() == reason);
  }

  private static PlanCommands.Waiting waiting(
      StepRecord step, String what, Reason reason, String message, Instant since) {
    return new PlanCommands.Waiting(step.key().toString(), what, reason, message, since);
  }

  PlanCommands.Progress progress() {
    Map<Phase, Integer> byPhase = new EnumMap<>(Phase.class);
    int locked = 0;
    int nothing = 0;
    for (StepRecord step : ordered) {
      byPhase.merge(step.phase(), 1, Integer::sum);
      locked += step.phase() == Phase.LOCKED ? 1 : 0;
      nothing += nothingToLock(step) ? 1 : 0;
    }
    int total = ordered.isEmpty() ? members() : ordered.size() - nothing;
    int percent = total == 0 ? (ordered.isEmpty() ? 0 : 100) : (int) (100L * locked / total);
    return new PlanCommands.Progress(total, locked, byPhase, percent, eta());
  }

  /** Returns whether the step was left open by default without captured pods, or is gone. */
  private boolean nothingToLock(StepRecord step) {
    if (step.key().isMesh() || step.asked() || step.phase() == Phase.LOCKED) {
      return false;
    }
    NamespaceFacts facts = modes.snapshot().namespace(step.key().namespace());
    return facts == null || (step.phase() == Phase.EXEMPT && !facts.captures());
  }

  private int members() {
    return plan.waves().stream().mapToInt(w -> w.members().size()).sum();
  }

  /** Returns null unless only time is awaited: when a client stops its plaintext is unknown. */
  private @Nullable Duration eta() {
    if (plan.phase() != PlanPhase.RUNNING) {
      return null;
    }
    Duration each = plan.spec().gates().soak().plus(plan.spec().verification().duration());
    Duration longest = Duration.ZERO;
    boolean pending = false;
    for (StepRecord step : ordered) {
      if (step.phase() == Phase.PENDING) {
        pending = true;
        continue;
      }
      boolean settled =
          step.key().isMesh()
              ? step.phase() == Phase.LOCKED
              : WaveOrder.settled(step, modes, step.key().namespace());
      Duration left = settled ? Duration.ZERO : left(step);
      if (left == null) {
        return null;
      }
      longest = left.compareTo(longest) > 0 ? left : longest;
    }
    return pending ? longest.plus(each.multipliedBy(wavesLeft())) : longest;
  }

  private long wavesLeft() {
    long waves =
        plan.waves().stream()
            .filter(w -> w.namespaces().stream().anyMatch(this::isPending))
            .count();
    StepRecord mesh = steps.get(StepKey.MESH);
    return waves + (mesh != null && mesh.phase() == Phase.PENDING ? 1 : 0);
  }

  private boolean isPending(String namespace) {
    StepRecord step = steps.get(new StepKey(namespace));
    return step != null && step.phase() == Phase.PENDING;
  }

  private @Nullable Duration left(StepRecord step) {
    Duration verification = plan.spec().verification().duration();
    return switch (step.phase()) {
      case LOCKING -> verification;
      case VERIFYING -> {
        Instant until = step.verifyingUntil();
        yield until == null
            ? null
            : until.isBefore(now) ? Duration.ZERO : Duration.between(now, until);
      }
      case OBSERVING, READY -> {
        Instant held = step.heldSince();
        Duration soaked = held == null ? null : Duration.between(held, now);
        boolean onlyTime =
            step.gates().stream()
                .allMatch(g -> g.result() == GateResult.Result.PASS || g.gate() == Gate.SOAK);
        yield soaked == null || !onlyTime
            ? null
            : plan.spec().gates().soak().minus(soaked).plus(verification);
      }
      default -> null;
    };
  }
}
