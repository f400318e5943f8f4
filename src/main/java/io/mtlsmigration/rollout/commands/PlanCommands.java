// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.CallGraph;
import io.mtlsmigration.plan.LeastGates;
import io.mtlsmigration.plan.PlanLimits;
import io.mtlsmigration.plan.PlanReport;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.plan.PlanWindows;
import io.mtlsmigration.plan.Planner;
import io.mtlsmigration.plan.Problem;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateOverride;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Overlaps;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepAction;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.WriteIntent;
import io.mtlsmigration.rollout.decisions.GatedDecision;
import io.mtlsmigration.rollout.decisions.Journal;
import io.mtlsmigration.rollout.decisions.OwnPolicies;
import io.mtlsmigration.rollout.decisions.PlanSteps;
import io.mtlsmigration.rollout.gates.GateContext;
import io.mtlsmigration.rollout.gates.Gates;
import io.mtlsmigration.rollout.gates.NamespaceHolds;
import io.mtlsmigration.rollout.gates.StepWrites;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The commands of the API, each checked against the phase and the mesh, and carried out by changing
 * records; the loop does the rest. Every method throws {@link CommandException} when it rejects the
 * command. Thread-safe: every change is conditional on what was read.
 */
public class PlanCommands {

  private static final String VOID = "; approvals and overrides are void";

  /** The number of attempts to save, because the loop saves a record several times a turn. */
  private static final int TRIES = 5;

  /** The longest time that a start creates steps for; a longer call could time out. */
  private static final Duration MUSTER = Duration.ofSeconds(1);

  /** The pause between two tries to start a draft that starts by itself. */
  private static final Duration TRY_AGAIN = Duration.ofSeconds(30);

  private final RolloutLedger ledger;
  private final Supplier<Observation> observations;
  private final Clock clock;
  private final Limits limits;
  private final PlanLimits planLimits;
  private final Journal journal;

  /** The last tries to start drafts that start by themselves, by UID. */
  private final Map<String, Try> tried = new ConcurrentHashMap<>();

  private record Try(Instant at, String failure) {}

  /** The progress of each plan when it was last asked for, to make the next from. */
  private final Map<String, PlanProgress> standings = new ConcurrentHashMap<>();

  /** Held from the last look at all plans until one of them has begun, or goes on. */
  private final ReentrantLock beginning = new ReentrantLock();

  /**
   * @param observations the latest observation; called for each command that needs the mesh
   */
  public PlanCommands(
      RolloutLedger ledger,
      Supplier<Observation> observations,
      Clock clock,
      Limits limits,
      PlanLimits planLimits) {
    this.ledger = ledger;
    this.observations = observations;
    this.clock = clock;
    this.limits = limits;
    this.planLimits = planLimits;
    this.journal = new Journal(ledger, clock);
  }

  /** Validates the spec and computes the plan; stores nothing. The report has the problems. */
  public PlanReport preview(PlanSpec spec) {
    return preview(spec, observations.get());
  }

  private PlanReport preview(PlanSpec spec, Observation observation) {
    CallGraph calls = Calls.of(observation, spec.gates().plaintextWindow());
    return Planner.plan(spec, observation.modes(), planLimits, calls);
  }

  /**
   * Creates a plan.
   *
   * @param overrides whether the plan may ask for less than the configuration requires; that is
   *     kept with an event
   */
  public PlanRecord create(PlanSpec spec, String actor, boolean overrides) {
    if (ledger.plan(spec.name()).isPresent()) {
      throw exists(spec.name());
    }
    if (ledger.plans().size() >= planLimits.maxPlans()) {
      throw new CommandException.NotAllowed(
          "TOO_MANY_PLANS",
          "there are "
              + planLimits.maxPlans()
              + " plans already (mtls-migration.limits.plans); delete those that have ended",
          List.of());
    }
    PlanReport report = valid(preview(spec), overrides);
    PlanRecord plan =
        new PlanRecord(
            spec,
            UUID.randomUUID().toString(),
            "",
            1,
            PlanPhase.DRAFT,
            actor,
            clock.instant(),
            null,
            null,
            report.waves(),
            report.exempt(),
            report.observation(),
            List.of());
    PlanRecord saved = begin(plan);
    changed(saved, "", "created", actor);
    below(saved, report.problems(), actor);
    return saved;
  }

  public PlanRecord create(PlanSpec spec, String actor) {
    return create(spec, actor, false);
  }

  /** Records who let the plan ask for less than required, and for what. */
  private void below(PlanRecord plan, List<Problem> problems, String actor) {
    if (!problems.isEmpty()) {
      journal.tell(
          plan.name(),
          "",
          Event.Type.OVERRIDDEN,
          Reason.OVERRIDDEN,
          "asks for less than the configuration wants: "
              + Words.list(problems.stream().map(Problem::pointer).toList()),
          actor,
          Map.of());
    }
  }

  /** Returns where the spec asks for less than the configuration, or a label, requires. */
  public List<Problem> belowLeast(PlanSpec spec) {
    return Planner.belowLeast(spec, observations.get().modes(), planLimits);
  }

  private PlanRecord begin(PlanRecord plan) {
    try {
      return ledger.save(plan);
    } catch (RolloutLedger.StaleRecordException e) {
      throw (CommandException) exists(plan.name()).initCause(e);
    }
  }

  private static CommandException.NotAllowed exists(String name) {
    return new CommandException.NotAllowed(
        "ALREADY_EXISTS", "there is already a plan named " + name, List.of());
  }

  /**
   * Returns the report of a valid spec.
   *
   * @param overrides whether asking for less than the configuration requires is accepted
   */
  private static PlanReport valid(PlanReport report, boolean overrides) {
    if (report.hindered(overrides)) {
      throw new CommandException.Invalid(report.problems());
    }
    return report;
  }

  private PlanRecord save(PlanRecord plan) {
    try {
      return ledger.save(plan);
    } catch (RolloutLedger.StaleRecordException e) {
      throw stale("plan " + plan.name(), e);
    }
  }

