package io.mtlsmigration.simulation;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyChange.Purpose;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepRecord;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** Judges what is said of steps and plans, at the time when it is said. */
final class StepJudge {

  /** A lock and its way back make some ten moves; more than this without a cause is flapping. */
  private static final int MOVES = 30;

  private static final long HOUR = 3600;

  /** Later than this nothing that was behind is behind any more, unless it has stopped. */
  static final long LAG = 600;

  private final Judge judge;
  private final Map<String, Deque<Long>> moves = new HashMap<>();

  StepJudge(Judge judge) {
    this.judge = judge;
  }

  /** The mode of a workload's port: as policies say, or as ztunnels are told. */
  static MtlsMode mode(Cluster.Version version, Workload workload) {
    if (workload.dataPlane == DataPlane.AMBIENT && !workload.pods.isEmpty()) {
      return version
          .enforced
          .namespace(workload.namespace)
          .of(workload.pods.getFirst())
          .of(Workload.PORT);
    }
    return version
        .modes
        .namespace(workload.namespace)
        .ofLabels(workload.labels())
        .of(Workload.PORT);
  }

  static boolean excepted(PlanRecord plan, Workload workload) {
    for (PlanSpec.PolicyException one : plan.spec().exceptions()) {
      Integer port = one.port();
      if ((port == null || port == Workload.PORT)
          && one.namespace().equals(workload.namespace)
          && workload.name.equals(one.selector().get("app"))) {
        return true;
      }
    }
    return false;
  }

  void told(Replica replica, Event event) {
    boolean moved =
        event.type() == Event.Type.PHASE_CHANGED
            || event.type() == Event.Type.POLICY_WRITTEN
            || event.type() == Event.Type.GATE_CHANGED;
    if (moved) {
      flaps(event);
    }
    if (event.type() == Event.Type.POLICY_WRITTEN || event.to().equals("LOCKED")) {
      judge.told.add(Judge.key(event.plan(), event.subject()));
    }
    switch (event.to()) {
      case "ROLLING_BACK", "ROLLED_BACK", "DRIFTED", "PENDING", "EXEMPT", "SKIPPED" ->
          judge.ended(event);
      default -> {}
    }
    PlanRecord plan = judge.world.book.plans().get(event.plan());
    if (event.type() != Event.Type.PHASE_CHANGED || plan == null) {
      return;
    }
    // Whoever stood still between its last look and its word cannot know what came meanwhile.
    switch (replica.interrupted ? Phase.PENDING : Phase.valueOf(event.to())) {
      case LOCKED -> locked(plan, event);
      case ROLLED_BACK -> undone(plan, event.subject());
      default -> {}
    }
  }

  /** Bounded: without a change from outside, a step does not move and write all the time. */
  private void flaps(Event event) {
    long now = judge.world.now();
    Deque<Long> last =
        moves.computeIfAbsent(event.plan() + " " + event.subject(), k -> new ArrayDeque<>());
    last.add(now);
    if (last.size() > MOVES) {
      long first = last.removeFirst();
      if (now - first <= 8 * HOUR && judge.changed() < first - HOUR) {
        judge.violated(
            "NO_FLAPPING",
            event.plan()
                + " "
                + event.subject()
                + " moved "
                + MOVES
                + " times within hours in which nothing changed; last "
                + event.to()
                + " "
                + event.message());
      }
    }
  }

  /**
   * LOCKED means that STRICT is in force: stored, and with every proxy. What changed after the view
   * was taken is drift, which is told later.
   */
  private void locked(PlanRecord plan, Event event) {
    String subject = event.subject();
    long view = judge.world.now() - LAG;
    if (subject.equals("mesh")) {
      if (judge.world.cluster.now().modes.mesh().mode() != MtlsMode.STRICT
          && !judge.changedSince(Cluster.ROOT, view)) {
        judge.violated("LOCKED_IS_STRICT", "mesh of " + plan.name() + " is LOCKED, and not STRICT");
      }
      return;
    }
    Cluster.Namespace namespace = judge.world.cluster.find(subject);
    if (namespace == null || judge.changedSince(subject, view)) {
      return;
    }
    for (Workload workload : namespace.workloads.values()) {
      // What is scaled to zero is nothing yet; when it comes back open, that is drift, and told.
      boolean nobody = workload.pods.isEmpty() || !workload.serves;
      if (nobody || !Cluster.governed(workload) || excepted(plan, workload)) {
        continue;
      }
      if (mode(judge.world.cluster.now(), workload) != MtlsMode.STRICT) {
        judge.violated(
            "LOCKED_IS_STRICT",
            subject
                + " of "
                + plan.name()
                + " is LOCKED, and "
                + workload.id()
                + " is "
                + mode(judge.world.cluster.now(), workload));
      }
      // What was found STRICT nobody has waited for, where nobody counts what it takes.
      if (event.reason() != Reason.ALREADY_STRICT || judge.world.ztunnel.counted()) {
        held(plan, workload);
      }
      for (Pod pod : workload.pods) {
        if (judge.world.proxies.mode(workload, pod) != MtlsMode.STRICT) {
          judge.violated(
              "LOCKED_IS_IN_FORCE",
              subject
                  + " of "
                  + plan.name()
                  + " is LOCKED, and the proxy of "
                  + pod.ref()
                  + " has "
                  + judge.world.proxies.mode(workload, pod));
        }
      }
    }
  }

