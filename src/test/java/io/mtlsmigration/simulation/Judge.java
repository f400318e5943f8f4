// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.plan.PolicyChange.Purpose;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateOverride;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.PolicyWriter;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.WriteIntent;
import io.mtlsmigration.rollout.loop.TickReport;
import io.mtlsmigration.traffic.Caller;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps what is true, and what has been asked for, and asks its judges at every effect. They judge
 * by the world, never by what the service believes.
 */
final class Judge {

  final World world;

  /** First violation of each invariant. */
  final Map<String, String> violations = new LinkedHashMap<>();

  /** Who has written an object last; absent when it was a person. */
  final Map<ObjectRef, Written> owned = new HashMap<>();

  /** Orders what the clock, in seconds, does not tell apart. */
  private long order;

  private final Map<Long, Long> times = new HashMap<>();

  /** When people, or the world, last changed something of a namespace. */
  private final Map<String, Long> others = new HashMap<>();

  /** When people last changed a policy of a namespace. */
  final Map<String, Long> edits = new HashMap<>();

  /** The same, but for what they made STRICT, to which a lock is no contradiction. */
  final Map<String, Long> loosened = new HashMap<>();

  final Map<String, Long> asked = new HashMap<>();
  final Map<String, Long> approved = new HashMap<>();
  final Map<String, Long> overridden = new HashMap<>();

  private final Map<String, Long> overriddenAt = new HashMap<>();

  /** Plans that may open what another one has locked. */
  final Set<String> grants = new HashSet<>();

  /** When an attempt to lock ended, so that no consent of before counts any more. */
  final Map<String, Long> ended = new HashMap<>();

  /** When what a plan's gates go by was changed, so that no consent of before counts any more. */
  private final Map<String, Long> voided = new HashMap<>();

  /** The plan whose terms somebody is changing; empty when nobody is. */
  private String changing = "";

  /** As a plan was when the write that is under way for a step began. */
  final Map<String, Begun> begun = new HashMap<>();

  record Begun(PlanRecord plan, long order) {}

  /** Steps of which it was told that they were locked. */
  final Set<String> told = new HashSet<>();

  /** UIDs of plans that were deleted and had not been undone: nothing of them may land any more. */
  final Set<String> forgotten = new HashSet<>();

  /** When a plan last wrote a forward policy in a namespace. */
  final Map<String, Long> forward = new HashMap<>();

  /** When a plan last opened a namespace for mutual TLS that was DISABLE. */
  final Map<String, Long> opened = new HashMap<>();

  /** What there was before a plan's first write for a step. */
  final Map<String, Before> before = new HashMap<>();

  private long changed;
  private int ticks;
  private final WriteJudge writes = new WriteJudge(this);
  private final StepJudge steps = new StepJudge(this);
  final AuditJudge audits;
  final RefusalJudge refusals;

  Judge(World world) {
    this.world = world;
    this.refusals = new RefusalJudge(world, this);
    this.audits = new AuditJudge(this);
  }

  /**
   * A write by the service that nobody has changed since.
   *
   * @param before of the plan's first write to the object; null when it was not there
   * @param was the mode that the object's scope had before that
   * @param touched whether a person has written it since, and left it as strict
   */
  record Written(
      String plan,
      String subject,
      Purpose purpose,
      PeerAuthentication.@Nullable Spec before,
      MtlsMode was,
      PeerAuthentication.@Nullable Spec after,
      boolean touched) {

    boolean forward() {
      return purpose == Purpose.LOCK || purpose == Purpose.ENABLE || purpose == Purpose.EXCEPTION;
    }
  }

  record Before(Cluster.Version version, long order) {}

  void violated(String invariant, String what) {
    if (violations.putIfAbsent(invariant, Happening.time(world.now()) + " " + what) == null) {
      world.story.tell(world.now(), "!! " + invariant + ": " + what);
    }
  }

  /**
   * Ticks are sparse where nothing moves: so many of them are a loop that does not come to rest.
   */
  void counted() {
    if (++ticks == 50_000) {
      violated("NO_FLAPPING", "the loop has not come to rest for " + ticks + " ticks");
    }
  }

  boolean flaps() {
    return violations.containsKey("NO_FLAPPING");
  }

  long next() {
    times.put(++order, world.now());
    return order;
  }

  /** When that was, in seconds. */
  long at(long next) {
    return times.getOrDefault(next, 0L);
  }

  static String key(String plan, String subject) {
    return plan + " " + subject;
  }