  private static CommandException.Stale stale(
      String what, RolloutLedger.StaleRecordException cause) {
    return (CommandException.Stale)
        new CommandException.Stale(what + " has just been changed by somebody else")
            .initCause(cause);
  }

  private void changed(PlanRecord plan, String from, String message, String actor) {
    ledger.append(
        new Event(
            0,
            clock.instant(),
            plan.name(),
            "",
            Event.Type.PLAN_CHANGED,
            from,
            plan.phase().name(),
            Reason.REQUESTED,
            message,
            actor,
            Map.of("generation", Long.toString(plan.generation()))));
  }

  private PlanRecord known(String name) {
    return ledger
        .seek(name)
        .orElseThrow(() -> new CommandException.NotFound("there is no plan named " + name));
  }

  /**
   * Repeats a command without an expected version when the loop has just saved the record: the
   * caller has not seen a version that could have changed.
   */
  private static <T> T tried(@Nullable String expectedVersion, Supplier<T> command) {
    for (int left = TRIES; ; left--) {
      try {
        return command.get();
      } catch (CommandException.Stale e) {
        if (expectedVersion != null || left == 0) {
          throw e;
        }
      }
    }
  }

  /** Runs a command on a plan as it is; on one of another version than expected it is stale. */
  private <T> T ofPlan(
      String name, @Nullable String expectedVersion, Function<PlanRecord, T> command) {
    return tried(
        expectedVersion,
        () -> {
          PlanRecord plan = known(name);
          unchanged(plan, expectedVersion);
          return command.apply(plan);
        });
  }

  /** {@link #ofPlan} for a step; the version is the step's. */
  private StepRecord ofStep(
      String name,
      StepKey key,
      @Nullable String expectedVersion,
      BiFunction<PlanRecord, StepRecord, StepRecord> command) {
    return tried(
        expectedVersion,
        () -> {
          PlanRecord plan = known(name);
          StepRecord step = step(plan, key);
          unchanged(step, expectedVersion);
          return command.apply(plan, step);
        });
  }

  private static void unchanged(PlanRecord plan, @Nullable String expectedVersion) {
    if (expectedVersion != null && !expectedVersion.equals(plan.version())) {
      throw new CommandException.Stale("plan " + plan.name() + " has changed since it was read");
    }
  }

  private static void unchanged(StepRecord step, @Nullable String expectedVersion) {
    if (expectedVersion != null && !expectedVersion.equals(step.version())) {
      throw new CommandException.Stale(
          step.key() + " of plan " + step.plan() + " has changed since it was read");
    }
  }

  /**
   * Computes what a plan would do with another spec; rejects what {@link #replace(String, PlanSpec,
   * String, String, boolean, Overriding)} would reject, and stores nothing. A plan that was started
   * is not asked for everything that a new one is: the report may have problems.
   */
  public PlanReport preview(
      String name, PlanSpec spec, String expectedVersion, boolean overrides, Overriding caller) {
    Report report = new Report(spec);
    PlanRecord unused = replaced(known(name), report, expectedVersion, overrides, caller);
    return report.get();
  }

  /** The report of a spec, computed when it is first asked for, from one observation. */
  private final class Report {
    private final PlanSpec spec;
    private @Nullable PlanReport computed;

    Report(PlanSpec spec) {
      this.spec = spec;
    }

    PlanReport get() {
      PlanReport known = computed;
      if (known == null) {
        known = preview(spec);
        computed = known;
      }
      return known;
    }
  }

  /**
   * Replaces the spec.
   *
   * @param overrides as in {@link #create(PlanSpec, String, boolean)}
   * @param caller asked about what the new spec would open
   */
  public PlanRecord replace(
      String name,
      PlanSpec spec,
      String expectedVersion,
      String actor,
      boolean overrides,
      Overriding caller) {
    PlanRecord plan = known(name);
    PlanRecord next = replaced(plan, new Report(spec), expectedVersion, overrides, caller);
    if (spec.equals(plan.spec())) {
      return plan;
    }
    PlanRecord saved = save(next);
    if (startsOtherwise(plan, spec)) {
      String message = "start is " + spec.start() + " now";
      changed(saved, plan.phase().name(), message, actor);
      return saved;
    }
    String message =
        saved.generation() == plan.generation()
            ? "exceptions agreed anew"
            : "changed; approvals and overrides are void" + windows(plan.spec(), spec);
    changed(saved, plan.phase().name(), message, actor);
    if (plan.phase() == PlanPhase.DRAFT && overrides) {
      below(saved, belowLeast(spec), actor);
    }
    return saved;
  }

  public PlanRecord replace(String name, PlanSpec spec, String expectedVersion, String actor) {
    return replace(name, spec, expectedVersion, actor, false, Overriding.NOT_ASKED);
  }

  /** Returns the plan with another spec, when it may have that; stores nothing. */
  private PlanRecord replaced(
      PlanRecord plan,
      Report report,
      String expectedVersion,
      boolean overrides,
      Overriding caller) {
    PlanSpec spec = report.spec;
    unchanged(plan, expectedVersion);
    if (!spec.name().equals(plan.name())) {
      throw new CommandException.Invalid(
          List.of(new Problem("/name", "NAME_CHANGED", "a plan keeps its name: " + plan.name())));
    }
    if (startsOtherwise(plan, spec)) {
      return plan.withStart(spec.start());
    }
    PlanRecord next =
        switch (plan.phase()) {
          case DRAFT -> drafted(plan, spec, valid(report.get(), overrides));
          case RUNNING, PAUSED -> tightened(plan, report);
          case COMPLETED, ABORTED -> afterwards(plan, spec);
          case ROLLED_BACK, CLEANED_UP -> exceptions(plan).agreed(spec);
        };
    demand(plan, spec, caller);
    return next;
  }

  /** Returns whether a spec differs at most in when the plan starts. */
  private static boolean startsOtherwise(PlanRecord plan, PlanSpec spec) {
    return spec.equals(plan.spec().starting(spec.start()));
  }

  private static PlanRecord drafted(PlanRecord plan, PlanSpec spec, PlanReport report) {
    return plan.withSpec(spec).withWaves(report.waves(), report.exempt(), report.observation());
  }

