// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.loop;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.plan.PolicyWrites;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateOverride;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.HookCall;
import io.mtlsmigration.rollout.HookCaller;
import io.mtlsmigration.rollout.HookNotice;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.MeshReach;
import io.mtlsmigration.rollout.MeshReadiness;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Overlaps;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.RolloutPorts;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.WriteLedger;
import io.mtlsmigration.rollout.WriteResult;
import io.mtlsmigration.rollout.decisions.Confirmation;
import io.mtlsmigration.rollout.decisions.Decision;
import io.mtlsmigration.rollout.decisions.FailedCalls;
import io.mtlsmigration.rollout.decisions.GatedDecision;
import io.mtlsmigration.rollout.decisions.Journal;
import io.mtlsmigration.rollout.decisions.LockedHealth;
import io.mtlsmigration.rollout.decisions.OwnPolicies;
import io.mtlsmigration.rollout.decisions.RollbackDecision;
import io.mtlsmigration.rollout.decisions.RolloutEvent;
import io.mtlsmigration.rollout.decisions.StepContext;
import io.mtlsmigration.rollout.decisions.StepDecisions;
import io.mtlsmigration.rollout.decisions.Transitions;
import io.mtlsmigration.rollout.decisions.Verification;
import io.mtlsmigration.rollout.gates.CaptureCheck;
import io.mtlsmigration.rollout.gates.CellIndex;
import io.mtlsmigration.rollout.gates.GateContext;
import io.mtlsmigration.rollout.gates.Gates;
import io.mtlsmigration.rollout.gates.ServerWatches;
import io.mtlsmigration.rollout.gates.StepWrites;
import io.mtlsmigration.rollout.hooks.HookQuestions;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Processes one step in one tick: decide, act, record, until nothing is left to do or one write is
 * made.
 */
final class StepReconciler {

  /** The maximum number of moves of a step in one tick; a longer chain would be a loop. */
  private static final int MOVES = 12;

  /** The interval of health checks, which look at each pod and finding of the namespace. */
  private static final Duration EXAMINED = Duration.ofSeconds(3);

  private final RolloutPorts ports;
  private final Limits limits;
  private final Journal journal;
  private final IntentWriter writer;
  private final RatchetRelease release;
  private final DryRunReconciler reconciler;
  private final PlanRecord plan;
  private final Observation observation;
  private final CellIndex cells;
  private final Openings openings;
  private final boolean continuous;
  private final boolean blind;
  private int writes;

  StepReconciler(
      RolloutPorts ports,
      Limits limits,
      Journal journal,
      IntentWriter writer,
      PlanRecord plan,
      Tick tick) {
    this.ports = ports;
    this.limits = limits;
    this.journal = journal;
    this.writer = writer;
    this.release = new RatchetRelease(ports.ratchet(), writer, journal);
    this.plan = plan;
    this.observation = tick.observation();
    this.reconciler = new DryRunReconciler(ports, observation, journal, writer, plan);
    this.cells = tick.cells();
    this.openings = tick.openings();
    this.continuous = tick.continuous();
    this.blind = tick.blind();
  }

  /**
   * The values that all plans share in one tick.
   *
   * @param blind whether nobody knows which silence counts: no step begins, or comes before its
   *     gates
   */
  record Tick(
      Observation observation,
      CellIndex cells,
      Openings openings,
      boolean continuous,
      boolean blind) {}

  int writes() {
    return writes;
  }

