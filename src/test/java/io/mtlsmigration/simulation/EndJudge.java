// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.DryRun;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.MeshReach;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.commands.PlanCommands;
import io.mtlsmigration.rollout.commands.Waiting;
import io.mtlsmigration.rollout.decisions.OwnPolicies;
import io.mtlsmigration.rollout.decisions.StepDecisions;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Judges the end of a history, when nothing has happened for two days and everything that can be
 * mended without a person is, and policies that a plan tells people to touch are touched: what has
 * not come to an end says truthfully what it waits for.
 */
final class EndJudge {

  /** Prometheus forgets a series in so many seconds. */
  private static final long STALE = 300;

  /** Seconds since all was healed for the last time. */
  private static final long CALM = Happening.DAY;

  private final Judge judge;
  private final World world;

  EndJudge(Judge judge) {
    this.judge = judge;
    this.world = judge.world;
  }

  void judge() {
    for (PlanRecord plan : world.book.plans().values()) {
      if (plan.phase() == PlanPhase.DRAFT) {
        continue;
      }
      List<StepRecord> steps = world.book.steps(plan.name());
      waits(plan);
      for (StepRecord step : steps) {
        step(plan, step);
      }
    }
    orphans();
  }

  private void waits(PlanRecord plan) {
    PlanCommands commands = world.leader().commands;
    List<Waiting> waiting = commands.waitingOn(plan);
    boolean open = plan.active() || plan.phase() == PlanPhase.RUNNING;
    if (open && waiting.isEmpty()) {
      judge.violated("SAYS_WHY", plan.name() + " is " + plan.phase() + " and waits for nothing");
    }
    for (Waiting one : waiting) {
      if (one.gate().equals("tick") && plan.phase() == PlanPhase.RUNNING) {
        judge.violated(
            "SAYS_WHY",
            plan.name() + " " + one.subject() + " says that the next tick goes on, for two days");
      }
      boolean refused = one.reason() == Reason.WOULD_BE_REFUSED;
      if ((refused || one.reason() == Reason.PLAINTEXT_CLIENTS)
          && !plaintext(plan, one.subject(), refused)) {
        judge.violated(
            "SAYS_WHY",
            plan.name() + " waits for clients that send no plaintext: " + one.message());
      }
      if (!healed(plan, one)) {
        judge.violated(
            "SAYS_WHY",
            plan.name() + " " + one.subject() + " waits for what is healed: " + one.message());
      }
      boolean undoing =
          plan.phase() == PlanPhase.ROLLED_BACK || plan.phase() == PlanPhase.CLEANED_UP;
      if (one.gate().equals("mesh")
          && waiting.stream()
              .noneMatch(w -> w.subject().equals("mesh") && w.message().contains("OwnedByOther"))) {
        judge.violated(
            "UNDO_ENDS",
            plan.name() + " keeps " + one.subject() + " locked until the mesh is undone");
      }
      if (undoing
          && one.reason() == Reason.NOT_ENFORCED
          && one.gate().equals("rollback")
          && !one.message().contains("not touched")
          && !one.message().contains("OwnedByOther")
          && !keptByPeople(plan, one.subject())) {
        judge.violated(
            "UNDO_ENDS",
            plan.name() + " " + one.subject() + " is still being undone: " + one.message());
      }
    }
  }

  /** What people have applied on a MANIFEST plan's word, only they take back. */
  private boolean keptByPeople(PlanRecord plan, String namespace) {
    java.time.Instant started = plan.startedAt();
    long since = started == null ? 0 : java.time.Duration.between(World.START, started).toSeconds();
    return plan.spec().apply() == io.mtlsmigration.plan.PlanSpec.Apply.MANIFEST
        && judge.changedSince(namespace, since);
  }

  /** Whether somebody without mutual TLS has called within the window, or holds a connection. */
  private boolean plaintext(PlanRecord plan, String subject, boolean audit) {
    long now = world.now();
    PlanSpec.Gates gates = plan.spec().gates();
    Duration window = audit && gates.audit() != null ? gates.audit() : gates.plaintextWindow();
    world.calls().advance(now);
    long from = now - window.toSeconds() - 4000;
    for (Calls.Flow flow : world.calls().flows()) {
      for (Calls.Stretch stretch : flow.stretches) {
        if (about(subject, flow.server)
            && stretch.plaintext()
            && flow.last(Math.max(told(flow, stretch, from), stretch.from()), stretch.to()) >= 0) {
          return true;
        }
      }
    }
    return world.streams.open(subject)
        || world.ztunnel.held().stream()
            .anyMatch(h -> about(subject, h.server()) && h.to() > ztunnel(h.called().node(), from));
  }

