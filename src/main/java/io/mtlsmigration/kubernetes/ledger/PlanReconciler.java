// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.contract.PlanReading;
import io.mtlsmigration.kubernetes.resource.MigrationPlan;
import io.mtlsmigration.kubernetes.resource.MigrationPlanStatus.Subject;
import io.mtlsmigration.plan.Problem;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger.UnavailableException;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.commands.CommandException;
import io.mtlsmigration.rollout.commands.PlanCommands;
import io.mtlsmigration.rollout.commands.Progress;
import io.mtlsmigration.rollout.commands.Waiting;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One reconciliation of one plan object: applies the changes requested, and reports its state. Ends
 * with at most one write of its status.
 */
final class PlanReconciler {

  private static final Logger LOG = Logger.getLogger(PlanReconciler.class);

  /**
   * The interval for judging a refused spec again: the namespace that it names may exist by then,
   * or the conflicting plan have ended.
   */
  private static final Duration JUDGE_AGAIN = Duration.ofSeconds(30);

  /** The interval of progress updates for a plan whose own record has not changed. */
  private static final Duration PACE = Duration.ofSeconds(5);

  /** The same interval for a large plan, whose status has hundreds of kilobytes. */
  private static final Duration LARGE_PACE = Duration.ofSeconds(30);

  private static final int LARGE = 1_000;

  /** How long another replica may take from the creation of an object to its first status. */
  private static final Duration MAKING = Duration.ofSeconds(10);

  private static final int PROBLEMS_SHOWN = 10;

  /** The state of an object that is remembered between turns. */
  static final class Memory {
    String failure = "";
    private long judged = -1;
    private Instant judgedAt = Instant.MIN;
    private String told = "";
    private Instant tellAgain = Instant.MIN;
    private Instant disownAgain = Instant.MIN;

    /** Forgets what was found, because it has not been written. */
    void forget() {
      judged = -1;
      tellAgain = Instant.MIN;
    }
  }

  private final ClusterLedger ledger;
  private final PlanCommands planCommands;
  private final Memory memory;
  private final Instant now;
  private final String name;
  private final Conditions conditions;
  private final CommandAnnotations commands;
  private CachedPlan object;
  private @Nullable Long observed;
  private UnaryOperator<PlanStatusSummary> progress = UnaryOperator.identity();

  PlanReconciler(
      ClusterLedger ledger,
      PlanCommands planCommands,
      Clock clock,
      CachedPlan object,
      Memory memory) {
    this.ledger = ledger;
    this.planCommands = planCommands;
    this.object = object;
    this.memory = memory;
    this.now = clock.instant();
    this.name = object.name();
    this.conditions = new Conditions(now, object.generation());
    this.commands = new CommandAnnotations(ledger, planCommands, conditions);
  }

  void go() {
    disown();
    if (object.fault() != null) {
      return; // The plan is held, and its status cannot say so: the status is what cannot be read.
    }
    if (object.notes().deleting()) {
      ledger.store().finish(name);
      return;
    }
    if (object.record() == null) {
      untaken();
    } else {
      spec(object.record());
    }
    PlanRecord record = look();
    if (record != null) {
      commands.carryOut(object, record);
      record = look();
    }
    if (record != null && object.unwanted()) {
      remove(record);
      record = look();
    }
    if (record != null) {
      stand(record);
    }
    write();
  }

  /** Returns the record of the object as it is known by now; null when it is gone, or not taken. */
  private @Nullable PlanRecord look() {
    CachedPlan held = ledger.object(name);
    if (held == null || !held.uid().equals(object.uid()) || !held.active()) {
      return null;
    }
    object = held;
    return held.record();
  }

  private void untaken() {
    if (object.unwanted()) {
      letGo();
      return;
    }
    if (beingMade() || !due()) {
      return;
    }
    if (object.reading().problems().isEmpty()) {
      try {
        planCommands.create(
            object.reading().spec(), FieldManagers.ofSpec(object.object().getMetadata()));
        accepted();
        return;
      } catch (CommandException e) {
        if (!refused(e, "Conflict")) {
          return;
        }
      }
    } else {
      invalid(object.reading().problems());
    }
    conditions.put(Conditions.READY, false, "NotAccepted", "nobody works on it before it is valid");
    progress =
        notes -> notes.withProgress(null, "a spec that can be accepted", List.of(), Map.of());
  }