  StepRecord run(StepRecord kept, StepMemory memory, boolean turn, MeshReadiness others) {
    StepRecord step = reconciler.keep(kept);
    memory.look(observation.now(), limits.watchGap());
    openings.recall(kept);
    for (int i = 0; i < MOVES; i++) {
      StepContext view = view(step, memory, shows(step, memory), turn, others);
      Instant unseen = unseen(step, view, memory);
      StepRecord known =
          watched(
              unseen.isAfter(step.openSince()) ? step.withOpenSince(unseen) : step, view, memory);
      if (!known.equals(step)) {
        step = journal.keep(step, known);
        view = view(step, memory, view.seen(), turn, others);
      }
      Turn next = decide(view, memory);
      StepRecord judged = next.step();
      switch (next.decision()) {
        case Decision.Move move -> {
          // Recorded once: evidence may be missing for days, and the history is for events.
          if (move.event() == RolloutEvent.EXTENDED
              && step.extended(plan.spec().verification().duration())) {
            return journal.keep(
                step, judged.withVerifyingUntil(move.until()).withMessage(move.message()));
          }
          String doubt = Confirmation.missing(view, move.event(), ports.writer());
          if (doubt != null) {
            return doubted(step, judged, doubt);
          }
          boolean begins =
              move.event() == RolloutEvent.LOCK_DECIDED
                  || move.event() == RolloutEvent.PREPARE_DECIDED;
          step = move(begins ? judged.withFound(view.strict()) : judged, move);
        }
        case Decision.Stay stay -> {
          return stay(step, examined(view, memory, foundOpen(view, judged)), stay);
        }
        case Decision.Found found -> {
          return found(step, judged, found);
        }
        case Decision.Write(var change) -> {
          String doubt = Confirmation.missing(view, change, ports.writer());
          if (doubt != null) {
            return doubted(step, judged, doubt);
          }
          StepRecord saved = journal.keep(step, judged);
          return write(saved, change, memory, view.adopts());
        }
      }
    }
    throw new IllegalStateException(step.key() + " of " + step.plan() + " does not come to rest");
  }

  /** Records that an exempt namespace was seen open; a later change is somebody's decision. */
  private static StepRecord foundOpen(StepContext view, StepRecord step) {
    return step.phase() == Phase.EXEMPT
            && !step.found()
            && view.seen()
            && !view.context().stale()
            && StepDecisions.exemption(view).done()
        ? step.withFound(true)
        : step;
  }

  /**
   * Checks a locked step that nobody has weakened: it may still harm clients, or protect nothing. A
   * problem is recorded when it is seen twice, and so is its end: a probe may fail by chance.
   */
  private StepRecord examined(StepContext view, StepMemory memory, StepRecord step) {
    if (step.phase() == Phase.LOCKED && !LockedHealth.watches(plan, step)) {
      return plan.undone() ? step.withHealth(null) : step;
    }
    Instant now = observation.now();
    boolean due =
        !now.isBefore(memory.examinedAt.plus(EXAMINED)) || now.isBefore(memory.examinedAt);
    if (step.phase() != Phase.LOCKED || view.context().stale() || !due) {
      return step;
    }
    memory.examinedAt = now;
    List<LockedHealth.Ailment> found = LockedHealth.of(view.context());
    StepRecord.Health known = step.health();
    boolean awaited =
        step.key().isMesh()
            ? cells.rounds().awaited()
            : cells.rounds().awaited(step.key().namespace());
    if (known != null && found.isEmpty() && awaited) {
      // Another process may have seen it by probes; this one has none yet.
      return step;
    }
    Set<String> calls =
        FailedCalls.some(
            found.stream().flatMap(one -> one.calls().stream()).sorted().distinct().toList());
    boolean same =
        known == null
            ? found.isEmpty()
            : !found.isEmpty() && found.getFirst().reason() == known.reason();
    if (same) {
      memory.turning = false;
      return known == null || known.refused().containsAll(calls)
          ? step
          : step.withHealth(
              new StepRecord.Health(known.since(), known.reason(), known.message(), calls));
    }
    if (!memory.turning) {
      memory.turning = true;
      return step;
    }
    memory.turning = false;
    // Notices know by the time that a record and an event are of one change.
    Instant at = ports.clock().instant();
    StepRecord.Health health =
        found.isEmpty()
            ? null
            : new StepRecord.Health(
                at, found.getFirst().reason(), found.getFirst().message(), calls);
    ports
        .ledger()
        .append(
            new Event(
                0,
                at,
                plan.name(),
                step.key().toString(),
                Event.Type.DRIFT_FOUND,
                "",
                "",
                health == null ? Reason.VERIFIED : health.reason(),
                health == null
                    ? "it serves its clients and refuses all others again"
                    : "locked, but " + health.message(),
                Journal.SERVICE,
                Map.of()));
    return step.withHealth(health);
  }