  private PlanRecord tightened(PlanRecord plan, Report report) {
    PlanSpec spec = report.spec;
    List<String> refused = SpecChange.of(plan.spec(), spec).notByEdit(plan.name());
    if (!refused.isEmpty()) {
      throw notAllowed(
          plan,
          "PHASE",
          "while a plan runs, exceptions may be added and gates tightened; not "
              + String.join(", ", refused));
    }
    possible(plan, report);
    return ExceptionChange.agreement(plan.spec(), spec)
        ? plan.withAgreement(spec)
        : plan.withSpec(spec);
  }

  /**
   * Refuses a change of a started plan that does not fit the mesh. What the configuration wants at
   * least is not asked about: the change tightens the plan, or somebody overrides that. An
   * exception that has expired hinders no other change.
   */
  private static void possible(PlanRecord plan, Report report) {
    List<Problem> problems =
        report.get().problems().stream()
            .filter(problem -> !problem.code().equals(LeastGates.CODE))
            .filter(problem -> !ExceptionChange.known(plan.spec(), report.spec, problem))
            .toList();
    if (!problems.isEmpty()) {
      throw new CommandException.Invalid(problems);
    }
  }

  /**
   * Returns a plan that has ended with its policies in place, with windows and clients that may
   * fail that are tighter, and exceptions that open the same ports: the health of its locked steps
   * and the retry of others go by them.
   */
  private PlanRecord afterwards(PlanRecord plan, PlanSpec spec) {
    PlanSpec terms =
        PlanWindows.of(spec).in(plan.spec()).ignoring(spec.verification().ignoreClients());
    return terms.equals(plan.spec()) || !SpecChange.of(plan.spec(), terms).loosened().isEmpty()
        ? exceptions(plan).agreed(spec)
        : exceptions(tightened(plan, new Report(terms))).agreed(spec);
  }

  /** Returns the windows that differ, for an event. */
  private static String windows(PlanSpec old, PlanSpec next) {
    List<String> windows = SpecChange.windows(old, next);
    return windows.isEmpty() ? "" : ": " + Words.list(windows);
  }

  private CommandException.NotAllowed notAllowed(PlanRecord plan, String code, String message) {
    return new CommandException.NotAllowed(
        code, message, allowedActions(plan).stream().map(Enum::name).toList());
  }

  /**
   * Deletes a plan that has ended, or was never started, with its history.
   *
   * @param keepPolicies delete it even where policies that it wrote are in place: they cannot be
   *     rolled back afterwards
   */
  public void delete(String name, String expectedVersion, boolean keepPolicies, String actor) {
    PlanRecord plan = known(name);
    unchanged(plan, expectedVersion);
    List<ObjectRef> inPlace = keepPolicies ? List.of() : inPlace(plan);
    if (AllowedActions.of(plan).contains(PlanAction.DELETE) && !inPlace.isEmpty()) {
      throw notAllowed(
          plan,
          "POLICIES_IN_PLACE",
          "the plan knows the way back of policies that are in place, or may still be written: "
              + Words.list(inPlace.stream().map(ObjectRef::toString).toList())
              + "; cleanup or rollback first, or delete it with keepPolicies=true and keep them");
    }
    if (!AllowedActions.of(plan).contains(PlanAction.DELETE)) {
      throw notAllowed(
          plan, "PHASE", "a plan in " + plan.phase() + " is not deleted before it has ended");
    }
    try {
      ledger.delete(name, plan.version());
    } catch (RolloutLedger.StaleRecordException e) {
      throw stale("plan " + name, e);
    }
  }

  /**
   * Carries out START … CLEANUP. {@code expectedVersion} null = not checked.
   *
   * @param caller asked about what the plan would open once it runs
   */
  public PlanRecord act(
      String name,
      PlanAction action,
      @Nullable String expectedVersion,
      String actor,
      Overriding caller) {
    return ofPlan(
        name,
        expectedVersion,
        plan -> {
          if (action == PlanAction.DELETE) {
            throw new IllegalArgumentException("a plan is deleted by delete()");
          }
          if (!allowedActions(plan).contains(action)) {
            throw notAllowed(
                plan, "PHASE", Words.of(action) + " is not possible for a plan in " + plan.phase());
          }
          PlanRecord next =
              switch (action) {
                case START -> started(plan);
                case PAUSE -> plan.withPhase(PlanPhase.PAUSED, plan.startedAt(), null);
                case RESUME -> plan.withPhase(PlanPhase.RUNNING, plan.startedAt(), null);
                case ABORT -> plan.withPhase(PlanPhase.ABORTED, plan.startedAt(), null);
                case ROLLBACK -> plan.withPhase(PlanPhase.ROLLED_BACK, plan.startedAt(), null);
                case CLEANUP -> plan.withPhase(PlanPhase.CLEANED_UP, plan.startedAt(), null);
                case DELETE -> throw new IllegalArgumentException("a plan is deleted by delete()");
              };
          if (!plan.active()) {
            overlap(plan, next);
          }
          if (action == PlanAction.RESUME && afterEnd(plan)) {
            takesUp(plan, caller);
          }
          List<LockOpenings.Opening> asked = opened(plan, action, next);
          demand(plan, asked, caller);
          PlanRecord saved =
              alone(
                  () -> {
                    if (!plan.active()) {
                      overlap(plan, next);
                    }
                    nothingElse(asked, opened(plan, action, next));
                    return save(next);
                  });
          if (action == PlanAction.START) {
            muster(saved);
          }
          changed(saved, plan.phase().name(), Words.of(action), actor);
          return saved;
        });
  }

  public PlanRecord act(
      String name, PlanAction action, @Nullable String expectedVersion, String actor) {
    return act(name, action, expectedVersion, actor, Overriding.NOT_ASKED);
  }

  private List<LockOpenings.Opening> opened(PlanRecord plan, PlanAction action, PlanRecord next) {
    return switch (action) {
      case START -> openings(plan).started(next);
      case RESUME -> afterEnd(plan) ? openings(plan).again(next) : openings(plan).resumed();
      default -> List.of(); // nothing is opened, but what the plan itself has locked
    };
  }

