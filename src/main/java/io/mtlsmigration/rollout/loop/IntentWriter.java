// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.loop;

import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mtls.EffectiveMode;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.PolicyWriter;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.WriteIntent;
import io.mtlsmigration.rollout.WriteLedger;
import io.mtlsmigration.rollout.WriteResult;
import io.mtlsmigration.rollout.decisions.Confirmation;
import io.mtlsmigration.rollout.decisions.Journal;
import io.mtlsmigration.rollout.decisions.OwnPolicies;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Writes in three steps that are each recorded: the intent, the write, its result. A process may
 * die, or be stopped and resumed after another one has acted, between any two of them:
 *
 * <ul>
 *   <li>the intent names the resource version, or absence, that it was decided on, so the API
 *       server itself refuses a write that comes too late;
 *   <li>a process that finds an intent without a result compares it with the live object and
 *       records what has happened before it decides anything else;
 *   <li>a created object carries the plan's marker, so that even a write whose intent was given up
 *       is recognised as ours when it appears.
 * </ul>
 */
public final class IntentWriter {

  private final RolloutLedger ledger;
  private final PolicyWriter writer;
  private final Journal journal;
  private final Clock clock;
  private final Leadership leadership;
  private final AtomicLong sequence = new AtomicLong();

  IntentWriter(
      RolloutLedger ledger,
      PolicyWriter writer,
      Journal journal,
      Clock clock,
      Leadership leadership) {
    this.ledger = ledger;
    this.writer = writer;
    this.journal = journal;
    this.clock = clock;
    this.leadership = leadership;
  }

  /** The outcome of a write: the step as saved, and the answer. */
  record Outcome(StepRecord step, WriteResult result) {}

  /** Returns a unique marker for one object of a step. */
  String marker(PlanRecord plan, StepKey key, long term) {
    return OwnPolicies.markerOf(plan, key)
        + term
        + ":"
        + clock.millis()
        + "-"
        + sequence.incrementAndGet();
  }

  private WriteIntent intend(
      PlanRecord plan, StepRecord step, PolicyChange change, MeshModes modes) {
    PeerAuthentication live =
        change.before() == null ? null : WriteLedger.find(modes.snapshot(), change.ref());
    long now = leadership.term();
    return new WriteIntent(
        change,
        marker(plan, step.key(), now) + "-" + change.ref().name(),
        live == null ? "" : live.meta().uid(),
        live == null ? "" : live.meta().resourceVersion(),
        now,
        clock.instant(),
        previous(plan, step, change, modes));
  }

  WriteResult dryRun(
      PlanRecord plan, StepRecord step, PolicyChange change, MeshModes modes, boolean adopt) {
    return writer.dryRun(intend(plan, step, change, modes), adopt);
  }

  /**
   * Makes a write.
   *
   * @param adopt take over the mode of a person's policy
   */
  Outcome write(
      PlanRecord plan, StepRecord step, PolicyChange change, MeshModes modes, boolean adopt) {
    WriteIntent intent = intend(plan, step, change, modes);
    StepRecord intended = ledger.save(with(step, intent));
    if (!change.goesBack()
        && (ledger.live(plan.name()).filter(plan::countsFor).isEmpty()
            || ledger.unanswered(plan))) {
      // Any replica takes commands, as does the API server, and may not have told of them here yet.
      String why = "the plan was stopped or changed meanwhile";
      // Of an intent that this one has replaced, a process that was stopped may still make the
      // write.
      StepRecord before = ledger.save(intended.withInFlight(step.inFlight()));
      return new Outcome(before, new WriteResult.Unknown(why));
    }
    // Last: the ledger may have taken half a minute, in which another replica may have become
    // leader, or been it.
    if (!leadership.leads() || leadership.term() != intent.term()) {
      // The intent stays: the next leader finds that the write has not happened.
      return new Outcome(intended, new WriteResult.Unknown("this replica leads no longer"));
    }
    WriteResult result = writer.apply(intent, adopt);
    return switch (result) {
      case WriteResult.Applied(var policy) ->
          new Outcome(done(plan, intended, intent, meta(policy), modes, intent.at()), result);
      // The write may have happened: the intent stays, and the next tick checks.
      case WriteResult.Unknown(var detail) -> {
        refused(step, change, Reason.API_UNAVAILABLE, detail);
        yield new Outcome(intended, result);
      }
      case WriteResult.Conflict(var detail) -> {
        refused(step, change, Reason.WRITE_CONFLICT, detail);
        yield new Outcome(refusedByVersion(plan, intended, intent, modes), result);
      }
      case WriteResult.OwnedByOther(var manager, var detail) -> {
        refused(step, change, Reason.POLICY_OWNED_BY_OTHER, manager + ": " + detail);
        yield new Outcome(dropped(intended, intent), result);
      }
      case WriteResult.Refused(var detail) -> {
        refused(step, change, Reason.WRITE_REFUSED, detail);
        yield new Outcome(dropped(intended, intent), result);
      }
    };
  }

