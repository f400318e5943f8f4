// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.loop;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.LockHolders;
import io.mtlsmigration.rollout.MeshReadiness;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Overlaps;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.RolloutPorts;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.decisions.Journal;
import io.mtlsmigration.rollout.decisions.OwnPolicies;
import io.mtlsmigration.rollout.decisions.PlanSteps;
import io.mtlsmigration.rollout.decisions.WaveOrder;
import io.mtlsmigration.rollout.gates.CellIndex;
import io.mtlsmigration.rollout.hooks.HookMessenger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Carries out plans, one attempt per tick: for each step decide, act, record. After any
 * interruption the next tick, in this process or another, continues from the records and the mesh
 * alone.
 *
 * <p>Not thread-safe: ticks must not overlap.
 */
public final class RolloutLoop {

  /** The time from its start by which a plan of ten thousand namespaces has created all steps. */
  private static final Duration BEGUN = Duration.ofMinutes(10);

  private final RolloutPorts ports;
  private final Limits limits;

  /** By the UIDs of plans: one may be made anew under the name of another, between two ticks. */
  private final Map<String, PlanMemory> memory = new HashMap<>();

  /** Kept when leadership is lost: an opening was seen, whoever led. */
  private final Openings openings;

  /** Markers of intents that were checked and had not happened then. */
  private final Set<String> open = new HashSet<>();

  private @Nullable Instant lastTick;
  private long lastTerm;

  public RolloutLoop(RolloutPorts ports, Limits limits) {
    this.ports = ports;
    this.limits = limits;
    this.openings = new Openings(ports.ledger(), limits);
  }

  /** Makes one attempt. An error in one step or plan is reported and does not hold up others. */
  public TickReport tick(Observation observation) {
    Instant now = observation.now();
    if (ports.leadership().term() != lastTerm) {
      // Another process may have acted since: nothing that this one remembers counts.
      lastTerm = ports.leadership().term();
      memory.clear();
      open.clear();
      openings.usurped(ports.leadership().ledBefore().orElse(Instant.MIN));
      lastTick = null;
    }
    boolean continuous = lastTick != null && !Limits.old(lastTick, limits.watchGap(), now);
    lastTick = now;
    Count count = new Count();
    attempt(count, () -> openings.look(observation));
    StepReconciler.Tick tick =
        new StepReconciler.Tick(
            observation,
            CellIndex.of(observation.matrix()),
            openings,
            continuous,
            !count.failures.isEmpty());
    List<PlanRecord> plans =
        ports.ledger().plans().stream().filter(p -> p.phase() != PlanPhase.DRAFT).toList();
    memory.keySet().retainAll(plans.stream().map(PlanRecord::uid).toList());
    Map<String, Set<StepKey>> unknown = new HashMap<>();
    for (PlanRecord plan : plans) {
      try {
        unknown.put(plan.name(), reconcile(plan, observation.modes(), count));
      } catch (RuntimeException e) {
        // Its records cannot be read: the plan is held, and the others continue.
        count.failures.add(new TickReport.Failure(plan.name(), "", e));
      }
    }
    for (PlanRecord plan : plans) {
      Set<StepKey> unsettled = unknown.get(plan.name());
      if (unsettled == null) {
        continue;
      }
      try {
        new Run(plan, tick, unsettled, count).go();
      } catch (RuntimeException e) {
        count.failures.add(new TickReport.Failure(plan.name(), "", e));
      }
    }
    attempt(count, () -> openings.save(now));
    return new TickReport(
        plans.size(), count.steps, count.writes, count.transitions, count.failures);
  }

  private static void attempt(Count count, Runnable call) {
    try {
      call.run();
    } catch (RuntimeException e) {
      count.failures.add(new TickReport.Failure("", "openings", e));
    }
  }

  private static final class Count {
    private int steps;
    private int writes;
    private int transitions;
    private final List<TickReport.Failure> failures = new ArrayList<>();
  }