  /** Returns whether a paused plan has ended before; as its history tells, and if it does not. */
  private boolean afterEnd(PlanRecord plan) {
    return ledger.events(plan.name()).stream()
        .filter(event -> event.type() == Event.Type.PLAN_CHANGED)
        .filter(event -> !event.from().equals(event.to()))
        .findFirst()
        .filter(event -> event.from().equals(PlanPhase.RUNNING.name()))
        .filter(event -> event.to().equals(PlanPhase.PAUSED.name()))
        .isEmpty();
  }

  /** Refuses to take up a plan after its end that would not be started today. */
  private void takesUp(PlanRecord plan, Overriding caller) {
    List<Problem> expired =
        preview(plan.spec()).problems().stream()
            .filter(problem -> problem.code().equals(ExceptionChange.EXPIRED))
            .toList();
    if (!expired.isEmpty()) {
      throw new CommandException.Invalid(expired);
    }
    List<Problem> below = belowLeast(plan.spec());
    if (!below.isEmpty()) {
      caller.require(
          plan.name(),
          Words.list(below.stream().map(Problem::pointer).toList())
              + ": a plan that asks for less than the configuration wants by now");
    }
  }

  /** Lets no other plan begin between the last look at all of them and the saving of this one. */
  private PlanRecord alone(Supplier<PlanRecord> last) {
    beginning.lock();
    try {
      return last.get();
    } finally {
      beginning.unlock();
    }
  }

  /** Looks again after the caller was asked about, which can take long. */
  private static void nothingElse(
      List<LockOpenings.Opening> asked, List<LockOpenings.Opening> now) {
    for (LockOpenings.Opening one : now) {
      if (asked.stream().noneMatch(one::isAs)) {
        throw new CommandException.Stale(one.what() + " is new since the caller was asked");
      }
    }
  }

  /**
   * Starts the drafts whose spec says so, each once: nothing comes back to DRAFT. One that another
   * plan is in the way of, or that the mesh does not fit any more, stays a draft and is tried again
   * with the next call.
   */
  public void startAccepted() {
    List<PlanRecord> plans = ledger.plans();
    tried.keySet().retainAll(plans.stream().map(PlanRecord::uid).collect(Collectors.toSet()));
    for (PlanRecord plan : plans) {
      if (startsItself(plan) && hindrance(plan).isEmpty() && ledger.startable(plan) && due(plan)) {
        try {
          act(plan.name(), PlanAction.START, plan.version(), author(plan));
        } catch (CommandException
            | RolloutLedger.StaleRecordException
            | RolloutLedger.UnavailableException e) {
          tried.put(plan.uid(), new Try(clock.instant(), String.valueOf(e.getMessage())));
        }
      }
    }
  }

  private static boolean startsItself(PlanRecord plan) {
    return plan.phase() == PlanPhase.DRAFT && plan.spec().start() == PlanSpec.Start.WHEN_ACCEPTED;
  }

  /** Returns, in words, what keeps a draft from starting by itself; empty when nothing does. */
  private Optional<String> hindrance(PlanRecord draft) {
    return conflict(draft).or(() -> Overlaps.stopped(draft, ledger.plans()));
  }

  /** Each try plans the whole mesh. */
  private boolean due(PlanRecord draft) {
    Try last = tried.get(draft.uid());
    Instant now = clock.instant();
    return last == null || now.isBefore(last.at()) || now.isAfter(last.at().plus(TRY_AGAIN));
  }

  /** Who wrote the spec as it is: a change of a draft that begins by itself needs the verb anew. */
  private String author(PlanRecord plan) {
    return ledger.events(plan.name()).stream()
        .filter(event -> event.type() == Event.Type.PLAN_CHANGED)
        .map(Event::actor)
        .findFirst()
        .orElse(plan.createdBy());
  }

  private PlanRecord started(PlanRecord plan) {
    // The mesh may have changed since the draft was made; the waves are computed anew. The
    // requirements were checked when the spec was written.
    PlanReport report = valid(preview(plan.spec()), true);
    return plan.withWaves(report.waves(), report.exempt(), report.observation())
        .withPhase(PlanPhase.RUNNING, clock.instant(), null);
  }

  /** Rejects overlaps; the allowed actions are those from before the call, not after it. */
  private void overlap(PlanRecord plan, PlanRecord next) {
    Optional<String> conflict = conflict(next);
    if (conflict.isPresent()) {
      throw notAllowed(plan, "OVERLAP", conflict.get());
    }
  }

  /** Creates the steps for the next request; the loop creates those of a large plan. */
  private void muster(PlanRecord plan) {
    Observation observation = observations.get();
    Instant until = clock.instant().plus(MUSTER);
    for (StepRecord step :
        PlanSteps.missing(
            plan, ledger.stepsByKey(plan.name()), observation.modes(), clock.instant())) {
      if (clock.instant().isAfter(until)) {
        return;
      }
      begin(step);
    }
  }

  private void begin(StepRecord step) {
    try {
      StepRecord unused = ledger.save(step);
    } catch (RolloutLedger.StaleRecordException e) {
      // The loop was faster; the step exists, which is all that is needed.
    }
  }

  /**
   * Carries out RETRY … SKIP. {@code expectedVersion} is the step's; null = not checked. A retry of
   * a step that was rolled back takes up a plan that has ended: it is PAUSED then.
   *
   * @param caller asked about what an exemption, or the plan that is taken up, would open
   */
  public StepRecord act(
      String name,
      StepKey key,
      StepAction action,
      String comment,
      @Nullable String expectedVersion,
      String actor,
      Overriding caller) {
    return ofStep(
        name,
        key,
        expectedVersion,
        (plan, step) -> {
          if (action == StepAction.OVERRIDE || action == StepAction.APPROVE) {
            throw new IllegalArgumentException(action + " has a command of its own");
          }
          if (!allowedActions(plan, step).contains(action)) {
            throw notAllowed(plan, step, action);
          }
          nothingAwaited(step, action);
          if (!plan.active()) {
            noOverlap(Overlaps.with(plan, key, ledger.plans()));
          }
          if (action == StepAction.RETRY && AllowedActions.reopens(plan, step)) {
            reopen(plan, key, actor, caller);
            step = untouched(step(plan, key), step.phase());
          }
          if (action == StepAction.EXEMPT) {
            demand(plan, openings(plan).exempting(step), caller);
          }
          StepRecord saved =
              save(
                  step.withRequest(
                      new StepRecord.Request(action, actor, comment, clock.instant())));
          journal.tell(
              name,
              key.toString(),
              Event.Type.REQUESTED,
              Reason.REQUESTED,
              Words.of(action) + (comment.isEmpty() ? "" : ": " + comment),
              actor,
              Map.of("action", action.name()));
          return saved;
        });
  }