  private long ztunnel(String node, long from) {
    return told(Ztunnel.id(node), world.ztunnel.at(from, node), from);
  }

  /**
   * What came after the last scrape before the window may have come within it, to whoever reads.
   */
  private long told(Calls.Flow flow, Calls.Stretch stretch, long from) {
    long told = from;
    for (Calls.Receiver receiver : stretch.receivers()) {
      Workload server = world.cluster.workload(flow.server);
      Workload.Life life = server == null ? null : server.life(receiver.pod(), from);
      told =
          Math.min(
              told,
              receiver.dataPlane() == DataPlane.AMBIENT
                  ? ztunnel(receiver.node(), from)
                  : told(flow.server, life, from));
    }
    return told;
  }

  private long told(String target, Workload.@Nullable Life life, long from) {
    if (life == null || life.to() <= from) {
      return from;
    }
    long scraped = world.scrapes.scraped(target, life, from);
    // Without a sample at the begin all that was ever counted may be of the window.
    boolean hole = from - scraped > STALE;
    return Math.min(from, hole ? life.from() : Math.max(life.from(), scraped));
  }

  static boolean about(String subject, String server) {
    return subject.equals("mesh") || server.startsWith(subject + "/");
  }

  /** Since all is healed, everything is scraped and every proxy has followed. */
  private boolean healed(PlanRecord plan, Waiting one) {
    return switch (one.reason()) {
      case PROXIES_NOT_SYNCED -> false;
      case NOT_WATCHED, WATCH_TOO_SHORT ->
          world.scrapes.broken()
              || plan.spec().gates().plaintextWindow().toSeconds() > CALM - 3600
              || unread(one.subject(), plan.spec().gates().plaintextWindow().toSeconds());
      case AUDIT_RUNS -> plan.phase() == PlanPhase.PAUSED || auditing(plan, one.subject());
      default -> true;
    };
  }

  /** Whether a dry run is young enough to go on; ticks are sparse. */
  private boolean auditing(PlanRecord plan, String namespace) {
    Duration audit = plan.spec().gates().audit();
    DryRun run =
        world
            .book
            .step(plan.name(), new StepKey(namespace))
            .map(StepRecord::dryRun)
            .filter(one -> one.placedAt() != null)
            .orElse(null);
    return audit != null
        && run != null
        && run.placedAt().plus(audit).plusSeconds(CALM / 4).isAfter(world.instant());
  }

  /** Whether logs hold lines within the window that nobody can read, or lack some. */
  private boolean unread(String subject, long window) {
    long from = world.now() - window - 4000;
    return world.logs.callers
        && (world.calls().flows().stream()
                .filter(flow -> about(subject, flow.server))
                .filter(flow -> flow.client.equals(Logs.ODD) || flow.client.equals(Logs.FORWARDED))
                .anyMatch(flow -> flow.last(from, world.now()) >= 0)
            || world.logs.broken(subject, from));
  }

  private void step(PlanRecord plan, StepRecord step) {
    boolean held = plan.phase() == PlanPhase.RUNNING || plan.phase() == PlanPhase.COMPLETED;
    if (step.phase() == Phase.LOCKED && !step.key().isMesh() && held) {
      new StepJudge(judge).drift(plan, step, "DRIFT_IS_TOLD");
    }
    if (step.phase() == Phase.LOCKED && held && step.health() == null) {
      healthy(plan, step);
      if (!step.key().isMesh()) {
        protects(plan, step);
        if (plan.moving()) {
          opens(plan, step);
        }
      }
    }
    merged(plan, step);
    if (StepDecisions.gated(step.phase()) && plan.moving() && !step.key().isMesh()) {
      tells(plan, step);
    }
    // It is not taken up again while another active plan has a namespace of it.
    boolean elsewhere = world.leader().commands.conflict(plan).isPresent();
    if (plan.phase() == PlanPhase.COMPLETED
        && !elsewhere
        && step.phase() != Phase.LOCKED
        && step.phase() != Phase.EXEMPT
        && step.phase() != Phase.SKIPPED) {
      judge.violated(
          "COMPLETED_IS_COMPLETE",
          plan.name() + " is COMPLETED, and " + step.key() + " is " + step.phase());
    }
    boolean lock =
        step.ledger().stream()
            .anyMatch(e -> e.purpose() == io.mtlsmigration.plan.PolicyChange.Purpose.LOCK);
    // An event whose save lost its answer was never told; one that was told is kept.
    boolean once = judge.told.contains(Judge.key(plan.name(), step.key().toString()));
    if (step.phase() == Phase.LOCKED && lock && once) {
      boolean told =
          world.book.events(plan.name()).stream()
              .anyMatch(
                  e ->
                      e.subject().equals(step.key().toString())
                          && (e.type() == Event.Type.POLICY_WRITTEN || e.to().equals("LOCKED")));
      if (!told) {
        judge.violated(
            "THE_LOCK_STAYS_TOLD",
            plan.name() + " has forgotten how " + step.key() + " was locked");
      }
    }
  }