  /** Determines, before any decision, the outcome of writes whose results were not recorded. */
  private Set<StepKey> reconcile(PlanRecord plan, MeshModes modes, Count count) {
    Set<StepKey> unknown = new HashSet<>();
    Journal journal = new Journal(ports.ledger(), ports.clock());
    for (StepRecord step : ports.ledger().steps(plan.name())) {
      if (step.inFlight().isEmpty()) {
        continue;
      }
      try {
        writer(journal).reconcile(plan, step, modes, open);
      } catch (RuntimeException e) {
        unknown.add(step.key());
        count.failures.add(new TickReport.Failure(plan.name(), step.key().toString(), e));
      }
    }
    return unknown;
  }

  private IntentWriter writer(Journal journal) {
    return new IntentWriter(
        ports.ledger(), ports.writer(), journal, ports.clock(), ports.leadership());
  }

  /** The processing of one plan in one tick. */
  private final class Run {
    private final Journal journal = new Journal(ports.ledger(), ports.clock());
    private final IntentWriter writer = writer(journal);
    private final RatchetRelease release = new RatchetRelease(ports.ratchet(), writer, journal);
    private final StepReconciler.Tick tick;
    private final MeshModes modes;
    private final Set<StepKey> unknown;
    private final Count count;
    private final Map<StepKey, StepRecord> steps = new HashMap<>();
    private final PlanMemory memories;
    private final int failuresBefore;
    private final Instant until;

    private PlanRecord plan;
    private StepReconciler pass;

    /** The namespaces of its waves before others joined. */
    private final Set<String> members;

    /** False while steps are missing: nothing may be concluded from the others then. */
    private boolean whole = true;

    Run(PlanRecord plan, StepReconciler.Tick tick, Set<StepKey> unknown, Count count) {
      this.plan = plan;
      this.tick = tick;
      this.modes = tick.observation().modes();
      this.unknown = unknown;
      this.count = count;
      this.failuresBefore = count.failures.size();
      this.until = ports.clock().instant().plus(limits.turns());
      this.memories = memory.computeIfAbsent(plan.uid(), p -> new PlanMemory());
      this.members = memories.members(plan);
      this.pass = new StepReconciler(ports, limits, journal, writer, plan, tick);
    }

    void go() {
      for (StepRecord step : ports.ledger().steps(plan.name())) {
        steps.put(step.key(), step);
      }
      count.steps += steps.size();
      if (plan.phase() == PlanPhase.RUNNING) {
        plan = PlanSteps.join(plan, members, modes, ports.ledger());
        pass = new StepReconciler(ports, limits, journal, writer, plan, tick);
        muster(step -> true);
      } else if (plan.phase() == PlanPhase.PAUSED || plan.phase() == PlanPhase.COMPLETED) {
        muster(step -> true);
      } else if (plan.beingUndone()) {
        muster(this::hasWritten);
      }
      if (plan.undoing()) {
        back();
      } else {
        rejoin();
        forward();
      }
      if (count.failures.size() == failuresBefore && whole) {
        conclude();
      }
      tellHooks();
      count.transitions += journal.transitions();
      count.writes += pass.writes();
    }

    /**
     * Creates missing records of the plan's namespaces, in their order: after one that cannot be
     * created none follows, so that a gap shows that one was deleted.
     */
    private void muster(Predicate<StepRecord> wanted) {
      List<StepRecord> missing =
          PlanSteps.missing(plan, steps, modes, ports.clock().instant()).stream()
              .filter(wanted)
              .toList();
      if (missing.isEmpty() || goes()) {
        return;
      }
      if (steps.isEmpty() && longBegun(ports.clock().instant())) {
        // A backup may have restored the plan alone. Its steps are created with its start.
        missing.stream().filter(Run::locks).forEach(step -> memories.of(step.key()));
      }
      Set<StepKey> gaps = PlanSteps.gaps(plan, steps.keySet());
      for (StepRecord step : missing) {
        if (tick.blind() || late()) {
          whole = false;
          return;
        }
        try {
          boolean lost = lost(step, gaps.contains(step.key()));
          steps.put(step.key(), lost ? begunAnew(step) : begun(unwitnessed(step)));
        } catch (RolloutLedger.UnavailableException | RolloutLedger.StaleRecordException e) {
          count.failures.add(new TickReport.Failure(plan.name(), step.key().toString(), e));
          whole = false;
          return;
        }
      }
    }