  /**
   * Refuses to replace what somebody else has been told is taken, and the loop has yet to carry
   * out. A rollback alone waits for nothing.
   */
  private static void nothingAwaited(StepRecord step, StepAction action) {
    StepRecord.Request before = step.request();
    if (before != null && before.action() != action && action != StepAction.ROLLBACK) {
      throw new CommandException.NotAllowed(
          "PHASE",
          "%s of %s was asked for by %s and is carried out first; look again then"
              .formatted(Words.of(before.action()), step.key(), before.by()),
          List.of());
    }
  }

  /** Looks again after the caller was asked about: a request is of the step that it was made of. */
  private static StepRecord untouched(StepRecord step, Phase phase) {
    if (step.phase() != phase || step.request() != null) {
      throw new CommandException.Stale(
          step.key() + " of plan " + step.plan() + " has changed while the plan was taken up");
    }
    return step;
  }

  /**
   * Takes up a plan that has ended, for the retry of a step: it is PAUSED, so nothing is locked
   * before somebody resumes it. Nobody's consent of before counts any more, in no step. The plan is
   * saved before the step asks for anything: in between, it only waits.
   */
  private void reopen(PlanRecord plan, StepKey key, String actor, Overriding caller) {
    PlanRecord next =
        plan.withSpec(plan.spec()).withPhase(PlanPhase.PAUSED, plan.startedAt(), null);
    noOverlap(conflict(next));
    if (!ledger.startable(plan)) {
      throw new CommandException.NotAllowed(
          "CONFLICT",
          "the object of plan "
              + plan.name()
              + " asks for something else than was accepted; undo that",
          List.of());
    }
    takesUp(plan, caller);
    List<LockOpenings.Opening> asked = openings(next).again(next);
    demand(next, asked, caller);
    PlanRecord saved =
        alone(
            () -> {
              noOverlap(conflict(next));
              nothingElse(asked, openings(next).again(next));
              return save(next);
            });
    changed(
        saved,
        plan.phase().name(),
        "retry of " + key + ": paused until somebody resumes it; approvals and overrides are void",
        actor);
  }

  private static void noOverlap(Optional<String> conflict) {
    if (conflict.isPresent()) {
      throw new CommandException.NotAllowed("OVERLAP", conflict.get(), List.of());
    }
  }

  private CommandException.NotAllowed notAllowed(
      PlanRecord plan, StepRecord step, StepAction action) {
    return new CommandException.NotAllowed(
        "PHASE",
        "%s is not possible for %s in %s while the plan is %s"
            .formatted(Words.of(action), step.key(), step.phase(), plan.phase()),
        allowedActions(plan, step).stream().map(Enum::name).toList());
  }

  private StepRecord step(PlanRecord plan, StepKey key) {
    return ledger
        .seek(plan.name(), key)
        .orElseThrow(
            () -> new CommandException.NotFound("plan " + plan.name() + " has no step for " + key));
  }

  private StepRecord save(StepRecord step) {
    try {
      return ledger.save(step);
    } catch (RolloutLedger.StaleRecordException e) {
      throw stale(step.key() + " of plan " + step.plan(), e);
    }
  }

  /**
   * Approves a namespace, a wave or the mesh.
   *
   * @param subject a namespace, {@code wave:NAME} or {@code mesh}
   * @param impactHash hash of the impact that the person saw; null takes the present one
   * @param expectedVersion the plan's version; null = not checked
   */
  public PlanRecord approve(
      String name,
      String subject,
      @Nullable String impactHash,
      String comment,
      @Nullable String expectedVersion,
      String actor) {
    return ofPlan(
        name,
        expectedVersion,
        plan -> {
          if (plan.phase() != PlanPhase.RUNNING && plan.phase() != PlanPhase.PAUSED) {
            throw notAllowed(plan, "PHASE", "a plan in " + plan.phase() + " takes no approvals");
          }
          ApprovalRequest consent =
              new ApprovalRequest(
                  plan,
                  ledger.stepsByKey(plan.name()),
                  observations.get(),
                  actor,
                  comment,
                  clock.instant());
          if (plan.spec().gates().approval() == PlanSpec.Approval.NONE
              && !consent.adopts(subject)) {
            throw notAllowed(
                plan,
                "APPROVAL_NOT_ASKED_FOR",
                "the plan asks for no approval, and no person's policy is in the way of "
                    + subject);
          }
          PlanRecord saved = save(plan.withApprovals(consent.to(subject, impactHash)));
          journal.tell(
              name,
              subject,
              Event.Type.APPROVED,
              Reason.APPROVED,
              comment.isEmpty() ? "approved" : comment,
              actor,
              Map.of("impactHash", saved.approvals().getLast().impactHash()));
          return saved;
        });
  }

  /** Returns what the event of an override keeps: by gate, what passes. */
  private static Map<String, String> agreed(GateOverride one) {
    Map<String, String> evidence = new TreeMap<>();
    evidence.put("gates", one.gates().stream().sorted().map(Words::of).toList().toString());
    one.covers().forEach((gate, found) -> evidence.put(Words.of(gate), String.join(", ", found)));
    if (one.force()) {
      evidence.put("force", "whatever they find until the lock");
    }
    return evidence;
  }