  /** Removes our finalizer from a plan that was never taken and never will be. */
  private void letGo() {
    if (object.object().getMetadata().getFinalizers().contains(MigrationPlan.FINALIZER)
        && ledger.store().note(name, PlanStatusSummary::going)) {
      ledger.store().finish(name);
    }
  }

  /**
   * Returns whether a replica may still be creating it: it has our finalizer but no status. That
   * replica may also have been killed there.
   */
  private boolean beingMade() {
    String created = object.object().getMetadata().getCreationTimestamp();
    if (created == null
        || !object.object().getMetadata().getFinalizers().contains(MigrationPlan.FINALIZER)) {
      return false;
    }
    try {
      return now.isBefore(Instant.parse(created).plus(MAKING));
    } catch (DateTimeParseException e) {
      return false;
    }
  }

  private boolean due() {
    boolean due =
        memory.judged != object.generation() || !pauses(memory.judgedAt.plus(JUDGE_AGAIN));
    if (due) {
      memory.judged = object.generation();
      memory.judgedAt = now;
    }
    return due;
  }

  /** The clock may have been set back since: no pause is longer. */
  private boolean pauses(Instant until) {
    return now.isBefore(until) && !until.isAfter(now.plus(JUDGE_AGAIN));
  }

  private void spec(PlanRecord record) {
    PlanReading wanted = object.reading();
    if (wanted.problems().isEmpty() && wanted.spec().equals(record.spec())) {
      accepted();
      return;
    }
    if (!due()) {
      return;
    }
    if (!wanted.problems().isEmpty()) {
      invalid(wanted.problems());
      return;
    }
    try {
      String author = FieldManagers.ofSpec(object.object().getMetadata());
      planCommands.replace(name, wanted.spec(), record.version(), author);
      accepted();
    } catch (CommandException e) {
      boolean runs = record.moving();
      refused(e, runs ? "NotWhileRunning" : "Ended");
    }
  }

  private void accepted() {
    memory.judged = -1;
    observed = object.generation();
    conditions.put(Conditions.ACCEPTED, true, "Accepted", "the service works by this spec");
  }

  /**
   * Handles a refusal.
   *
   * @return false when it says nothing about the spec, which is then judged again next turn
   */
  private boolean refused(CommandException refusal, String notAllowed) {
    switch (refusal) {
      case CommandException.Invalid e -> invalid(e.problems());
      case CommandException.NotAllowed e -> {
        CachedPlan held = ledger.object(name);
        if (object.record() == null && (held == null || held.record() != null)) {
          return false; // Another replica has just taken it, or it has gone.
        }
        notAccepted(notAllowed, String.valueOf(e.getMessage()));
      }
      case CommandException.NotFound e -> {
        memory.judged = -1;
        return false;
      }
      case CommandException.Stale e -> {
        memory.judged = -1;
        return false;
      }
    }
    return true;
  }

  private void invalid(List<Problem> problems) {
    List<String> words =
        problems.stream().limit(PROBLEMS_SHOWN).map(PlanReconciler::words).distinct().toList();
    int more = problems.size() - PROBLEMS_SHOWN;
    notAccepted("Invalid", String.join("; ", words) + (more > 0 ? "; and " + more + " more" : ""));
  }

  /** Returns the problem with a pointer into the object, where the plan's body is the spec. */
  private static String words(Problem problem) {
    String pointer =
        problem.pointer().equals("/name") ? "/metadata/name" : "/spec" + problem.pointer();
    return pointer + ": " + problem.detail();
  }

  private void notAccepted(String reason, String message) {
    observed = object.generation();
    String basis =
        object.record() == null
            ? ""
            : ". The plan goes on by status.accepted; put the spec back, or do what it asks for";
    conditions.put(Conditions.ACCEPTED, false, reason, message + basis);
  }