    /** Returns whether another replica may be deleting the plan, with its records. */
    private boolean goes() {
      return plan.phase() == PlanPhase.COMPLETED
          && ports
              .ledger()
              .live(plan.name())
              .filter(now -> now.uid().equals(plan.uid()) && now.phase() == plan.phase())
              .isEmpty();
    }

    /**
     * Returns whether a missing record was there before, and somebody has deleted it: while a plan
     * runs, others are yet to be created. Of those that have joined, another plan may have written
     * what is there.
     */
    private boolean lost(StepRecord missing, boolean gap) {
      StepKey key = missing.key();
      return plan.phase() == PlanPhase.COMPLETED
          || plan.undoing()
          || memories.knows(key)
          || (gap && isMember(key))
          || (plan.joined(key.namespace())
              ? hasWritten(missing)
              : OwnPolicies.writtenBy(plan, key, modes));
    }

    /**
     * Returns a step that is begun so late that a record may have been there before, whatever it
     * knew of its servers: its silence counts from now on.
     */
    private StepRecord unwitnessed(StepRecord step) {
      return longBegun(step.since()) && isMember(step.key())
          ? step.withOpenSince(step.since())
          : step;
    }

    /** Returns whether all steps have been created by an instant, if everything goes well. */
    private boolean longBegun(Instant at) {
      Instant started = plan.startedAt();
      return started != null && started.plus(BEGUN).isBefore(at);
    }

    private static boolean locks(StepRecord step) {
      return step.phase() == Phase.PENDING;
    }

    private boolean isMember(StepKey key) {
      return members.contains(key.namespace()) && !plan.joined(key.namespace());
    }

    /**
     * Begins a step whose record somebody has deleted. It waits for a person: another one may have
     * exempted or skipped it, or not have retried it since it was rolled back. What the record knew
     * of its servers is lost as well: whether they were watched, and refused nobody, is known from
     * now on.
     */
    private StepRecord begunAnew(StepRecord missing) {
      Instant now = ports.clock().instant();
      boolean held = locks(missing) && !plan.undoing();
      String decide = missing.key().isMesh() ? "retry" : "retry, exempt or skip";
      String what =
          OwnPolicies.lost(plan, missing.key(), modes)
              + (held ? "; a person has to decide: " + decide : "");
      Phase phase = held ? Phase.BLOCKED : missing.phase();
      StepRecord anew = missing.entered(phase, now, Reason.EVIDENCE_LOST, what, false);
      StepRecord saved = begun(anew.withOpenSince(now));
      if (saved.message().equals(anew.message())) {
        journal.tell(saved, Event.Type.DRIFT_FOUND, Reason.EVIDENCE_LOST, what, Map.of());
      }
      return saved;
    }

    /** Returns whether a policy has the mark of a step, whose record is lost if it has none. */
    private boolean hasWritten(StepRecord step) {
      return !OwnPolicies.created(plan, step.key(), modes).isEmpty();
    }

    /**
     * Returns the policies that are STRICT by this service, as they say themselves, and of which no
     * record tells: an undo misses them, since what was there before is lost with the record.
     */
    private List<String> untold() {
      List<StepRecord> all =
          new ArrayList<>(PlanSteps.missing(plan, steps, modes, ports.clock().instant()));
      all.addAll(steps.values());
      return all.stream()
          .filter(step -> step.phase() != Phase.ROLLED_BACK)
          // What an earlier plan has left in place was found, and is not missed.
          .filter(step -> !step.found() || OwnPolicies.writtenBy(plan, step.key(), modes))
          .flatMap(step -> OwnPolicies.untold(plan, step.key(), step.ledger(), modes).stream())
          .filter(ref -> LockHolders.others(plan, ref.namespace(), ports.ledger()).isEmpty())
          .map(ObjectRef::toString)
          .distinct()
          .sorted()
          .toList();
    }

    private void rejoin() {
      PlanRecord next = PlanSteps.rejoin(plan, steps, modes, ports.ledger());
      if (!next.equals(plan)) {
        plan = next;
        pass = new StepReconciler(ports, limits, journal, writer, plan, tick);
      }
    }