  /**
   * Overrides gates.
   *
   * @param force whether they pass whatever they find until the lock; else they hold for what they
   *     have not found yet
   * @param expectedVersion the step's; null = not checked
   */
  public StepRecord override(
      String name,
      StepKey key,
      Set<Gate> gates,
      String comment,
      boolean force,
      @Nullable String expectedVersion,
      String actor) {
    return ofStep(
        name,
        key,
        expectedVersion,
        (plan, step) -> {
          if (!allowedActions(plan, step).contains(StepAction.OVERRIDE)) {
            throw notAllowed(plan, step, StepAction.OVERRIDE);
          }
          List<Problem> problems = new ArrayList<>();
          if (gates.isEmpty()) {
            problems.add(new Problem("/gates", "EMPTY", "name at least one gate"));
          }
          if (comment.isBlank()) {
            problems.add(new Problem("/comment", "REQUIRED", "say why; the comment is kept"));
          }
          GateContext context = study().context(plan, step);
          for (Gate gate : gates) {
            if (!Gates.overridable(context, gate)) {
              problems.add(
                  new Problem(
                      "/gates",
                      "NOT_OVERRIDABLE",
                      Words.of(gate)
                          + " may not be overridden: proxies out of sync, unreadable policies,"
                          + " DISABLE in force and a namespace without a proxy have to be mended"));
            }
          }
          GateOverride one =
              new GateOverride(
                  gates,
                  actor,
                  clock.instant(),
                  comment,
                  plan.generation(),
                  false,
                  force,
                  force ? Map.of() : Gates.found(context, gates));
          if (!one.fits()) {
            problems.add(
                new Problem(
                    "/force",
                    "REQUIRED",
                    "the gates have found more than can be kept one by one; say force: true to let"
                        + " them pass whatever they find until the lock"));
          }
          if (!problems.isEmpty()) {
            throw new CommandException.Invalid(problems);
          }
          StepRecord saved = save(step.withOverride(one));
          journal.tell(
              name,
              key.toString(),
              Event.Type.OVERRIDDEN,
              Reason.OVERRIDDEN,
              comment,
              actor,
              agreed(one));
          return saved;
        });
  }

  /**
   * Lets one more client fail, from now on and in the whole plan, in every phase but those of a
   * plan that is undone. This voids approvals and overrides, as every change does.
   *
   * @param comment the reason; kept with the event
   * @param expectedVersion the plan's version; null = not checked
   */
  public PlanRecord ignore(
      String name,
      PlanSpec.IgnoredClient client,
      String comment,
      @Nullable String expectedVersion,
      String actor) {
    return ofPlan(
        name,
        expectedVersion,
        plan -> {
          if (!plan.beingUndone()) {
            notUndone(plan);
          }
          List<Problem> problems = new ArrayList<>(Planner.check(client));
          if (comment.isBlank()) {
            problems.add(new Problem("/comment", "REQUIRED", "say why; the comment is kept"));
          }
          if (!problems.isEmpty()) {
            throw new CommandException.Invalid(problems);
          }
          if (plan.spec().verification().ignoreClients().contains(client)) {
            return plan;
          }
          PlanRecord saved = save(plan.withSpec(plan.spec().ignoring(client)));
          journal.tell(
              name,
              "",
              Event.Type.OVERRIDDEN,
              Reason.OVERRIDDEN,
              client.words()
                  + " may fail from now on; approvals and overrides are void: "
                  + comment,
              actor,
              Map.of("client", client.words()));
          return saved;
        });
  }

  private void notUndone(PlanRecord plan) {
    if (plan.undoing()) {
      throw notAllowed(plan, "PHASE", "a plan that is undone is not changed any more");
    }
  }

  /**
   * Takes a client out of those that may fail, which tightens the plan, in every phase but those of
   * a plan that is undone. Nothing happens if it is not among them. This voids approvals and
   * overrides; a step that is locked stays so.
   *
   * @param id of the client, see {@link PlanSpec.IgnoredClient#id}
   * @param expectedVersion the plan's version; null = not checked
   */
  public PlanRecord heed(String name, String id, @Nullable String expectedVersion, String actor) {
    return changed(
        name,
        expectedVersion,
        actor,
        plan -> {
          notUndone(plan);
          return plan.withSpec(plan.spec().heeding(id));
        },
        "client " + id + " may not fail any more; approvals and overrides are void");
  }

  /**
   * Changes how long the plan looks before and after a lock, in every phase but those of a plan
   * that is undone. This voids approvals and overrides, and counts with the next tick; a step that
   * is locked stays so.
   *
   * @param expectedVersion the plan's version; null = not checked
   * @param caller asked about shorter windows of a plan that was started
   */
  public PlanRecord changeWindows(
      String name,
      WindowChange change,
      @Nullable String expectedVersion,
      String actor,
      Overriding caller) {
    return ofPlan(
        name,
        expectedVersion,
        plan -> {
          PlanSpec next = change.windows().in(plan.spec());
          if (next.equals(plan.spec())) {
            return plan;
          }
          notUndone(plan);
          possible(plan, new Report(next));
          List<String> looser = looser(plan, next);
          if (!looser.isEmpty()) {
            overrides(plan, looser, change, caller);
          }
          PlanRecord saved = save(plan.withSpec(next));
          changed(
              saved,
              plan.phase().name(),
              "changed; approvals and overrides are void"
                  + windows(plan.spec(), next)
                  + because(change.comment()),
              actor);
          if (!looser.isEmpty()) {
            journal.tell(
                name,
                "",
                Event.Type.OVERRIDDEN,
                Reason.OVERRIDDEN,
                "less than before: " + Words.list(looser) + because(change.comment()),
                actor,
                Map.of());
            below(saved, belowLeast(next), actor);
          }
          return saved;
        });
  }

  private static String because(String comment) {
    return comment.isBlank() ? "" : ": " + comment;
  }

  /**
   * Returns what somebody has to override, in words: in a draft, only the configuration's wishes.
   */
  private List<String> looser(PlanRecord plan, PlanSpec next) {
    return plan.phase() == PlanPhase.DRAFT
        ? belowLeast(next).stream().map(one -> one.pointer() + ", " + one.detail()).toList()
        : SpecChange.of(plan.spec(), next).loosened();
  }

