// SPDX-License-Identifier: Apache-2.0
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
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Judges what is said of steps and plans, at the time when it is said. */
final class StepJudge {

  /** A lock and its way back make some ten moves; more than this without a cause is flapping. */
  private static final int MOVES = 30;

  /** The same of writes, which no evidence that comes and goes explains. */
  private static final int WRITES = 15;

  /** An answer that is partial lets a gate break, hold again, and a step follow it both ways. */
  private static final int MOVES_OF_A_PART = 6;

  private static final long HOUR = 3600;

  /** Later than this nothing that was behind is behind any more, unless it has stopped. */
  static final long LAG = 600;

  private final Judge judge;
  private final Map<String, Deque<Moved>> moves = new HashMap<>();
  private final Map<String, Deque<Moved>> writes = new HashMap<>();

  /** When a step began to be verified. */
  private final Map<String, Long> verifying = new HashMap<>();

  /** Steps of which a person has asked for that. */
  private final Set<String> again = new HashSet<>();

  /**
   * A move.
   *
   * @param torn readings of its plan that an answer that was partial has cost, until then
   */
  private record Moved(long at, long torn) {}

  StepJudge(Judge judge) {
    this.judge = judge;
  }

  /** The mode of a workload's port: as policies say, or as ztunnels are told. */
  static MtlsMode mode(Cluster.Version version, Workload workload) {
    return mode(version, workload, Workload.PORT);
  }

  static MtlsMode mode(Cluster.Version version, Workload workload, int port) {
    if (workload.dataPlane == DataPlane.AMBIENT && !workload.pods.isEmpty()) {
      return version.enforced.namespace(workload.namespace).of(workload.pods.getFirst()).of(port);
    }
    return version.modes.namespace(workload.namespace).ofLabels(workload.labels()).of(port);
  }

  static boolean excepted(PlanRecord plan, Workload workload, int which) {
    for (PlanSpec.PolicyException one : plan.spec().exceptions()) {
      Integer port = one.port();
      if ((port == null || port == which)
          && one.namespace().equals(workload.namespace)
          && workload.app.equals(one.selector().get("app"))) {
        return true;
      }
    }
    return false;
  }

  /** Whether a plan says that this client may fail. */
  static boolean ignored(PlanSpec spec, Calls.Flow flow) {
    return spec.verification().ignoreClients().stream()
        .anyMatch(client -> client.names(flow.client));
  }

  void told(Replica replica, Event event) {
    boolean moved =
        event.type() == Event.Type.PHASE_CHANGED
            || event.type() == Event.Type.POLICY_WRITTEN
            || event.type() == Event.Type.GATE_CHANGED;
    if (moved) {
      flaps(event, moves, MOVES, MOVES_OF_A_PART);
    }
    if (event.type() == Event.Type.POLICY_WRITTEN) {
      flaps(event, writes, WRITES, 0);
    }
    if (event.type() == Event.Type.POLICY_WRITTEN || event.to().equals("LOCKED")) {
      judge.told.add(Judge.key(event.plan(), event.subject()));
    }
    PlanRecord plan = judge.world.book.plans().get(event.plan());
    if (event.to().equals("VERIFYING")) {
      if (!event.from().equals("VERIFYING") || event.reason() == Reason.REQUESTED) {
        String key = Judge.key(event.plan(), event.subject());
        verifying.put(key, judge.world.now());
        again.remove(key);
        if (event.reason() == Reason.REQUESTED) {
          again.add(key);
        }
      }
    }
    if (event.type() != Event.Type.PHASE_CHANGED || plan == null) {
      return;
    }
    // Whoever stood still between its last look and its word cannot know what came meanwhile.
    switch (replica.interrupted ? Phase.PENDING : Phase.valueOf(event.to())) {
      case LOCKED -> {
        locked(plan, event);
        refusesNobody(replica, plan, event);
      }
      case ROLLED_BACK -> {
        undone(plan, event);
        takenBack(replica, plan, event);
      }
      default -> {}
    }
  }