    private StepRecord begun(StepRecord step) {
      try {
        return ports.ledger().save(step);
      } catch (RolloutLedger.StaleRecordException e) {
        // The command that started the plan was faster.
        return ports.ledger().step(plan.name(), step.key()).orElseThrow(() -> e);
      }
    }

    private boolean late() {
      return ports.clock().instant().isAfter(until);
    }

    private void forward() {
      Set<String> open = WaveOrder.open(plan, steps, modes);
      boolean unsettled = false;
      StepKey left = null;
      for (StepKey key : memories.order(steps)) {
        StepRecord step = steps.get(key);
        if (step != null && !PlanMemory.urgent(step) && late()) {
          left = key;
          break;
        }
        boolean settled = settled(key);
        if (!settled && unsettled) {
          open.retainAll(WaveOrder.open(plan, steps, modes));
          unsettled = false;
        }
        turn(key, open.contains(key.namespace()), MeshReadiness.NOT_ASKED);
        unsettled |= settled && !settled(key);
      }
      memories.next(left);
      if (steps.containsKey(StepKey.MESH)) {
        mesh();
      }
    }

    private boolean settled(StepKey key) {
      return WaveOrder.settled(steps.get(key), modes, key.namespace());
    }

    /** Undoes the plan: the mesh first, then the newest write first. */
    private void back() {
      turn(StepKey.MESH, true, MeshReadiness.NOT_ASKED);
      StepRecord mesh = steps.get(StepKey.MESH);
      boolean turn = mesh == null || pass.makesWay(mesh, memories.of(StepKey.MESH));
      List<StepRecord> newest = new ArrayList<>(steps.values());
      newest.sort((a, b) -> lastWrite(b).compareTo(lastWrite(a)));
      for (StepRecord step : newest) {
        if (!step.key().isMesh()) {
          turn(step.key(), turn, MeshReadiness.NOT_ASKED);
        }
      }
    }

    private static Instant lastWrite(StepRecord step) {
      Instant last = step.lastWrite();
      return last == null ? Instant.MIN : last;
    }

    private void turn(StepKey key, boolean turn, MeshReadiness others) {
      StepRecord step = steps.get(key);
      if (step == null || unknown.contains(key)) {
        return;
      }
      try {
        StepMemory remembered = memories.of(key);
        steps.put(key, pass.run(step, remembered, turn, others));
      } catch (RuntimeException e) {
        count.failures.add(new TickReport.Failure(plan.name(), key.toString(), e));
        ports.ledger().step(plan.name(), key).ifPresent(s -> steps.put(key, s));
      }
    }

    /** Processes the mesh step, last and on the latest facts. */
    private void mesh() {
      MeshReadiness others = WaveOrder.readiness(plan, steps, modes);
      if (others.complete()) {
        MeshSnapshot fresh = ports.inventory().snapshot();
        others =
            fresh.equals(modes.snapshot())
                ? others
                : WaveOrder.readiness(plan, steps, modes.refresh(fresh));
      }
      turn(StepKey.MESH, others.complete(), others);
      StepRecord mesh = steps.get(StepKey.MESH);
      if (mesh != null && reaching(mesh)) {
        shelter(mesh);
      }
    }

    private static boolean reaching(StepRecord mesh) {
      return !mesh.ledger().isEmpty()
          && (mesh.phase() == Phase.LOCKING || mesh.phase() == Phase.VERIFYING);
    }

    /** Opens and names the namespaces that were reached unprepared. */
    private void shelter(StepRecord mesh) {
      MeshModes now = modes.refresh(ports.inventory().snapshot());
      MeshReadiness others = WaveOrder.readiness(plan, steps, now);
      for (String namespace : WaveOrder.newborn(mesh, others, now)) {
        try {
          StepKey key = new StepKey(namespace);
          StepRecord step = steps.get(key);
          if (Overlaps.with(plan, key, ports.ledger().plans()).isPresent()) {
            continue;
          }
          if (step == null) {
            step =
                ports
                    .ledger()
                    .save(PlanSteps.newborn(plan, namespace, now, ports.clock().instant()));
          }
          steps.put(key, shelter(step, now));
        } catch (RuntimeException e) {
          count.failures.add(new TickReport.Failure(plan.name(), namespace, e));
        }
      }
    }

