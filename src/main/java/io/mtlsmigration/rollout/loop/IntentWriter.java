package io.mtlsmigration.rollout.loop;

import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mtls.EffectiveMode;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.plan.StepName;
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
 * Writes in three steps that are each kept: the intent, the write, its result. A process may die,
 * or be stopped and resumed after another one has acted, between any two of them:
 *
 * <ul>
 *   <li>the intent names the resource version, or absence, that it was decided on, so the API
 *       server itself refuses a write that comes too late;
 *   <li>whoever finds an intent without a result compares it with the live object and records what
 *       has happened before anything else is decided;
 *   <li>a created object carries the plan's marker, so that even a write whose intent was given up
 *       is recognised as ours when it shows.
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

  /** What became of it: the record as kept, and the answer. */
  record Outcome(StepRecord step, WriteResult result) {}

  /**
   * All markers of one step begin with this. Objects that were made by older versions carry it too;
   * those of a step lie in its own namespace, so one called mesh is not taken for the mesh here.
   */
  static String markerOf(PlanRecord plan, StepKey key) {
    return plan.uid() + ":" + (key.isMesh() ? StepName.MESH : key.namespace()) + ":";
  }

  /** A marker of its own for one object of a step. */
  String marker(PlanRecord plan, StepKey key, long term) {
    return markerOf(plan, key) + term + ":" + clock.millis() + "-" + sequence.incrementAndGet();
  }

  private WriteIntent intend(
      PlanRecord plan, StepRecord step, PolicyChange change, MeshModes modes) {
    PeerAuthentication live =
        change.before() == null ? null : WriteLedger.find(modes.snapshot(), change.ref());
    long now = leadership.term();
    return new WriteIntent(
        change,
        marker(plan, step.key(), now),
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
   * Writes.
   *
   * @param adopt take over the mode of a person's policy
   */
  Outcome write(
      PlanRecord plan, StepRecord step, PolicyChange change, MeshModes modes, boolean adopt) {
    WriteIntent intent = intend(plan, step, change, modes);
    StepRecord intended = ledger.save(with(step, intent));
    if (!leadership.leads()) {
      // Kept as it stands: whoever leads now finds that it has not happened.
      return new Outcome(intended, new WriteResult.Unknown("this replica leads no longer"));
    }
    WriteResult result = writer.apply(intent, adopt);
    return switch (result) {
      case WriteResult.Applied(var policy) ->
          new Outcome(done(plan, intended, intent, meta(policy), modes, intent.at()), result);
      // It may have happened: the intent stays, and the next tick looks.
      case WriteResult.Unknown(var detail) -> {
        refused(plan, step, change, Reason.API_UNAVAILABLE, detail);
        yield new Outcome(intended, result);
      }
      case WriteResult.Conflict(var detail) -> {
        refused(plan, step, change, Reason.WRITE_CONFLICT, detail);
        yield new Outcome(refusedByVersion(plan, intended, intent, modes), result);
      }
      case WriteResult.OwnedByOther(var manager, var detail) -> {
        refused(plan, step, change, Reason.POLICY_OWNED_BY_OTHER, manager + ": " + detail);
        yield new Outcome(dropped(intended, intent), result);
      }
      case WriteResult.Refused(var detail) -> {
        refused(plan, step, change, Reason.WRITE_REFUSED, detail);
        yield new Outcome(dropped(intended, intent), result);
      }
    };
  }

  /**
   * The API server has refused the write, unless a client library had repeated one that was made:
   * so look, rather than forget. What was refused leaves no way back to be kept.
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
      case UNCERTAIN, IMPOSSIBLE -> dropped(step.overtaken(), intent);
    };
  }

  private StepRecord dropped(StepRecord step, WriteIntent intent) {
    return ledger.save(without(step, one -> one.equals(intent)));
  }

  private static StepRecord with(StepRecord step, WriteIntent intent) {
    // A second attempt at the same write stands for the first one too.
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

  private void refused(
      PlanRecord plan, StepRecord step, PolicyChange change, Reason reason, String detail) {
    journal.tell(
        plan.name(),
        step.key().toString(),
        Event.Type.WRITE_FAILED,
        reason,
        "could not write " + change.ref() + ": " + detail,
        Journal.SERVICE,
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
    // What is written now has another version than every earlier write to it was decided on.
    StepRecord next =
        without(step, one -> one.change().ref().equals(change.ref()))
            .withLedger(WriteLedger.merge(step.ledger(), entry))
            .wrote(change.purpose());
    StepRecord saved = ledger.save(change.weakens() ? next.withOpenSince(clock.instant()) : next);
    journal.tell(
        plan.name(),
        step.key().toString(),
        Event.Type.POLICY_WRITTEN,
        change.purpose() == PolicyChange.Purpose.NEWBORN
            ? Reason.BORN_DURING_LOCKDOWN
            : Reason.WRITE_DONE,
        change.ref() + ": " + change.why(),
        Journal.SERVICE,
        Map.of(
            "purpose", change.purpose().name(),
            "before", Words.of(change.before()),
            "after", Words.of(change.after()),
            "weakens", Boolean.toString(change.weakens())));
    return saved;
  }

  private EffectiveMode previous(
      PlanRecord plan, StepRecord step, WriteIntent intent, MeshModes modes) {
    return intent.previous() != null
        ? intent.previous()
        : previous(plan, step, intent.change(), modes);
  }

  private EffectiveMode previous(
      PlanRecord plan, StepRecord step, PolicyChange change, MeshModes modes) {
    return WriteLedger.effective(WriteLedger.before(modes, change, oursBefore(plan, step)), change);
  }

  /** What the plan has written that may decide the step's modes: its own, and the mesh step's. */
  private List<LedgerEntry> oursBefore(PlanRecord plan, StepRecord step) {
    if (step.key().isMesh()) {
      return step.ledger();
    }
    List<LedgerEntry> ours = new ArrayList<>(step.ledger());
    ledger.step(plan.name(), StepKey.MESH).ifPresent(mesh -> ours.addAll(mesh.ledger()));
    return ours;
  }

  /**
   * Finds out what became of writes whose results nobody recorded.
   *
   * @param open markers of intents that this process has looked at before, when they had not
   *     happened: what has moved on since was changed by somebody else
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
   * It was looked at, and its object is shown as it was then. A view that lags is no danger: what
   * claims something for good asks the API server ({@link Confirmation}).
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
    } else if (open.remove(intent.marker()) && fate == Fate.UNCERTAIN) {
      fate = Fate.IMPOSSIBLE;
    }
    return switch (fate) {
      // Nobody knows when it happened; connections drain from now, to be safe.
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
      // Another process may still be about to make it. The next write of that object shuts the door
      // behind it, by its own precondition.
      case OPEN -> step;
    };
  }

  /**
   * The way back is kept for a write that may have been made: what somebody has changed since is
   * theirs and is not touched, but where clients are refused that were not before, the step says
   * so.
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
        plan.name(),
        step.key().toString(),
        Event.Type.WRITE_FAILED,
        Reason.WRITE_CONFLICT,
        "whether " + change.ref() + " was written is not known: somebody has changed it since",
        Journal.SERVICE,
        Map.of("purpose", change.purpose().name()));
    return ledger.save(
        without(step, intent::equals)
            .withLedger(WriteLedger.merge(step.ledger(), entry))
            .wrote(change.purpose()));
  }

  /** What can have become of an intent. */
  public enum Fate {
    HAPPENED,
    /**
     * The object has moved on, so it cannot happen any more; whether it had happened before
     * somebody else changed the object nobody can tell.
     */
    UNCERTAIN,
    /** It has not happened, and the API server would refuse it now. */
    IMPOSSIBLE,
    /** It has not happened, and still could. */
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
      return ours(policy) ? Fate.HAPPENED : Fate.IMPOSSIBLE;
    }
    // A write of ours would have left its mark among the owners.
    return policy.spec().equals(change.before()) && !ours(policy)
        ? Fate.IMPOSSIBLE
        : Fate.UNCERTAIN;
  }

  /**
   * By this attempt, or by an earlier one of the same step: a later intent stands for those before
   * it, and the process that had the first of them may have gone on.
   */
  private static boolean created(WriteIntent intent, PeerAuthentication policy) {
    String marker = policy.meta().annotations().get(PolicyWriter.MARKER_ANNOTATION);
    return intent.marker().equals(marker)
        || (marker != null
            && !step(marker).isEmpty()
            && step(marker).equals(step(intent.marker()))
            && policy.spec().equals(intent.change().after()));
  }

  /** What {@link #markerOf} begins a marker with. */
  private static String step(String marker) {
    int at = marker.lastIndexOf(':', marker.lastIndexOf(':') - 1);
    return marker.substring(0, Math.max(0, at));
  }

  private static boolean ours(PeerAuthentication policy) {
    List<ObjectMeta.FieldOwner> owners = policy.meta().owners();
    return owners.isEmpty()
        || owners.stream()
            .anyMatch(
                o ->
                    o.manager().equals(PolicyWriter.FIELD_MANAGER)
                        && (o.ownsMode() || o.ownsSpec()));
  }

  /** Whether the API server has the very object that a view shows, which may be one of long ago. */
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

  /** Takes into the ledger what carries the step's marker and is in no record. */
  StepRecord adopt(PlanRecord plan, StepRecord step, PeerAuthentication stray, MeshModes modes) {
    PolicyChange change =
        new PolicyChange(
            stray.ref(),
            null,
            stray.spec(),
            PolicyChange.Purpose.LOCK,
            false,
            "found in the mesh with the plan's marker, though no record tells of it");
    WriteIntent intent = new WriteIntent(change, "", "", "", leadership.term(), clock.instant());
    return done(plan, step, intent, stray.meta(), modes, clock.instant());
  }
}