  /** Something happened that is not the service's doing. */
  void changedAt(long now) {
    changed = now;
  }

  long changed() {
    return changed;
  }

  /**
   * People, or the world, changed what decides a namespace's modes after a view of it was taken.
   */
  boolean changedSince(String namespace, long view) {
    return others.getOrDefault(namespace, 0L) >= view
        || others.getOrDefault(Cluster.ROOT, 0L) >= view;
  }

  void facts(String namespace) {
    others.put(namespace, world.now());
  }

  void born(String namespace) {
    facts(namespace);
  }

  boolean lost(Workload workload, Calls.Stretch stretch, long call) {
    return writes.lost(workload, stretch, call);
  }

  void died(String namespace) {
    facts(namespace);
    owned.keySet().removeIf(ref -> ref.namespace().equals(namespace));
    forward.keySet().removeIf(key -> key.endsWith(" " + namespace));
    opened.keySet().removeIf(key -> key.endsWith(" " + namespace));
    before.keySet().removeIf(key -> key.endsWith(" " + namespace));
    world.book.plans().keySet().forEach(plan -> ended.put(key(plan, namespace), next()));
  }

  /** Whether it decides nothing: an older policy of its scope does. */
  private boolean idle(String namespace, Cluster.Version before) {
    Cluster.Namespace known = world.cluster.find(namespace);
    return known != null
        && !namespace.equals(Cluster.ROOT)
        && known.workloads.values().stream()
            .allMatch(
                workload ->
                    Workload.PORTS.stream()
                        .allMatch(
                            port ->
                                StepJudge.mode(before, workload, port)
                                    == StepJudge.mode(world.cluster.now(), workload, port)));
  }

  void edited(
      ObjectRef ref,
      @Nullable PeerAuthentication live,
      PeerAuthentication.@Nullable Spec spec,
      Cluster.Version before) {
    facts(ref.namespace());
    boolean theirs = !owned.containsKey(ref) && idle(ref.namespace(), before);
    if (!theirs && (live == null || !live.spec().equals(spec))) {
      edits.put(ref.namespace(), next());
      if (spec == null || spec.mode() != MtlsMode.STRICT) {
        loosened.put(ref.namespace(), next());
      }
    }
    boolean stays =
        live != null
            && spec != null
            && live.spec().mode() == MtlsMode.STRICT
            && spec.mode() == MtlsMode.STRICT;
    Written ours = stays ? owned.get(ref) : null;
    if (ours == null) {
      owned.remove(ref);
    } else {
      owned.put(
          ref,
          new Written(
              ours.plan(),
              ours.subject(),
              ours.purpose(),
              ours.before(),
              ours.was(),
              ours.after(),
              true));
    }
  }

  void asked(String plan, String subject) {
    asked.put(key(plan, subject), next());
    asked.put(plan, order);
  }

  /**
   * An attempt ends with the record that says so; whoever was skipped or exempt had no other one.
   */
  private void ends(StepRecord step) {
    Phase before = world.book.step(step.plan(), step.key()).map(StepRecord::phase).orElse(null);
    boolean ends =
        switch (step.phase()) {
          case ROLLING_BACK, ROLLED_BACK, DRIFTED, PENDING, EXEMPT, SKIPPED -> true;
          default -> false;
        };
    if (ends
        && before != null
        && before != step.phase()
        && before != Phase.SKIPPED
        && before != Phase.EXEMPT) {
      ended.put(key(step.plan(), step.key().isMesh() ? "mesh" : step.key().namespace()), next());
    }
  }

  void approved(String plan, String subject) {
    approved.put(key(plan, subject), next());
  }

  void overridden(String plan, String subject) {
    overridden.put(key(plan, subject), next());
    overriddenAt.put(key(plan, subject), world.now());
  }

  /**
   * Returns until when a client must have called first for that a person has let the gate pass with
   * it: the time of the last override, for ever where that was given without a measurement, or of
   * callers that no source names, and some are among those that the gate has found. -1 when the
   * gate passes by itself.
   */
  long letPassUntil(PlanRecord plan, String subject, String server) {
    StepKey key = subject.equals("mesh") ? StepKey.MESH : new StepKey(subject);
    return world
        .book
        .step(plan.name(), key)
        .filter(step -> reason(step) == Reason.OVERRIDDEN)
        .map(
            step ->
                step.overrides().stream().anyMatch(o -> unmeasured(o, step))
                        || step.overrides().stream().anyMatch(o -> nameless(o, step, server))
                    ? Long.MAX_VALUE
                    : overriddenAt.getOrDefault(key(plan.name(), subject), -1L))
        .orElse(-1L);
  }