    /**
     * Delivers messages to hooks last: nothing waits for a hook, and no decision depends on one.
     */
    private void tellHooks() {
      HookMessenger messenger = new HookMessenger(ports, journal, plan);
      for (StepRecord step : List.copyOf(steps.values())) {
        if (step.notices().isEmpty() || unknown.contains(step.key())) {
          continue;
        }
        try {
          steps.put(step.key(), messenger.deliver(step));
        } catch (RuntimeException e) {
          count.failures.add(new TickReport.Failure(plan.name(), step.key().toString(), e));
        }
      }
    }

    private StepRecord shelter(StepRecord step, MeshModes now) {
      PolicyChange change = UnplannedNamespaces.shelter(plan, step, now);
      if (change == null) {
        return step;
      }
      String refusal = release.refusal(plan, step, change, now, plan.spec().adopt());
      return refusal == null
          ? writer.write(plan, step, change, now, plan.spec().adopt()).step()
          : journal.keep(step, step.withMessage(refusal));
    }

    private void conclude() {
      boolean running = plan.phase() == PlanPhase.RUNNING;
      if (running && WaveOrder.complete(plan, steps, modes, tick.observation().now())) {
        if (limits.outdated(modes.snapshot(), ports.clock().instant())) {
          return; // a lock may have been undone since
        }
        end(PlanPhase.COMPLETED, Reason.VERIFIED, "everything that the plan wanted is so");
      } else if (!running
          && plan.phase() != PlanPhase.PAUSED
          && plan.endedAt() == null
          && WaveOrder.atRest(plan, steps, modes)) {
        List<String> untold = plan.undoing() ? untold() : List.of();
        end(
            plan.phase(),
            Reason.UNDONE,
            untold.isEmpty()
                ? "nothing is left to do"
                : "nothing is left to do that a record tells of; STRICT, written by this service, whose"
                    + " record is lost: "
                    + Words.list(untold)
                    + "; see what was there before");
      } else if (plan.phase() == PlanPhase.COMPLETED) {
        steps.values().stream()
            .filter(step -> WaveOrder.unsettled(step, modes))
            .findFirst()
            .ifPresent(this::reopen);
      }
    }

    /**
     * Handles a completed plan whose goal is lost: it waits for a person, who may retry. Nobody's
     * consent of before counts any more, as after a retry of a plan that has ended.
     */
    private void reopen(StepRecord step) {
      PlanRecord waiting =
          plan.withSpec(plan.spec()).withPhase(PlanPhase.PAUSED, plan.startedAt(), null);
      if (Overlaps.with(waiting, ports.ledger()).isPresent() || !ports.ledger().startable(plan)) {
        // Another plan has the open namespaces, and reports them; or what the plan's object asks
        // for was not accepted, and would be with the plan taken up. Its conditions say so.
        return;
      }
      change(
          waiting,
          ports.clock().instant(),
          step.reason(),
          step.reason() == Reason.EVIDENCE_LOST
              ? step.key() + ": " + step.message() + "; resume the plan for that"
              : step.key()
                  + " is "
                  + Words.of(step.phase())
                  + ": what the plan wanted is so no more; resume it, and retry, exempt or skip the"
                  + " step");
    }

    private void end(PlanPhase phase, Reason reason, String message) {
      Instant now = ports.clock().instant();
      change(plan.withPhase(phase, plan.startedAt(), now), now, reason, message);
    }

    /** Saves and tells, of the same time: notices know by it that both are one. */
    private void change(PlanRecord next, Instant now, Reason reason, String message) {
      String from = plan.phase().name();
      plan = ports.ledger().save(next);
      ports
          .ledger()
          .append(
              new Event(
                  0,
                  now,
                  plan.name(),
                  "",
                  Event.Type.PLAN_CHANGED,
                  from,
                  plan.phase().name(),
                  reason,
                  message,
                  Journal.SERVICE,
                  Map.of()));
    }
  }
}