  /** What came before the lock, and sends on. With a port that is open nobody knows where to. */
  private void held(PlanRecord plan, Workload workload) {
    boolean touched =
        plan.spec().exceptions().stream()
            .anyMatch(
                e ->
                    e.namespace().equals(workload.namespace)
                        && workload.name.equals(e.selector().get("app")));
    long now = judge.world.now();
    for (Ztunnel.Held held : judge.world.ztunnel.held(workload.id())) {
      if (!touched && held.from() < now - LAG && held.to() > now) {
        judge.violated(
            "LOCKED_CARRIES_NO_PLAINTEXT",
            workload.id() + " is LOCKED, and takes plaintext from " + held.client());
      }
    }
  }

  /** Said to be undone is undone: no STRICT of this step's own is in place. */
  private void undone(PlanRecord plan, String subject) {
    judge.owned.forEach(
        (ref, written) -> {
          if (written.plan().equals(plan.name())
              && written.subject().equals(subject)
              && strict(ref, written)) {
            judge.violated(
                "UNDONE_IS_UNDONE",
                subject + " of " + plan.name() + " is ROLLED_BACK, and its " + ref + " is STRICT");
          }
        });
  }

  private boolean strict(ObjectRef ref, Judge.Written written) {
    return written.after() != null
        && !written.touched()
        && written.after().mode() == MtlsMode.STRICT
        && judge.world.cluster.policy(ref) != null
        // What was STRICT by an enclosing policy stays so, where another one has come in its place.
        && written.was() != MtlsMode.STRICT
        && (written.before() == null || written.before().mode() != MtlsMode.STRICT);
  }

  /** What an ended plan says of itself. */
  void ended(PlanRecord plan) {
    boolean undone = plan.phase() == PlanPhase.ROLLED_BACK || plan.phase() == PlanPhase.CLEANED_UP;
    judge.owned.forEach(
        (ref, written) -> {
          if (!written.plan().equals(plan.name())) {
            return;
          }
          if (undone && (strict(ref, written) || (!inLedger(plan, ref) && mine(ref, written)))) {
            judge.violated(
                "UNDONE_IS_UNDONE",
                plan.name()
                    + " has ended as "
                    + plan.phase()
                    + ", and its "
                    + ref
                    + " ("
                    + written.purpose()
                    + ") is in place");
          }
        });
    for (StepRecord step : judge.world.book.steps(plan.name())) {
      exempt(plan, step);
      if (plan.phase() == PlanPhase.COMPLETED && step.phase() == Phase.LOCKED) {
        drift(plan, step, "COMPLETED_IS_LOCKED");
      }
    }
  }

  /** An object that was not there before, as this plan left it. */
  private boolean mine(ObjectRef ref, Judge.Written written) {
    return written.before() == null
        && !written.touched()
        && (written.forward() || written.purpose() == Purpose.EXEMPT)
        && judge.world.cluster.policy(ref) != null;
  }

  private boolean inLedger(PlanRecord plan, ObjectRef ref) {
    return judge.world.book.steps(plan.name()).stream()
        .flatMap(s -> s.ledger().stream())
        .anyMatch(e -> e.ref().equals(ref));
  }

  /** Who is exempt by request is open, whatever phase the plan ends in. */
  private void exempt(PlanRecord plan, StepRecord step) {
    if (step.phase() != Phase.EXEMPT || step.reason() != Reason.REQUESTED) {
      return;
    }
    judge.owned.forEach(
        (ref, written) -> {
          boolean own =
              written.plan().equals(plan.name()) && written.subject().equals(step.key().toString());
          if (own && strict(ref, written)) {
            judge.violated(
                "EXEMPT_IS_OPEN",
                plan.name()
                    + " has ended, "
                    + step.key()
                    + " is EXEMPT, and its "
                    + ref
                    + " is STRICT");
          }
        });
  }

  void drift(PlanRecord plan, StepRecord step, String invariant) {
    Cluster.Namespace namespace = judge.world.cluster.find(step.key().namespace());
    if (namespace == null || judge.changedSince(namespace.name, judge.world.now() - LAG)) {
      return;
    }
    for (Workload workload : namespace.workloads.values()) {
      if (workload.serves
          && !workload.pods.isEmpty()
          && Cluster.governed(workload)
          && !excepted(plan, workload)
          && mode(judge.world.cluster.now(), workload) != MtlsMode.STRICT) {
        judge.violated(
            invariant,
            step.key()
                + " of "
                + plan.name()
                + " ("
                + plan.phase()
                + ") is "
                + step.phase()
                + ", and "
                + workload.id()
                + " is "
                + mode(judge.world.cluster.now(), workload));
      }
    }
  }
}