  /** Whose own lock tells what it does; and a policy of its own is not the mesh step's. */
  private boolean tellsItself(PlanRecord plan, String server) {
    String namespace = server.substring(0, server.indexOf('/'));
    return world.book.step(plan.name(), new StepKey(namespace)).isPresent()
        || !MeshReach.inherits(world.cluster.now().modes, namespace);
  }

  /** A lock that refuses a client with a proxy, and was told so by a probe, says so. */
  private void healthy(PlanRecord plan, StepRecord step) {
    for (Calls.Flow flow : world.calls().flows()) {
      Workload client =
          flow.client.startsWith("outside") ? null : world.cluster.workload(flow.client);
      Workload server = world.cluster.workload(flow.server);
      if (flow.running()
          && about(step.key().toString(), flow.server)
          && !(step.key().isMesh() && tellsItself(plan, flow.server))
          && client != null
          && client.dataPlane.captured()
          && server != null
          && Cluster.governed(server)
          && !StepJudge.excepted(plan, server, flow.port)
          && !StepJudge.ignored(plan.spec(), flow)
          && world.leader().probes.failed(flow.client, server, flow.port)
          && flow.receivers().stream()
              .anyMatch(r -> r.captured() && r.refused() && r.plaintext())) {
        judge.violated(
            "A_LOCK_THAT_HARMS_SAYS_SO",
            step.key()
                + " of "
                + plan.name()
                + " is LOCKED and well, and refuses "
                + flow.client
                + " at "
                + flow.server);
      }
    }
  }

  /** Who calls in plaintext is told, whatever else of the window nobody has watched. */
  private void tells(PlanRecord plan, StepRecord step) {
    Cluster.Namespace namespace = world.cluster.find(step.key().namespace());
    GateResult told = step.gate(Gate.PLAINTEXT);
    if (namespace == null || namespace.terminating || namespace.telemetry != null || told == null) {
      return;
    }
    if (world.scrapes.isDown()) {
      return; // what nobody can ask has not been seen
    }
    // Where a person lets pass whom it names, it may hold for what is not measured beside them.
    boolean says =
        told.result() == GateResult.Result.FAIL
            || told.reason() == Reason.OVERRIDDEN
            || told.message().startsWith("plaintext still comes from");
    world.calls().advance(world.now());
    for (Calls.Flow flow : world.calls().flows()) {
      Workload server = world.cluster.workload(flow.server);
      if (!says
          && server != null
          && flow.serverNamespace().equals(namespace.name)
          && callsForHours(flow)
          && plan.spec().exceptions().stream()
              .noneMatch(one -> server.app.equals(one.selector().get("app")))) {
        judge.violated(
            "SEEN_IS_TOLD",
            step.key()
                + " of "
                + plan.name()
                + " says of plaintext "
                + told.result()
                + " ("
                + told.message()
                + "), and "
                + flow.client
                + " calls "
                + flow.server
                + " all the time");
      }
    }
  }

  private boolean callsForHours(Calls.Flow flow) {
    return flow.running()
        && flow.period <= 600
        && !flow.receivers().isEmpty()
        && flow.receivers().stream().allMatch(r -> r.captured() && r.plaintext() && !r.refused())
        && !flow.stretches.isEmpty()
        && flow.stretches.getLast().from() < world.now() - 7200
        && flow.stretches.getLast().receivers().equals(flow.receivers());
  }