  private Instant verifiedUntil() {
    return observation.now().plus(plan.spec().verification().duration());
  }

  private record Turn(StepRecord step, Decision decision) {}

  /** From there a step may come before its gates: the window reaches back to now. */
  private static final Set<Phase> MAY_BE_GATED =
      EnumSet.of(Phase.PENDING, Phase.ROLLED_BACK, Phase.EXEMPT, Phase.SKIPPED);

  /**
   * Returns until when servers were not watched that are now, as far as only the step's record will
   * remember it; {@code EPOCH} when they were.
   */
  private Instant unseen(StepRecord step, StepContext view, StepMemory memory) {
    if (!judgesServers(step, view)) {
      return Instant.EPOCH;
    }
    // Only the record remembers what a leader before this one could not watch.
    if (step.unwatched()
        && view.context().traffic() instanceof Evidence.Measured<NamespaceTraffic>
        && Limits.old(memory.measuredAt, limits.watchGap(), view.now())) {
      return view.now();
    }
    boolean gated = StepDecisions.gated(step.phase());
    if (gated && plan.moving() && !memory.uncounted && uncounted(step, view)) {
      memory.uncounted = true;
      return view.now();
    }
    return ServerWatches.traceless(view.context(), view.context().traffic());
  }

  private static boolean judgesServers(StepRecord step, StepContext view) {
    return !step.key().isMesh()
        && !view.context().stale()
        && (StepDecisions.gated(step.phase()) || MAY_BE_GATED.contains(step.phase()));
  }

  /**
   * Returns whether servers were not watched until now, as the record of the last look says: pods
   * without a proxy that are gone or captured since. Neither the mesh nor Prometheus remembers
   * them.
   */
  private static boolean uncounted(StepRecord step, StepContext view) {
    return step.gates().stream()
            .anyMatch(last -> last.gate() == Gate.CAPTURE && !last.evidence().isEmpty())
        && view.context().facts().capturedPods() > 0
        && CaptureCheck.uncaptured(view.context()).isEmpty();
  }

  /** Records whether servers are watched, as far as that is known now. */
  @SuppressWarnings("ReferenceEquality") // one reading is judged once
  private static StepRecord watched(StepRecord step, StepContext view, StepMemory memory) {
    if (!judgesServers(step, view)
        || !(view.context().traffic() instanceof Evidence.Measured<NamespaceTraffic> measured)) {
      return step;
    }
    memory.measuredAt = view.now();
    if (memory.measured == measured) {
      return step;
    }
    memory.measured = measured;
    return step.withUnwatched(ServerWatches.unwatched(view.context(), measured));
  }

  /** For the mesh, what counts is the last namespace that its undo opened. */
  private StepRecord seenOpen(StepRecord step) {
    Instant latest = openings.of(step.key().namespace());
    if (step.key().isMesh() && step.phase() == Phase.ROLLING_BACK) {
      for (String namespace : MeshReach.namespaces(observation.modes())) {
        Instant opened = openings.of(namespace);
        latest = opened.isAfter(latest) ? opened : latest;
      }
    }
    return latest.isAfter(step.openSince()) ? step.withOpenSince(latest) : step;
  }

  /**
   * The writes that are left.
   *
   * @param adopts whether a person has approved the takeover that they need
   */
  private record Left(PolicyWrites writes, boolean adopts) {
    static final Left NOTHING = new Left(PolicyWrites.NOTHING, false);
  }

  /** Returns whether the snapshot shows the step's writes; if not, the API server is asked. */
  private boolean shows(StepRecord step, StepMemory memory) {
    return memory.readBack.shows(
        step.ledger(),
        observation.modes().snapshot(),
        ports.writer(),
        observation.now(),
        limits.readBack());
  }

  /** Returns {@link RollbackDecision#makesWay} for the step of the mesh. */
  boolean makesWay(StepRecord mesh, StepMemory memory) {
    return RollbackDecision.makesWay(
        view(mesh, memory, shows(mesh, memory), true, MeshReadiness.NOT_ASKED));
  }