  /**
   * Handles a write that the API server has refused by its precondition. A client library may have
   * repeated a write that succeeded, so the object is read before the intent is dropped. A refused
   * write needs no rollback.
   */
  private StepRecord refusedByVersion(
      PlanRecord plan, StepRecord step, WriteIntent intent, MeshModes modes) {
    Optional<PeerAuthentication> live;
    try {
      live = writer.read(intent.change().ref());
    } catch (PolicyWriter.PolicyReadException e) {
      return step;
    }
    return switch (fate(intent, live)) {
      case HAPPENED ->
          done(
              plan,
              step,
              intent,
              live.map(PeerAuthentication::meta).orElse(null),
              modes,
              intent.at());
      case OPEN -> step;
      case UNCERTAIN ->
          wroteSince(intent, live)
              ? doubted(plan, step.overtaken(), intent, modes)
              : dropped(step.overtaken(), intent);
      case IMPOSSIBLE -> dropped(step.overtaken(), intent);
    };
  }

  private StepRecord dropped(StepRecord step, WriteIntent intent) {
    return ledger.save(without(step, one -> one.equals(intent)));
  }

  private static StepRecord with(StepRecord step, WriteIntent intent) {
    // A second attempt at the same write replaces the first one.
    List<WriteIntent> intents =
        new ArrayList<>(without(step, earlier -> repeats(intent, earlier)).inFlight());
    intents.add(intent);
    return step.withInFlight(intents);
  }

  private static boolean repeats(WriteIntent intent, WriteIntent earlier) {
    return earlier.change().ref().equals(intent.change().ref())
        && Objects.equals(earlier.change().after(), intent.change().after())
        && earlier.uid().equals(intent.uid())
        && earlier.resourceVersion().equals(intent.resourceVersion());
  }

  private static StepRecord without(StepRecord step, Predicate<WriteIntent> settled) {
    return step.withInFlight(step.inFlight().stream().filter(settled.negate()).toList());
  }

  private void refused(StepRecord step, PolicyChange change, Reason reason, String detail) {
    journal.tell(
        step,
        Event.Type.WRITE_FAILED,
        reason,
        "could not write " + change.ref() + ": " + detail,
        Map.of("purpose", change.purpose().name()));
  }

  private static @Nullable ObjectMeta meta(@Nullable PeerAuthentication policy) {
    return policy == null ? null : policy.meta();
  }

  private StepRecord done(
      PlanRecord plan,
      StepRecord step,
      WriteIntent intent,
      @Nullable ObjectMeta written,
      MeshModes modes,
      Instant at) {
    PolicyChange change = intent.change();
    LedgerEntry entry =
        WriteLedger.entry(
            previous(plan, step, intent, modes),
            change,
            written == null ? intent.uid() : written.uid(),
            written == null ? "" : written.resourceVersion(),
            at);
    // The new write gives the object another version than every earlier intent for it was decided
    // on.
    StepRecord next =
        without(step, one -> one.change().ref().equals(change.ref()))
            .withLedger(merged(step, entry, modes))
            .wrote(change.purpose());
    StepRecord saved = ledger.save(change.weakens() ? next.withOpenSince(clock.instant()) : next);
    journal.tell(
        step,
        Event.Type.POLICY_WRITTEN,
        change.purpose() == PolicyChange.Purpose.NEWBORN
            ? Reason.BORN_DURING_LOCKDOWN
            : Reason.WRITE_DONE,
        change.ref() + ": " + change.why(),
        Map.of(
            "purpose", change.purpose().name(),
            "before", Words.of(change.before()),
            "after", Words.of(change.after()),
            "weakens", Boolean.toString(change.weakens())));
    return saved;
  }