  private static @Nullable Reason reason(StepRecord step) {
    GateResult gate = step.gate(Gate.PLAINTEXT);
    return gate == null ? null : gate.reason();
  }

  private static boolean nameless(GateOverride override, StepRecord step, String server) {
    GateResult gate = step.gate(Gate.PLAINTEXT);
    return covered(override).contains(Caller.UNKNOWN.id() + " to " + server)
        && gate != null
        && gate.message().contains("plaintext still comes from " + Caller.UNKNOWN.id());
  }

  private static List<String> covered(GateOverride override) {
    return override.covers().getOrDefault(Gate.PLAINTEXT, List.of());
  }

  /** Whether a person has agreed to what is not measured, and something is not. */
  private static boolean unmeasured(GateOverride override, StepRecord step) {
    GateResult gate = step.gate(Gate.PLAINTEXT);
    return covered(override).contains(GateOverride.NOT_MEASURED)
        && (gate == null
            || !gate.message().contains("plaintext still comes from ")
            || gate.message().contains("; of others, "));
  }

  /** A person who may override {@code other} let {@code plan} open what that one has locked. */
  void granted(String plan, String other) {
    grants.add(key(plan, other));
  }

  /** A plan that had ended is taken up: no consent of before counts in any of its steps. */
  void takenUp(String plan) {
    for (StepRecord step : world.book.steps(plan)) {
      ended.put(key(plan, step.key().isMesh() ? "mesh" : step.key().namespace()), next());
    }
  }

  /** Runs a command that changes what a plan's gates go by, from when it is saved on. */
  void changes(String plan, Runnable command) {
    String before = changing;
    changing = plan;
    try {
      command.run();
    } finally {
      changing = before;
    }
  }

  /**
   * When consent to a step ended, for the write that is under way: what is changed once that has
   * begun races it.
   */
  long voided(String plan, String subject) {
    long attempt = ended.getOrDefault(key(plan, subject), 0L);
    long changed = voided.getOrDefault(plan, 0L);
    Begun write = begun.get(key(plan, subject));
    return write != null && changed > write.order() ? attempt : Math.max(attempt, changed);
  }

  void saves(Replica replica, StepRecord step, @Nullable PlanRecord plan) {
    ends(step);
    audits.saves(replica, step, plan);
    writes.intends(step, plan);
  }

  void saved(Replica replica, @Nullable PlanRecord held, PlanRecord saved) {
    if (held != null && changing.equals(saved.name()) && held.generation() != saved.generation()) {
      voided.put(saved.name(), next());
    }
    if (!replica.interrupted
        && saved.endedAt() != null
        && (held == null || held.endedAt() == null)) {
      steps.ended(saved);
    }
  }

  /** Nobody may forget the way back by the way. */
  void deleted(PlanRecord plan) {
    // What is left after an undo was told, and is nobody's to take back any more.
    boolean undone = plan.phase() == PlanPhase.ROLLED_BACK || plan.phase() == PlanPhase.CLEANED_UP;
    if (plan.phase() == PlanPhase.DRAFT || undone) {
      return;
    }
    forgotten.add(plan.uid());
    owned.forEach(
        (ref, written) -> {
          if (written.plan().equals(plan.name())
              && !written.touched()
              && (written.forward() || written.purpose() == Purpose.EXEMPT)) {
            violated(
                "WAY_BACK_DELETED",
                plan.name() + " was deleted though its " + ref + " is in place");
          }
        });
  }

  void told(Replica replica, Event event) {
    steps.told(replica, event);
  }

  void written(Replica replica, WriteIntent intent, Cluster.Version before, boolean late) {
    writes.written(replica, intent, before, late);
  }

  void ticked(Replica replica, TickReport report) {
    for (TickReport.Failure failure : report.failures()) {
      RuntimeException cause = failure.cause();
      boolean expected =
          cause instanceof RolloutLedger.UnavailableException
              || cause instanceof RolloutLedger.StaleRecordException
              || cause instanceof PolicyWriter.PolicyReadException;
      if (!expected) {
        violated(
            "NO_BUGS",
            replica.name + ", " + failure.plan() + " " + failure.subject() + ": " + cause);
        if (Boolean.getBoolean("simulation.traces")) {
          cause.printStackTrace();
        }
      }
    }
  }

  void end() {
    if (flaps()) {
      return;
    }
    new EndJudge(this).judge();
    audits.end();
  }
}