  private StepContext view(
      StepRecord kept, StepMemory memory, boolean seen, boolean turn, MeshReadiness others) {
    MeshModes modes = observation.modes();
    StepRecord step = seenOpen(kept);
    NamespaceFacts facts =
        step.key().isMesh()
            ? modes.snapshot().root()
            : modes.snapshot().namespace(step.key().namespace());
    boolean present = facts != null;
    NamespaceFacts known = facts == null ? NamespaceFacts.empty(step.key().namespace()) : facts;
    Left left = present ? left(step, memory, others) : Left.NOTHING;
    GateContext context =
        new GateContext(
            plan, step, observation, known, left.writes(), cells, others, memory.proof, limits);
    return new StepContext(
        context, present, turn, seen, plan.spec().adopt() || left.adopts(), memory.watchedSince());
  }

  private Left left(StepRecord step, StepMemory memory, MeshReadiness others) {
    MeshModes modes = observation.modes();
    if (step.key().isMesh()) {
      return consented(StepWrites.planned(plan, step.key(), modes, others), step, others);
    }
    switch (step.phase()) {
      case PENDING, ROLLING_BACK, ROLLED_BACK, EXEMPT, SKIPPED -> {
        return Left.NOTHING;
      }
      default -> {
        // checked below
      }
    }
    NamespaceModes own = modes.namespace(step.key().namespace());
    PolicyWrites known = memory.writes(own, plan.generation());
    PolicyWrites planned =
        known != null
            ? known
            : memory.remember(
                own, plan.generation(), StepWrites.planned(plan, step.key(), modes, others));
    return consented(planned, step, others);
  }

  private Left consented(PolicyWrites planned, StepRecord step, MeshReadiness others) {
    PolicyWrites left = StepWrites.consented(planned, plan, step, observation, others);
    return new Left(left, !left.equals(planned));
  }

  private Turn decide(StepContext view, StepMemory memory) {
    StepRecord step = view.step();
    Decision.Move first = StepDecisions.first(view);
    if (first != null) {
      return new Turn(step, first);
    }
    Turn stray = stray(view);
    if (stray != null) {
      return stray;
    }
    boolean gated = StepDecisions.gated(step.phase());
    if (blind && (gated || (step.phase() == Phase.LOCKING && !view.committed()))) {
      // Says nothing in each of many records: the store may be away for seconds.
      return new Turn(step, new Decision.Stay(step.message()));
    }
    boolean stopped = !plan.moving() && (gated || step.phase() == Phase.PENDING);
    boolean left = step.phase().leftOut() || (step.phase() == Phase.EXEMPT && plan.undone());
    if (stopped || (left && view.manifest())) {
      return new Turn(
          step,
          GatedDecision.stopped(
              view, () -> Overlaps.before(plan, step.key(), ports.ledger().plans()).isPresent()));
    }
    if (gated) {
      Judged judged = judge(view, memory);
      return new Turn(judged.step(), GatedDecision.gated(judged.view(), judged.verdict()));
    }
    if (step.phase() == Phase.LOCKING) {
      return locking(view, memory);
    }
    return switch (step.phase()) {
      case VERIFYING -> {
        Verification.Judgement judgement = verify(view, memory);
        yield new Turn(judgement.step(), StepDecisions.settled(view, judgement.verdict()));
      }
      case ROLLING_BACK -> new Turn(RollbackDecision.kept(view), StepDecisions.settled(view, null));
      default -> new Turn(step, StepDecisions.settled(view, null));
    };
  }

  private Turn locking(StepContext view, StepMemory memory) {
    if (view.committed()) {
      Verification.Judgement judgement = verify(view, memory);
      return new Turn(judgement.step(), StepDecisions.locking(view, null, judgement.verdict()));
    }
    Judged judged = judge(view, memory);
    return new Turn(judged.step(), StepDecisions.locking(judged.view(), judged.verdict(), null));
  }

  private static Verification.Judgement verify(StepContext view, StepMemory memory) {
    Verification.Judgement judgement = Verification.judge(view.context(), memory.suspicion);
    memory.suspicion = judgement.suspicion();
    return judgement;
  }

  /** The gates' verdict, with the step's context. */
  private record Judged(StepContext view, Gates.Verdict verdict) {
    StepRecord step() {
      return view.step();
    }
  }