  private static List<LedgerEntry> merged(StepRecord step, LedgerEntry next, MeshModes modes) {
    PeerAuthentication shown = WriteLedger.find(modes.snapshot(), next.ref());
    return WriteLedger.merge(step.ledger(), next, WriteLedger.marked(shown));
  }

  private EffectiveMode previous(
      PlanRecord plan, StepRecord step, WriteIntent intent, MeshModes modes) {
    return intent.previous() != null
        ? intent.previous()
        : previous(plan, step, intent.change(), modes);
  }

  private EffectiveMode previous(
      PlanRecord plan, StepRecord step, PolicyChange change, MeshModes modes) {
    return WriteLedger.previous(modes, change, oursBefore(plan, step));
  }

  /** Returns the plan's writes that may decide the step's modes: its own, and the mesh step's. */
  private List<LedgerEntry> oursBefore(PlanRecord plan, StepRecord step) {
    if (step.key().isMesh()) {
      return step.ledger();
    }
    List<LedgerEntry> ours = new ArrayList<>(step.ledger());
    ledger.step(plan.name(), StepKey.MESH).ifPresent(mesh -> ours.addAll(mesh.ledger()));
    return ours;
  }

  /**
   * Determines the outcome of writes whose results were not recorded.
   *
   * @param open markers of intents that this process has checked before and that had not happened:
   *     an object that has changed since was changed by somebody else, unless its fields tell that
   *     this service has
   * @throws PolicyWriter.PolicyReadException when the API server does not answer: nothing may be
   *     decided for this step until it does
   */
  void reconcile(PlanRecord plan, StepRecord kept, MeshModes modes, Set<String> open) {
    StepRecord step = kept;
    for (WriteIntent intent : kept.inFlight()) {
      if (step.inFlight().contains(intent) && !rests(intent, modes, open)) {
        step = reconcile(plan, step, intent, modes, open);
      }
    }
  }

  /**
   * Returns whether the intent was checked before and its object is still shown as it was. A
   * snapshot that lags is no danger: lasting claims are checked against the API server ({@link
   * Confirmation}).
   */
  private static boolean rests(WriteIntent intent, MeshModes modes, Set<String> open) {
    PeerAuthentication shown = WriteLedger.find(modes.snapshot(), intent.change().ref());
    return open.contains(intent.marker())
        && intent.resourceVersion().equals(shown == null ? "" : shown.meta().resourceVersion());
  }

  private StepRecord reconcile(
      PlanRecord plan, StepRecord step, WriteIntent intent, MeshModes modes, Set<String> open) {
    Optional<PeerAuthentication> live = writer.read(intent.change().ref());
    Fate fate = fate(intent, live);
    if (fate == Fate.OPEN) {
      open.add(intent.marker());
    } else if (open.remove(intent.marker())
        && fate == Fate.UNCERTAIN
        && !wroteSince(intent, live)) {
      fate = Fate.IMPOSSIBLE;
    }
    return switch (fate) {
      // The time of the write is unknown; to be safe, connections drain from now.
      case HAPPENED ->
          done(
              plan,
              step,
              intent,
              live.map(PeerAuthentication::meta).orElse(null),
              modes,
              clock.instant());
      case UNCERTAIN -> doubted(plan, step, intent, modes);
      case IMPOSSIBLE -> dropped(step, intent);
      // Another process may still be about to make it. The next write of that object prevents it by
      // its own precondition.
      case OPEN -> step;
    };
  }

  /** Returns whether this service has written the object since; another process may have. */
  private static boolean wroteSince(WriteIntent intent, Optional<PeerAuthentication> live) {
    return live.filter(policy -> OwnPolicies.wroteSince(policy, intent.at())).isPresent();
  }

  /**
   * Keeps the rollback of a write that may have been made. Changes by others since are theirs and
   * are not touched, but where clients are refused that were not before, the step says so.
   */
  private StepRecord doubted(
      PlanRecord plan, StepRecord step, WriteIntent intent, MeshModes modes) {
    PolicyChange change = intent.change();
    boolean known = step.ledger().stream().anyMatch(e -> e.ref().equals(change.ref()));
    if (known || change.after() == null) {
      return dropped(step, intent);
    }
    LedgerEntry entry =
        WriteLedger.entry(
            previous(plan, step, intent, modes), change, intent.uid(), "", intent.at());
    journal.tell(
        step,
        Event.Type.WRITE_FAILED,
        Reason.WRITE_CONFLICT,
        "whether " + change.ref() + " was written is not known: somebody has changed it since",
        Map.of("purpose", change.purpose().name()));
    return ledger.save(
        without(step, intent::equals)
            .withLedger(merged(step, entry, modes))
            .wrote(change.purpose()));
  }