  private static void overrides(
      PlanRecord plan, List<String> looser, WindowChange change, Overriding caller) {
    String words = Words.list(looser);
    if (!change.override() || change.comment().isBlank()) {
      throw new CommandException.Invalid(
          List.of(
              new Problem(
                  "/override",
                  "REQUIRED",
                  "this asks for less than before ("
                      + words
                      + "): say override: true, and why in comment, with the verb override")));
    }
    caller.require(plan.name(), "Less than before (" + words + ")");
  }

  private ExceptionChange exceptions(PlanRecord plan) {
    return new ExceptionChange(
        plan, observations.get().modes(), allowedActions(plan).stream().map(Enum::name).toList());
  }

  private LockOpenings openings(PlanRecord plan) {
    return new LockOpenings(plan, observations.get().modes(), ledger);
  }

  /** Asks the caller about each port of a started plan that a spec would open. */
  public void demand(PlanRecord plan, PlanSpec next, Overriding caller) {
    demand(plan, openings(plan).added(next), caller);
  }

  private static void demand(
      PlanRecord plan, List<LockOpenings.Opening> openings, Overriding caller) {
    openings.forEach(one -> one.demand(plan, caller));
  }

  /**
   * Adds an exception to a plan that has not ended. The port of a locked namespace is opened with
   * the next tick; by a paused plan, when it is resumed. This voids approvals.
   *
   * @param expectedVersion the plan's version; null = not checked
   * @param caller asked about what it would open
   */
  public PlanRecord addException(
      String name,
      PlanSpec.PolicyException exception,
      @Nullable String expectedVersion,
      String actor,
      Overriding caller) {
    return changed(
        name,
        expectedVersion,
        actor,
        plan -> {
          PlanRecord next = exceptions(plan).added(exception);
          demand(plan, next.spec(), caller);
          return next;
        },
        "exception added: " + exception.words() + ", for " + exception.owner());
  }

  /**
   * Changes what was agreed about an exception: owner, reason, last day, paths. Writes nothing to
   * the mesh, so every plan whose policies are in place takes it, and approvals stand.
   */
  public PlanRecord changeException(
      String name,
      PlanSpec.PolicyException exception,
      @Nullable String expectedVersion,
      String actor) {
    return changed(
        name,
        expectedVersion,
        actor,
        plan -> exceptions(plan).agreed(exception),
        "exception agreed anew: " + exception.words() + ", for " + exception.owner());
  }

  /**
   * Takes an exception out of a draft, or ends it in a plan that moves while nothing of its
   * namespace is in place because of the plan: the namespace is locked without it, through all
   * gates. This voids approvals and overrides, and writes nothing to the mesh.
   *
   * @param expectedVersion the plan's version; null = not checked
   * @throws CommandException.NotAllowed with the commands that come first, as in {@link #hindrance}
   */
  public PlanRecord removeException(
      String name, String id, @Nullable String expectedVersion, String actor) {
    return ofPlan(
        name,
        expectedVersion,
        plan -> {
          PolicyException exception = exceptions(plan).found(id);
          hindered(plan, hindrance(plan, exception));
          PlanRecord next = exceptions(plan).removed(exception);
          if (plan.phase() != PlanPhase.DRAFT && exception.port() == null) {
            unwatched(plan, exception);
          }
          PlanRecord saved = save(next);
          changed(
              saved,
              plan.phase().name(),
              plan.phase() == PlanPhase.DRAFT
                  ? "exception removed: " + id
                  : "exception ended: " + exception.words() + VOID,
              actor);
          Optional<String> late;
          try {
            late = hindrance(saved, exception);
          } catch (RolloutLedger.UnavailableException e) {
            // Whether a lock has begun with it nobody knows.
            putBack(saved, exception);
            throw e;
          }
          if (late.isPresent()) {
            putBack(saved, exception);
          }
          hindered(saved, late);
          return saved;
        });
  }

  /**
   * Begins the window of a step anew: whether servers were watched that STRICT did not govern, the
   * step's record has not kept.
   */
  private void unwatched(PlanRecord plan, PolicyException exception) {
    StepRecord step = live(plan, new StepKey(exception.namespace()));
    if (step != null) {
      save(step.withOpenSince(clock.instant()));
    }
  }

  private void hindered(PlanRecord plan, Optional<String> hindrance) {
    if (hindrance.isPresent()) {
      throw notAllowed(plan, "PHASE", hindrance.get());
    }
  }

  /**
   * Restores an exception that a lock had begun with while it was being ended. The leader records
   * what it is about to write and then reads the plan from its store; here it is the other way
   * round, so one of both sees the other.
   */
  private void putBack(PlanRecord ended, PolicyException exception) {
    PlanRecord saved =
        tried(
            null,
            () -> {
              PlanRecord plan = ledger.live(ended.name()).orElse(ended);
              return plan.spec().exception(exception.id()).isPresent()
                  ? plan
                  : save(plan.withSpec(plan.spec().excepting(exception)));
            });
    changed(
        saved,
        saved.phase().name(),
        "exception kept: %s, because a lock of %s had begun meanwhile%s"
            .formatted(exception.words(), exception.namespace(), VOID),
        Journal.SERVICE);
  }

  /** Returns, in words, what has to be done before an exception may end; empty when it may now. */
  public Optional<String> hindrance(PlanRecord plan, PolicyException exception) {
    // What another replica is about to write may not be known here yet.
    boolean started = plan.phase() != PlanPhase.DRAFT;
    return new ExceptionEnd(
            plan,
            exception,
            started ? live(plan, new StepKey(exception.namespace())) : null,
            started ? live(plan, StepKey.MESH) : null,
            observations.get().modes().snapshot())
        .hindrance();
  }

  private @Nullable StepRecord live(PlanRecord plan, StepKey key) {
    return ledger.live(plan.name(), key).orElse(null);
  }

  /** Saves what a change leads to, unless that is nothing new. */
  private PlanRecord changed(
      String name,
      @Nullable String expectedVersion,
      String actor,
      UnaryOperator<PlanRecord> change,
      String message) {
    return ofPlan(
        name,
        expectedVersion,
        plan -> {
          PlanRecord next = change.apply(plan);
          if (next.spec().equals(plan.spec())) {
            return plan;
          }
          PlanRecord saved = save(next);
          changed(saved, plan.phase().name(), message, actor);
          return saved;
        });
  }