  /**
   * Bounded: without a change from outside, a step does not move and write all the time; nor more
   * often than its own readings that answers in part have cost make it.
   */
  private void flaps(Event event, Map<String, Deque<Moved>> known, int most, int ofAPart) {
    PlanRecord plan = judge.world.book.plans().get(event.plan());
    long torn = plan == null ? 0 : judge.world.scrapes.torn(plan.spec());
    Moved now = new Moved(judge.world.now(), torn);
    Deque<Moved> last =
        known.computeIfAbsent(event.plan() + " " + event.subject(), k -> new ArrayDeque<>());
    last.add(now);
    if (last.size() <= most) {
      return;
    }
    Moved first = last.removeFirst();
    boolean caused =
        judge.changed() >= first.at() - HOUR || (now.torn() - first.torn()) * ofAPart >= most;
    if (!caused && now.at() - first.at() <= 8 * HOUR) {
      judge.violated(
          "NO_FLAPPING",
          event.plan()
              + " "
              + event.subject()
              + (ofAPart == 0 ? " was written " : " moved ")
              + most
              + " times within hours in which nothing changed; last "
              + event.to()
              + " "
              + event.message());
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
      mesh(plan, view);
      return;
    }
    Cluster.Namespace namespace = judge.world.cluster.find(subject);
    if (namespace == null || judge.changedSince(subject, view)) {
      return;
    }
    if (namespace.terminating) {
      judge.violated("LOCKED_IS_STRICT", subject + " is LOCKED, and is being deleted");
    }
    for (Workload workload : namespace.workloads.values()) {
      // What is scaled to zero is nothing yet; when it comes back open, that is drift, and told.
      boolean nobody = workload.pods.isEmpty() || !workload.serves;
      if (nobody || !Cluster.governed(workload)) {
        continue;
      }
      strict(plan, subject, workload);
      if (!excepted(plan, workload, Workload.PORT)) {
        held(plan, workload);
      }
    }
  }

  /** Harm counts from the last write of the lock on, or since somebody asked to verify again. */
  private void refusesNobody(Replica replica, PlanRecord plan, Event event) {
    Long begun = verifying.get(Judge.key(plan.name(), event.subject()));
    if (begun == null || event.reason() != Reason.VERIFIED || !event.from().equals("VERIFYING")) {
      return;
    }
    String namespace = event.subject().equals("mesh") ? Cluster.ROOT : event.subject();
    Long locked = judge.forward.get(Judge.key(plan.name(), namespace));
    boolean asked = again.contains(Judge.key(plan.name(), event.subject()));
    long from = asked || locked == null ? begun : Math.min(begun, judge.at(locked));
    PlanRecord found = replica.found.getOrDefault(plan.name(), plan);
    judge.refusals.verified(replica, found, event.subject(), from);
  }

  /** Those that go by the mesh's policy alone are locked by it. */
  private void mesh(PlanRecord plan, long view) {
    if (judge.changedSince(Cluster.ROOT, view)) {
      return;
    }
    if (judge.world.cluster.now().modes.mesh().mode() != MtlsMode.STRICT) {
      judge.violated("LOCKED_IS_STRICT", "mesh of " + plan.name() + " is LOCKED, and not STRICT");
      return;
    }
    for (Cluster.Namespace namespace : judge.world.cluster.all()) {
      if (!namespace.policies.isEmpty() || judge.changedSince(namespace.name, view)) {
        continue;
      }
      for (Workload workload : namespace.workloads.values()) {
        if (workload.serves && Cluster.governed(workload)) {
          strict(plan, "mesh", workload);
        }
      }
    }
  }