  private Judged judge(StepContext view, StepMemory memory) {
    GateContext context = view.context();
    List<Object> terms = terms(plan.spec(), context.step().key());
    boolean watched = continuous && memory.watched(view.now(), limits.watchGap(), terms);
    memory.judged(view.now(), terms);
    Gates.Verdict verdict = Gates.evaluate(context, watched);
    if (Gates.wantsDryRun(verdict, context) && !context.stale()) {
      // An old answer is not good enough right before a write.
      boolean about = view.begins() && verdict.readyBut(Gate.SYNC, Gate.HOOKS);
      if (about || Limits.old(memory.provenAt, limits.proofAge(), view.now())) {
        memory.proof = new GateContext.Proof(dryRun(view), null);
        memory.provenAt = view.now();
      }
      context = context.with(memory.proof);
      verdict = Gates.evaluate(context, watched);
    }
    if (view.begins() && Gates.wantsHooks(verdict, context) && !context.stale()) {
      HookCaller.Answer answer = ask(context.heldSince(verdict.heldSince()));
      context = context.with(new GateContext.Proof(context.proof().dryRun(), answer));
      verdict = Gates.evaluate(context, watched);
    }
    StepRecord next =
        DryRunReconciler.passing(context, remembered(context.step(), verdict), verdict);
    return new Judged(view.with(context.with(next)), verdict);
  }

  /**
   * What the gates go by that soak waits for: where it changes, nobody knows how long they held.
   */
  private static List<Object> terms(PlanSpec spec, StepKey key) {
    PlanSpec.Gates gates = spec.gates();
    Set<String> open =
        spec.exceptions().stream()
            .filter(one -> key.isMesh() || one.namespace().equals(key.namespace()))
            .map(PlanSpec.PolicyException::id)
            .collect(Collectors.toSet());
    return List.of(
        open,
        gates.plaintextWindow(),
        gates.noSamples(),
        gates.probes(),
        Optional.ofNullable(gates.audit()),
        spec.verification().ignoreClients());
  }

  private static StepRecord remembered(StepRecord step, Gates.Verdict verdict) {
    return step.gates().equals(verdict.results())
            && java.util.Objects.equals(step.heldSince(), verdict.heldSince())
        ? step
        : step.withGates(verdict.results(), verdict.heldSince());
  }

  private @Nullable WriteResult dryRun(StepContext view) {
    List<PolicyChange> left = view.writes().changes();
    return left.isEmpty() || view.manifest()
        ? null
        : writer.dryRun(plan, view.step(), left.getFirst(), view.modes(), view.adopts());
  }

  /** Asks all hooks at once. A refusal counts more than silence. */
  private HookCaller.Answer ask(GateContext context) {
    HookCaller.Answer worst = new HookCaller.Answer.Accepted();
    for (HookCall call : HookQuestions.before(context)) {
      HookCaller.Answer answer = ports.hooks().ask(call);
      boolean worse =
          switch (answer) {
            case HookCaller.Answer.Accepted() -> false;
            case HookCaller.Answer.Pending pending -> worst instanceof HookCaller.Answer.Accepted;
            case HookCaller.Answer.Refused refused -> !(worst instanceof HookCaller.Answer.Refused);
          };
      worst = worse ? answer : worst;
    }
    return worst;
  }

  /** Handles a policy that the plan has created for this step, and that is in no record. */
  private @Nullable Turn stray(StepContext view) {
    StepRecord step = view.step();
    boolean moves = Transitions.next(step.phase(), RolloutEvent.FOUND_WRITTEN).isPresent();
    // A completed plan is taken up first: no lock of it goes on, and what is found is taken back.
    boolean waits =
        plan.phase() == PlanPhase.COMPLETED
            && (step.phase() == Phase.PENDING || step.phase() == Phase.BLOCKED);
    if (waits || (!moves && step.phase() != Phase.EXEMPT)) {
      return null;
    }
    if (moves && view.committed()) {
      return new Turn(
          step,
          new Decision.Move(
              RolloutEvent.FOUND_WRITTEN,
              Reason.WRITE_DONE,
              "a write of which nobody knew has been made after all"));
    }
    for (PeerAuthentication policy : view.facts().peerAuthentications()) {
      if (OwnPolicies.created(plan, step.key(), policy)
          && recorded(step, policy) == null
          && writer.isThere(policy)) {
        return new Turn(writer.adopt(plan, step, policy, view.modes()), found(step, policy, moves));
      }
    }
    return null;
  }