  private void remove(PlanRecord record) {
    List<PlanAction> allowed = planCommands.allowedActions(record);
    boolean keeps =
        "true"
            .equals(
                Values.map(object.object().getMetadata().getAnnotations())
                    .get(MigrationPlan.KEEP_ANNOTATION));
    boolean ended = record.phase() == PlanPhase.COMPLETED || record.endedAt() != null;
    if (allowed.contains(PlanAction.DELETE) || (keeps && ended)) {
      try {
        planCommands.delete(name, record.version(), keeps, "kubectl");
      } catch (CommandException e) {
        // It has changed since; the next turn handles it.
      }
      return;
    }
    conditions.put(
        Conditions.DELETABLE,
        false,
        "NotEnded",
        "DELETE before an end state: "
            + (ended
                ? "policies that it wrote are in place: cleanup or rollback first, or keep them and"
                    + " lose the way back, by the annotation "
                    + MigrationPlan.KEEP_ANNOTATION
                    + "=true"
                : allowed.contains(PlanAction.ABORT)
                    ? "abort or rollback first, by the annotation "
                        + MigrationPlan.ACTION_ANNOTATION
                    : "it goes when what is under way has ended"));
  }

  /** Sees that nothing but this service deletes what is needed to undo the plan. */
  private void disown() {
    if (pauses(memory.disownAgain)) {
      return;
    }
    try {
      ledger.disown(object.uid());
    } catch (UnavailableException e) {
      memory.disownAgain = now.plus(JUDGE_AGAIN);
      LOG.warnf(
          "Steps are deleted with their plan if it is deleted in the foreground plan=%s: %s",
          name, e.getMessage());
    }
  }

  private void stand(PlanRecord record) {
    String state = record.version() + (object.unwanted() ? " unwanted" : "");
    if (state.equals(memory.told) && pauses(memory.tellAgain)) {
      return;
    }
    memory.told = state;
    memory.tellAgain = now.plus(PACE);
    try {
      standing(record);
    } catch (UnavailableException e) {
      // The outcome of a command is written all the same.
      memory.tellAgain = Instant.MIN;
    }
  }

  private void standing(PlanRecord record) {
    List<StepRecord> steps;
    try {
      steps = ledger.steps(name);
    } catch (UnavailableException e) {
      String fault = String.valueOf(e.getMessage());
      conditions.put(Conditions.DEGRADED, true, "RecordsUnreadable", fault);
      return;
    }
    memory.tellAgain = now.plus(steps.size() > LARGE ? LARGE_PACE : PACE);
    List<Waiting> open = planCommands.waitingOn(record);
    String waits = PlanConditions.waiting(record, open);
    String waiting =
        object.unwanted() ? "end, to be deleted" + (waits.isEmpty() ? "" : "; " + waits) : waits;
    String actions = PlanConditions.actions(planCommands.allowedActions(record));
    PlanConditions.tell(conditions, record, steps, open, actions);
    conditions.remove(Conditions.CONFLICT);
    if (record.phase() == PlanPhase.DRAFT) {
      planCommands
          .conflict(record)
          .ifPresent(other -> conditions.put(Conditions.CONFLICT, true, "Overlap", other));
    }
    Progress done = planCommands.progress(record);
    Map<String, Integer> counts = new HashMap<>();
    done.byPhase().forEach((phase, count) -> counts.put(phase.name(), count));
    List<Subject> awaiting =
        planCommands.awaited(record).stream()
            .map(consent -> new Subject(consent.subject(), null, consent.impactHash()))
            .toList();
    progress =
        notes ->
            notes.withProgress(
                done.done() + "/" + done.total(),
                waiting.isEmpty() ? null : waiting,
                awaiting,
                counts);
  }

  private static @Nullable Long later(@Nullable Long one, @Nullable Long other) {
    return one == null || other == null ? (one == null ? other : one) : (Long) Math.max(one, other);
  }

  /** Writes the status first, then removes commands, so that their outcome can be read. */
  private void write() {
    CachedPlan held = ledger.object(name);
    if (held == null || !held.uid().equals(object.uid()) || held.notes().deleting()) {
      return;
    }
    boolean written =
        ledger
            .store()
            .note(
                name,
                notes ->
                    progress
                        .apply(notes)
                        .withConditions(conditions.over(notes.conditions()))
                        .withObservedGeneration(later(observed, notes.observedGeneration())));
    if (written) {
      commands.clear();
    } else {
      memory.forget(); // another write was first; retry once
    }
  }
}