  /** Each port that the plan lets nobody use in plaintext, in policies and in every proxy. */
  private void strict(PlanRecord plan, String subject, Workload workload) {
    for (int port : Workload.PORTS) {
      if (excepted(plan, workload, port)) {
        continue;
      }
      MtlsMode stored = mode(judge.world.cluster.now(), workload, port);
      String locked = subject + " of " + plan.name() + " is LOCKED, and ";
      if (stored != MtlsMode.STRICT && !workload.pods.isEmpty()) {
        judge.violated("LOCKED_IS_STRICT", locked + workload.id() + ":" + port + " is " + stored);
      }
      for (Pod pod : workload.pods) {
        MtlsMode has = judge.world.proxies.mode(workload, pod, port);
        if (has != MtlsMode.STRICT) {
          judge.violated(
              "LOCKED_IS_IN_FORCE",
              locked + "the proxy of " + pod.ref() + " has " + has + " at " + port);
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
                        && workload.app.equals(e.selector().get("app")));
    long now = judge.world.now();
    for (Ztunnel.Held held : judge.world.ztunnel.held(workload.id())) {
      if (!touched && held.from() < now - LAG && held.to() > now) {
        judge.violated(
            "LOCKED_CARRIES_NO_PLAINTEXT",
            workload.id() + " is LOCKED, and takes plaintext from " + held.client());
      }
    }
  }

  /**
   * Said to be undone is undone: no STRICT of this step's own is in place, and no proxy refuses
   * what it took before.
   */
  private void undone(PlanRecord plan, Event event) {
    String subject = event.subject();
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
    Judge.Before before = judge.before.remove(Judge.key(plan.name(), subject));
    if (before == null) {
      return;
    }
    for (Cluster.Namespace namespace : judge.world.cluster.all()) {
      boolean meant =
          subject.equals("mesh") ? namespace.policies.isEmpty() : subject.equals(namespace.name);
      if (meant && !judge.changedSince(namespace.name, judge.world.now() - LAG)) {
        namespace.workloads.values().forEach(w -> opened(plan, event, before, w));
      }
    }
  }

  /** A manifest is taken back when proxies know, not when it is deleted. */
  private void takenBack(Replica replica, PlanRecord plan, Event event) {
    Cluster.Namespace namespace = judge.world.cluster.find(event.subject());
    if (plan.spec().apply() != PlanSpec.Apply.MANIFEST
        || namespace == null
        || judge.changedSince(namespace.name, replica.viewedAt)) {
      return;
    }
    for (Workload workload : namespace.workloads.values()) {
      for (Pod pod : workload.pods) {
        if (Cluster.governed(workload)
            && workload.serves
            && mode(judge.world.cluster.now(), workload) != MtlsMode.STRICT
            && judge.world.proxies.mode(workload, pod) == MtlsMode.STRICT) {
          judge.violated(
              "UNDONE_IS_UNDONE",
              event.subject()
                  + " of "
                  + plan.name()
                  + " is ROLLED_BACK, and the proxy of "
                  + pod.ref()
                  + " has not heard that its manifest is gone");
        }
      }
    }
  }

  private void opened(PlanRecord plan, Event event, Judge.Before before, Workload workload) {
    if (!workload.serves || !Cluster.governed(workload)) {
      return;
    }
    boolean others =
        judge.edits.getOrDefault(workload.namespace, 0L) > before.order()
            || judge.edits.getOrDefault(Cluster.ROOT, 0L) > before.order();
    boolean told = event.message().contains("taken back, but");
    for (int port : Workload.PORTS) {
      MtlsMode stored = mode(judge.world.cluster.now(), workload, port);
      boolean open = mode(before.version(), workload, port) != MtlsMode.STRICT;
      for (Pod pod : workload.pods) {
        boolean refuses = judge.world.proxies.mode(workload, pod, port) == MtlsMode.STRICT;
        // What people, or other plans, have made STRICT is not this step's to take back.
        boolean kept =
            stored == MtlsMode.STRICT && (others || (told && !written(workload.namespace)));
        if (open && refuses && !kept) {
          judge.violated(
              "UNDONE_IS_UNDONE",
              event.subject()
                  + " of "
                  + plan.name()
                  + " is ROLLED_BACK, the proxy of "
                  + pod.ref()
                  + " refuses plaintext at "
                  + port
                  + " as it did not before, and the policies say "
                  + stored);
        }
      }
    }
  }

  /** Whether STRICT of a namespace is as a plan has written it. */
  private boolean written(String namespace) {
    return judge.owned.entrySet().stream()
        .anyMatch(
            one ->
                one.getKey().namespace().equals(namespace)
                    && !one.getValue().touched()
                    && one.getValue().after() != null
                    && one.getValue().after().mode() == MtlsMode.STRICT);
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
    long view = Math.min(judge.world.now() - LAG, judge.world.leader().viewedAt);
    if (namespace == null || judge.changedSince(namespace.name, view)) {
      return;
    }
    for (Workload workload : namespace.workloads.values()) {
      if (!workload.serves || workload.pods.isEmpty() || !Cluster.governed(workload)) {
        continue;
      }
      for (int port : Workload.PORTS) {
        MtlsMode is = mode(judge.world.cluster.now(), workload, port);
        if (!excepted(plan, workload, port) && is != MtlsMode.STRICT) {
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
                  + ":"
                  + port
                  + " is "
                  + is);
        }
      }
    }
  }
}