  /**
   * Decides by what a found policy does. One that opens the namespace is what is left of an
   * exemption where nothing else is known of the step: nobody has asked for its lock since.
   */
  private static Decision found(StepRecord step, PeerAuthentication policy, boolean moves) {
    String what = policy.ref() + " was written by this plan, though no record told of it";
    if (OwnPolicies.strict(policy.spec())) {
      return moves
          ? new Decision.Move(RolloutEvent.FOUND_WRITTEN, Reason.WRITE_DONE, what)
          : new Decision.Stay(step.message());
    }
    boolean unknown = step.phase() == Phase.PENDING || GatedDecision.lost(step);
    return unknown && policy.spec().selector().isEmpty()
        ? new Decision.Move(
            RolloutEvent.EXEMPT_ASKED,
            Reason.WRITE_DONE,
            what + ": it stays open, as it was left, until a person retries it")
        : new Decision.Stay(step.message());
  }

  private static @Nullable LedgerEntry recorded(StepRecord step, PeerAuthentication policy) {
    for (LedgerEntry entry : step.ledger()) {
      if (entry.ref().equals(policy.ref()) && entry.uid().equals(policy.meta().uid())) {
        return entry;
      }
    }
    return null;
  }

  private StepRecord doubted(StepRecord kept, StepRecord next, String doubt) {
    return stay(kept, next, new Decision.Stay("waits: " + doubt));
  }

  private StepRecord stay(StepRecord kept, StepRecord next, Decision.Stay stay) {
    StepRecord said =
        stay.message().isEmpty() || stay.message().equals(next.message())
            ? next
            : next.withMessage(stay.message());
    StepRecord saved = journal.keep(kept, said);
    changes(kept, saved);
    return saved;
  }

  private StepRecord found(StepRecord kept, StepRecord next, Decision.Found found) {
    StepRecord saved = journal.keep(kept, next.withMessage(found.message()));
    if (!kept.message().equals(found.message())) {
      journal.tell(saved, Event.Type.DRIFT_FOUND, found.reason(), found.message(), Map.of());
    }
    return saved;
  }

  private void changes(StepRecord before, StepRecord after) {
    if (before.gates().size() != after.gates().size() || before.gates().equals(after.gates())) {
      return;
    }
    for (int i = 0; i < after.gates().size(); i++) {
      GateResult was = before.gates().get(i);
      GateResult is = after.gates().get(i);
      if (was.result() != is.result()) {
        journal.tell(
            after,
            Event.Type.GATE_CHANGED,
            is.reason(),
            Words.of(is.gate()) + ": " + is.message(),
            Map.of(
                "gate",
                Words.of(is.gate()),
                "from",
                was.result().name(),
                "to",
                is.result().name()));
      }
    }
  }

  private StepRecord move(StepRecord step, Decision.Move move) {
    Instant now = observation.now();
    Instant until = verifiedUntil();
    StepRecord next =
        switch (move.event()) {
          case ENFORCED -> used(step).withVerifyingUntil(until);
          case EXTENDED -> step.withVerifyingUntil(move.until());
          case RETRY_ASKED ->
              step.phase() == Phase.VERIFYING
                  ? step.withVerifyingUntil(until)
                  : step.phase() == Phase.DRIFTED
                      ? step.withVerifyingUntil(null).withOpenSince(now)
                      : step;
          case HELD, VERIFIED -> step.withVerifyingUntil(null);
          case WEAKENED ->
              step.withVerifyingUntil(step.phase() == Phase.LOCKED ? null : until)
                  .withOpenSince(now);
          case ROLLBACK_ASKED, ABANDONED ->
              step.withVerifyingUntil(null)
                  .withLedger(RollbackDecision.own(step, observation.modes().snapshot()));
          case FAILED ->
              step.withVerifyingUntil(null).withAutomaticRollbacks(step.automaticRollbacks() + 1);
          case UNDONE ->
              step.withLedger(
                      WriteLedger.outstanding(step.ledger(), observation.modes().snapshot()))
                  .withOpenSince(now);
          case FOUND_STRICT -> step.withFound(step.ledger().isEmpty());
          case EXEMPT_ASKED -> step.withFound(false);
          case RECREATED -> anew(step);
          // A person's request no longer has an object, and the writes are gone too.
          case GONE -> step.withRequest(null).withLedger(List.of());
          default -> step;
        };
    Phase to = Transitions.next(step.phase(), move.event()).orElse(step.phase());
    Instant at = ports.clock().instant();
    StepRecord told = told(next, HookQuestions.after(plan, step, to, move, at));
    return journal.transition(audited(step, told, move, to), move);
  }