  /** A lock beside a server without a proxy, which takes everything, says so. */
  private void protects(PlanRecord plan, StepRecord step) {
    Cluster.Namespace namespace = world.cluster.find(step.key().namespace());
    if (namespace == null) {
      return;
    }
    NamespaceFacts facts = world.cluster.now().modes.namespace(namespace.name).facts();
    for (Workload workload : namespace.workloads.values()) {
      boolean bare =
          workload.dataPlane == DataPlane.NONE && workload.pods.stream().anyMatch(facts::serves);
      boolean whole = StepJudge.excepted(plan, workload, 0); // not at a port alone
      if (bare && !whole) {
        judge.violated(
            "A_LOCK_THAT_PROTECTS_NOTHING_SAYS_SO",
            step.key()
                + " of "
                + plan.name()
                + " is LOCKED and well, and "
                + workload.id()
                + " has no proxy");
      }
    }
  }

  /** An exception of a lock that is called well is in force: somebody was told that it is. */
  private void opens(PlanRecord plan, StepRecord step) {
    Cluster.Namespace namespace = world.cluster.find(step.key().namespace());
    if (namespace == null) {
      return;
    }
    for (Workload workload : namespace.workloads.values()) {
      for (int port : Workload.PORTS) {
        if (Cluster.governed(workload)
            && !workload.pods.isEmpty()
            && StepJudge.excepted(plan, workload, port)
            && StepJudge.mode(world.cluster.now(), workload, port) == MtlsMode.STRICT) {
          judge.violated(
              "AN_EXCEPTION_IS_OPEN",
              step.key() + " of " + plan.name() + " is LOCKED and well, and refuses at " + port);
        }
      }
    }
  }

  /** A manifest that others have applied where nobody wants a lock, or watches it, is told. */
  private void merged(PlanRecord plan, StepRecord step) {
    Cluster.Namespace namespace = world.cluster.find(step.key().namespace());
    boolean left = step.phase() == Phase.EXEMPT ? step.asked() : step.phase().leftOut();
    if (plan.spec().apply() != PlanSpec.Apply.MANIFEST
        || plan.startedAt() == null
        || namespace == null
        || !(left || (StepDecisions.gated(step.phase()) && !plan.moving()))
        || world.leader().commands.conflict(plan).isPresent()
        || followed(plan, step.key())) {
      return;
    }
    NamespaceModes modes = world.cluster.now().modes.namespace(namespace.name);
    boolean applied =
        modes
            .namespacePolicy()
            .filter(policy -> policy.spec().mode() == MtlsMode.STRICT)
            .filter(policy -> policy.meta().specChangedAt().isAfter(plan.startedAt()))
            .filter(policy -> !OwnPolicies.owned(policy))
            .isPresent();
    boolean told =
        step.message().contains("nobody verifies it")
            || step.message().contains("PERMISSIVE")
            || step.message().contains("is being deleted");
    boolean goes = modes.facts().terminating();
    if (applied && !goes && modes.facts().capturedPods() > 0 && !told) {
      judge.violated(
          "MERGED_IS_TOLD",
          step.key()
              + " of "
              + plan.name()
              + " ("
              + plan.phase()
              + ") is "
              + step.phase()
              + ", STRICT by what others have applied, and says: "
              + step.message());
    }
  }

  /** Whether a plan that was started since has the namespace, and tells of it. */
  private boolean followed(PlanRecord plan, StepKey key) {
    return world.book.plans().values().stream()
        .filter(other -> other.startedAt() != null && other.startedAt().isAfter(plan.startedAt()))
        .anyMatch(other -> world.book.step(other.name(), key).isPresent());
  }

  /** STRICT that a plan wrote is in some plan's ledger, or somebody could not undo it. */
  private void orphans() {
    judge.owned.forEach(
        (ref, written) -> {
          boolean strict = written.after() != null && written.after().mode() == MtlsMode.STRICT;
          boolean known =
              world.book.plans().keySet().stream()
                  .flatMap(p -> world.book.steps(p).stream())
                  .anyMatch(
                      s ->
                          s.ledger().stream().anyMatch(e -> e.ref().equals(ref))
                              || s.inFlight().stream().anyMatch(i -> i.change().ref().equals(ref)));
          if (strict && !known && world.book.plans().containsKey(written.plan())) {
            judge.violated(
                "NO_LOCK_WITHOUT_A_WAY_BACK",
                ref + " of " + written.plan() + " is STRICT, and in no ledger");
          }
        });
  }
}