  /**
   * Returns the policies that the plan wrote and has not taken back, and those that a stopped
   * process may still write. After the plan was undone, nothing that is left is its own to take
   * back; but a lock may still come, and nobody would know its way back. A step that was undone by
   * itself may have left an exception, because without it a port would be stricter than before.
   */
  private List<ObjectRef> inPlace(PlanRecord plan) {
    Set<ObjectRef> refs = new TreeSet<>();
    for (StepRecord step : ledger.steps(plan.name())) {
      boolean undone = step.phase() == Phase.ROLLED_BACK;
      if (!undone || !plan.undoing()) {
        step.ledger().stream()
            .filter(entry -> entry.after() != null)
            .filter(entry -> !undone || !Objects.equals(entry.after(), entry.before()))
            .forEach(entry -> refs.add(entry.ref()));
      }
      step.inFlight().stream()
          .map(WriteIntent::change)
          .filter(change -> change.after() != null && !(plan.undoing() && change.goesBack()))
          .forEach(change -> refs.add(change.ref()));
    }
    refs.addAll(unrecorded(plan));
    return List.copyOf(refs);
  }

  /**
   * Returns the policies that were created for steps whose records somebody has deleted, and which
   * wait for a person since, where they were begun anew.
   */
  private List<ObjectRef> unrecorded(PlanRecord plan) {
    if (plan.startedAt() == null) {
      return List.of();
    }
    MeshModes modes = observations.get().modes();
    Map<StepKey, StepRecord> known = ledger.stepsByKey(plan.name());
    return Stream.concat(
            PlanSteps.missing(plan, known, modes, clock.instant()).stream(),
            known.values().stream().filter(GatedDecision::lost))
        .flatMap(step -> OwnPolicies.created(plan, step.key(), modes).stream())
        .map(PeerAuthentication::ref)
        .toList();
  }

  public List<PlanAction> allowedActions(PlanRecord plan) {
    List<PlanAction> allowed = AllowedActions.of(plan);
    if (!allowed.contains(PlanAction.DELETE) || inPlace(plan).isEmpty()) {
      return allowed;
    }
    return allowed.stream().filter(action -> action != PlanAction.DELETE).toList();
  }

  public List<StepAction> allowedActions(PlanRecord plan, StepRecord step) {
    List<StepAction> allowed = AllowedActions.of(plan, step);
    boolean adopting = step.phase() == Phase.BLOCKED || step.phase() == Phase.LOCKING;
    if (!adopting
        || AllowedActions.ended(plan)
        || allowed.contains(StepAction.APPROVE)
        || !StepWrites.needAdoption(plan, step.key(), observations.get())) {
      return allowed;
    }
    // Whatever the plan says: with an approval, a person's policy is taken over.
    List<StepAction> more = new ArrayList<>(allowed);
    more.add(StepAction.APPROVE);
    return List.copyOf(more);
  }

  /** Returns what the plan waits for; never empty while it runs and is not complete. */
  public List<Waiting> waitingOn(PlanRecord plan) {
    if (startsItself(plan)) {
      Try last = tried.get(plan.uid());
      String otherwise =
          last == null ? "the next tick starts it" : "it cannot be started: " + last.failure();
      return List.of(
          new Waiting(
              "",
              "start",
              Reason.WAITS_FOR_PLAN,
              hindrance(plan).orElse(otherwise),
              plan.createdAt()));
    }
    MeshModes modes = observations.get().modes();
    List<Waiting> waiting = standing(plan, modes).waiting(modes, limits, clock.instant());
    return waiting.stream().anyMatch(PlanCommands::rolledBack) ? caused(plan, waiting) : waiting;
  }

  private static boolean rolledBack(Waiting waiting) {
    return waiting.gate().equals("person");
  }

  /** Adds the cause of a rollback, and what a person may do about it, from the event. */
  private List<Waiting> caused(PlanRecord plan, List<Waiting> waiting) {
    Map<String, String> causes = new HashMap<>();
    for (Event event : ledger.events(plan.name())) {
      if (event.to().equals(Phase.ROLLING_BACK.name())) {
        causes.putIfAbsent(event.subject(), event.message());
      }
    }
    return waiting.stream()
        .map(
            one ->
                rolledBack(one) && causes.containsKey(one.subject())
                    ? new Waiting(
                        one.subject(),
                        one.gate(),
                        one.reason(),
                        one.message() + "; the reason was: " + causes.get(one.subject()),
                        one.since())
                    : one)
        .toList();
  }

  public Progress progress(PlanRecord plan) {
    return standing(plan, observations.get().modes()).progress(clock.instant());
  }

  /** Returns, in words, the active plan that overlaps with this one and keeps it from starting. */
  public Optional<String> conflict(PlanRecord plan) {
    return Overlaps.with(plan, ledger);
  }

  /** Returns the approvals that the plan waits for now; the first ones if there are many. */
  public List<Awaited> awaited(PlanRecord plan) {
    return new PendingApprovals(plan, ledger.steps(plan.name()), observations.get()).list();
  }

  private PlanProgress standing(PlanRecord plan, MeshModes modes) {
    PlanProgress next =
        PlanProgress.of(standings.get(plan.name()), plan, ledger.steps(plan.name()), modes);
    standings.put(plan.name(), next);
    List<PlanRecord> plans = ledger.plans();
    if (standings.size() > plans.size()) { // of plans that are gone
      standings.keySet().retainAll(plans.stream().map(PlanRecord::name).toList());
    }
    return next;
  }

  /** Evaluates a namespace's gates: under a plan, or the defaults if {@code plan} is null. */
  public Readiness readiness(String namespace, @Nullable PlanRecord plan) {
    return study().of(namespace, plan);
  }

  /** Returns what holds each namespace on an observation, by name. */
  public List<NamespaceHolds> holds(Observation observation) {
    return new HoldStudy(new ReadinessStudy(ledger, observation, limits)).all();
  }

  private ReadinessStudy study() {
    return new ReadinessStudy(ledger, observations.get(), limits);
  }
}