  /** The possible outcomes of an intent. */
  public enum Fate {
    HAPPENED,
    /**
     * The object has changed, so the write cannot happen any more; whether it had happened before
     * that change is unknown.
     */
    UNCERTAIN,
    /** The write has not happened, and the API server would refuse it now. */
    IMPOSSIBLE,
    /** The write has not happened, and still could. */
    OPEN
  }

  public static Fate fate(WriteIntent intent, Optional<PeerAuthentication> live) {
    PolicyChange change = intent.change();
    if (change.before() == null) {
      return live.map(p -> created(intent, p) ? Fate.HAPPENED : Fate.IMPOSSIBLE).orElse(Fate.OPEN);
    }
    if (live.isEmpty()) {
      return change.after() == null ? Fate.HAPPENED : Fate.UNCERTAIN;
    }
    PeerAuthentication policy = live.get();
    if (change.after() == null && policy.meta().uid().equals(intent.uid())) {
      boolean same = policy.meta().resourceVersion().equals(intent.resourceVersion());
      return same ? Fate.OPEN : Fate.IMPOSSIBLE;
    }
    if (!policy.meta().uid().equals(intent.uid())) {
      return change.after() == null ? Fate.HAPPENED : Fate.UNCERTAIN;
    }
    if (policy.meta().resourceVersion().equals(intent.resourceVersion())) {
      return Fate.OPEN;
    }
    if (policy.spec().equals(change.after())) {
      return OwnPolicies.owned(policy) ? Fate.HAPPENED : Fate.IMPOSSIBLE;
    }
    // A write by this service would be visible among the field owners.
    return policy.spec().equals(change.before()) && !OwnPolicies.owned(policy)
        ? Fate.IMPOSSIBLE
        : Fate.UNCERTAIN;
  }

  /**
   * Returns whether this attempt, or an earlier one of the same step, created the policy: a later
   * intent replaces earlier ones, and the process that had the first of them may have continued.
   */
  private static boolean created(WriteIntent intent, PeerAuthentication policy) {
    String marker = policy.meta().annotations().get(PolicyWriter.MARKER_ANNOTATION);
    return intent.marker().equals(marker)
        || (marker != null
            && !step(marker).isEmpty()
            && step(marker).equals(step(intent.marker()))
            && policy.spec().equals(intent.change().after())
            && OwnPolicies.owned(policy));
  }

  /** Returns the part of a marker that {@link OwnPolicies#markerOf} gives. */
  private static String step(String marker) {
    int at = marker.lastIndexOf(':', marker.lastIndexOf(':') - 1);
    return marker.substring(0, Math.max(0, at));
  }

  /** Returns whether the API server has the exact object of a snapshot, which may be old. */
  boolean isThere(PeerAuthentication shown) {
    try {
      return writer
          .read(shown.ref())
          .filter(live -> live.meta().resourceVersion().equals(shown.meta().resourceVersion()))
          .isPresent();
    } catch (PolicyWriter.PolicyReadException e) {
      return false;
    }
  }

  /** Adds a policy that the plan has created for the step, and is in no record, to the ledger. */
  StepRecord adopt(PlanRecord plan, StepRecord step, PeerAuthentication stray, MeshModes modes) {
    PolicyChange change =
        new PolicyChange(
            stray.ref(),
            null,
            stray.spec(),
            purpose(stray.spec()),
            false,
            "found in the mesh with the plan's marker, though no record tells of it");
    WriteIntent intent = new WriteIntent(change, "", "", "", leadership.term(), clock.instant());
    return done(plan, step, intent, stray.meta(), modes, clock.instant());
  }

  /** What opens was written for an exception, or for a namespace that stays open. */
  private static PolicyChange.Purpose purpose(PeerAuthentication.Spec stray) {
    return OwnPolicies.strict(stray)
        ? PolicyChange.Purpose.LOCK
        : stray.selector().isEmpty() ? PolicyChange.Purpose.EXEMPT : PolicyChange.Purpose.EXCEPTION;
  }
}