  private StepRecord audited(StepRecord step, StepRecord next, Decision.Move move, Phase to) {
    if (move.event() == RolloutEvent.RECREATED) {
      return next;
    }
    return next.withDryRun(
        DryRunReconciler.after(
            step, move, to, () -> writer.marker(plan, step.key(), ports.leadership().term())));
  }

  /** Adds notices, saved with the change of phase, so that the next leader delivers them too. */
  private static StepRecord told(StepRecord next, List<HookNotice> added) {
    if (added.isEmpty()) {
      return next;
    }
    List<HookNotice> notices = new ArrayList<>(next.notices());
    notices.addAll(added);
    return next.withNotices(notices);
  }

  private static StepRecord used(StepRecord step) {
    if (step.overrides().isEmpty()) {
      return step;
    }
    return step.withOverrides(step.overrides().stream().map(GateOverride::usedUp).toList());
  }

  /** Returns a fresh step: a recreated namespace is another one, and nothing of the old counts. */
  private StepRecord anew(StepRecord step) {
    NamespaceFacts facts = observation.modes().snapshot().namespace(step.key().namespace());
    if (facts == null || facts.uid().equals(step.namespaceUid())) {
      return step.withGates(List.of(), null).withRequest(null).withOpenSince(observation.now());
    }
    StepRecord fresh =
        StepRecord.begin(
            step.plan(),
            step.key(),
            facts.uid(),
            step.phase(),
            step.since(),
            step.reason(),
            step.message());
    return fresh
        .withVersion(step.version())
        .withNotices(step.notices())
        .withAttempt(step.attempt())
        .withOpenSince(observation.now());
  }

  private StepRecord write(StepRecord step, PolicyChange change, StepMemory memory, boolean adopt) {
    if (!mayWrite(change)) {
      return step;
    }
    String refusal = refusedInAdvance(step, change, adopt);
    if (refusal != null) {
      return journal.keep(step, step.withMessage(refusal));
    }
    writes++;
    memory.provenAt = Instant.MIN;
    return writer.write(plan, step, change, observation.modes(), adopt).step();
  }

  /**
   * Returns whether a write may be made. Only the leader writes. A forward write is not made on
   * facts that have grown old during this tick, nor for a plan that a person has paused, stopped or
   * changed meanwhile, at this replica or another one.
   */
  private boolean mayWrite(PolicyChange change) {
    if (!ports.leadership().leads()) {
      return false;
    }
    if (change.goesBack()) {
      return true;
    }
    return !limits.outdated(observation.modes().snapshot(), ports.clock().instant())
        && ports.ledger().plan(plan.name()).filter(plan::countsFor).isPresent();
  }

  private @Nullable String refusedInAdvance(StepRecord step, PolicyChange change, boolean adopt) {
    if (!change.goesBack() && ports.ledger().unanswered(plan)) {
      return "waits: what somebody has asked of the plan's object is taken or refused first";
    }
    if (!change.goesBack() || change.purpose() == PolicyChange.Purpose.EXEMPT) {
      Optional<String> other = Overlaps.before(plan, step.key(), ports.ledger().plans());
      if (other.isPresent()) {
        return other.get();
      }
    }
    return change.weakens() || change.goesBack()
        ? release.refusal(plan, step, change, observation.modes(), adopt)
        : null;
  }
}
