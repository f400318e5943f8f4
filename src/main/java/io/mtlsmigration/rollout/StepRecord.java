package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.PolicyChange;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of one step of a plan: a namespace's migration, or the mesh's. Immutable.
 *
 * @param namespaceUid UID of the namespace it is about; a new UID starts again at PENDING
 * @param version for optimistic concurrency, set by the ledger; empty before the first save
 * @param since when the phase was entered
 * @param reason why the phase was entered
 * @param gates latest results
 * @param heldSince since when all gates but soak, window, hooks and approval have held without a
 *     break
 * @param verifyingUntil end of verification; null in VERIFYING means that a person has to decide
 * @param ledger what this step wrote and has not taken back: one entry an object, with what was
 *     there before the first write and what is there after the last; in the order of first writes
 * @param inFlight writes whose end is not recorded yet, the newest last: whoever was about to make
 *     one may have been stopped, and may go on long after others have written other objects
 * @param automaticRollbacks how often it was rolled back without a person asking
 * @param request what a person asked for and is not carried out yet
 * @param notices what hooks are still to be told of it
 * @param dryRun of STRICT; null when there is none, and nothing is left of one
 * @param asked whether a person asked for the phase it is in, such as an exemption or a way back
 * @param found of a locked step, whether STRICT was there already: what the plan did not lock it
 *     does not take back; of an exempt one, whether it was seen to be open
 * @param wrote purposes of the writes made since the phase was entered
 * @param attempt counts attempts to lock: what a person agreed to in an earlier one counts no more
 * @param health what is wrong with a locked step; null when nothing is known to be
 * @param openSince since when no port was seen to turn from STRICT to taking plaintext: STRICT
 *     itself refuses who would have been counted; {@link Instant#EPOCH} when none ever was
 */
public record StepRecord(
    String plan,
    StepKey key,
    String namespaceUid,
    String version,
    Phase phase,
    Instant since,
    Reason reason,
    String message,
    List<GateResult> gates,
    @Nullable Instant heldSince,
    @Nullable Instant verifyingUntil,
    List<LedgerEntry> ledger,
    List<WriteIntent> inFlight,
    List<GateOverride> overrides,
    int automaticRollbacks,
    @Nullable Request request,
    List<HookNotice> notices,
    @Nullable DryRun dryRun,
    boolean asked,
    boolean found,
    Set<PolicyChange.Purpose> wrote,
    int attempt,
    @Nullable Health health,
    Instant openSince) {

  public StepRecord {
    notices = List.copyOf(notices);
    gates = List.copyOf(gates);
    ledger = List.copyOf(ledger);
    inFlight = List.copyOf(inFlight);
    overrides = List.copyOf(overrides);
    wrote = Set.copyOf(wrote);
  }

  /**
   * What is wrong with a locked step that nobody has weakened.
   *
   * @param message a sentence that names who and where
   */
  public record Health(Instant since, Reason reason, String message) {}

  /** A person's wish, carried out by the loop. */
  public record Request(StepAction action, String by, String comment, Instant at) {}

  /** A step that nothing has happened to. */
  public static StepRecord begin(
      String plan,
      StepKey key,
      String uid,
      Phase phase,
      Instant at,
      Reason reason,
      String message) {
    return new StepRecord(
        plan,
        key,
        uid,
        "",
        phase,
        at,
        reason,
        message,
        List.of(),
        null,
        null,
        List.of(),
        List.of(),
        List.of(),
        0,
        null,
        List.of(),
        null,
        false,
        false,
        Set.of(),
        1,
        null,
        Instant.EPOCH);
  }

  public StepRecord withVersion(String next) {
    Copy copy = new Copy(this);
    copy.version = next;
    return copy.made();
  }

  /** Enters a phase, from itself or another one. */
  public StepRecord entered(Phase next, Instant at, Reason why, String words, boolean byPerson) {
    Copy copy = new Copy(this);
    copy.phase = next;
    copy.since = at;
    copy.reason = why;
    copy.message = words;
    copy.asked = byPerson;
    copy.wrote = Set.of();
    copy.health = null;
    return copy.made();
  }

  /** Somebody has changed something since a person asked for this lock. */
  public StepRecord overtaken() {
    Copy copy = new Copy(this);
    copy.asked = asked && phase != Phase.LOCKING;
    return copy.made();
  }

  public StepRecord withFound(boolean next) {
    Copy copy = new Copy(this);
    copy.found = next;
    return copy.made();
  }

  public StepRecord withMessage(String words) {
    Copy copy = new Copy(this);
    copy.message = words;
    return copy.made();
  }

  /** A write has been made, and is in the ledger. */
  public StepRecord wrote(PolicyChange.Purpose purpose) {
    if (wrote.contains(purpose)) {
      return this;
    }
    Copy copy = new Copy(this);
    EnumSet<PolicyChange.Purpose> all = EnumSet.of(purpose);
    all.addAll(wrote);
    copy.wrote = all;
    return copy.made();
  }

  /**
   * The attempt to lock has ended, whatever its outcome: no consent and no override outlives it.
   */
  public StepRecord attemptEnded() {
    Copy copy = new Copy(this);
    copy.attempt = attempt + 1;
    copy.overrides = overrides.stream().map(GateOverride::usedUp).toList();
    return copy.made();
  }

  public StepRecord withAttempt(int next) {
    Copy copy = new Copy(this);
    copy.attempt = next;
    return copy.made();
  }

  public StepRecord withHealth(@Nullable Health next) {
    Copy copy = new Copy(this);
    copy.health = next;
    return copy.made();
  }

  public StepRecord withOpenSince(Instant next) {
    Copy copy = new Copy(this);
    copy.openSince = next;
    return copy.made();
  }

  public StepRecord withGates(List<GateResult> next, @Nullable Instant held) {
    Copy copy = new Copy(this);
    copy.gates = next;
    copy.heldSince = held;
    return copy.made();
  }

  public StepRecord withVerifyingUntil(@Nullable Instant next) {
    Copy copy = new Copy(this);
    copy.verifyingUntil = next;
    return copy.made();
  }

  public StepRecord withLedger(List<LedgerEntry> entries) {
    Copy copy = new Copy(this);
    copy.ledger = entries;
    return copy.made();
  }

  public StepRecord withInFlight(List<WriteIntent> intents) {
    Copy copy = new Copy(this);
    copy.inFlight = intents;
    return copy.made();
  }

  public StepRecord withOverrides(List<GateOverride> next) {
    Copy copy = new Copy(this);
    copy.overrides = next;
    return copy.made();
  }

  public StepRecord withAutomaticRollbacks(int next) {
    Copy copy = new Copy(this);
    copy.automaticRollbacks = next;
    return copy.made();
  }

  public StepRecord withRequest(@Nullable Request next) {
    Copy copy = new Copy(this);
    copy.request = next;
    return copy.made();
  }

  public StepRecord withNotices(List<HookNotice> next) {
    Copy copy = new Copy(this);
    copy.notices = next;
    return copy.made();
  }

  public StepRecord withDryRun(@Nullable DryRun next) {
    Copy copy = new Copy(this);
    copy.dryRun = next;
    return copy.made();
  }

  /** The latest result of one gate; null when it was not judged yet. */
  public @Nullable GateResult gate(Gate gate) {
    for (GateResult result : gates) {
      if (result.gate() == gate) {
        return result;
      }
    }
    return null;
  }

  /** True when verification failed and only a person moves it on. */
  public boolean held() {
    return phase == Phase.VERIFYING && verifyingUntil == null;
  }

  /** True when verification has gone on for longer than the plan says, because something lacks. */
  public boolean extended(Duration verification) {
    return verifyingUntil != null && verifyingUntil.isAfter(since.plus(verification));
  }

  /** When its latest write was made; null when it has made none. */
  public @Nullable Instant lastWrite() {
    Instant last = null;
    for (LedgerEntry entry : ledger) {
      if (last == null || entry.writtenAt().isAfter(last)) {
        last = entry.writtenAt();
      }
    }
    return last;
  }

  /** A copy in the making: one thing is set, all others stay. */
  private static final class Copy {
    private final StepRecord from;
    private String version;
    private Phase phase;
    private Instant since;
    private Reason reason;
    private String message;
    private List<GateResult> gates;
    private @Nullable Instant heldSince;
    private @Nullable Instant verifyingUntil;
    private List<LedgerEntry> ledger;
    private List<WriteIntent> inFlight;
    private List<GateOverride> overrides;
    private int automaticRollbacks;
    private @Nullable Request request;
    private List<HookNotice> notices;
    private @Nullable DryRun dryRun;
    private boolean asked;
    private boolean found;
    private Set<PolicyChange.Purpose> wrote;
    private int attempt;
    private @Nullable Health health;
    private Instant openSince;

    Copy(StepRecord from) {
      this.from = from;
      this.version = from.version;
      this.phase = from.phase;
      this.since = from.since;
      this.reason = from.reason;
      this.message = from.message;
      this.gates = from.gates;
      this.heldSince = from.heldSince;
      this.verifyingUntil = from.verifyingUntil;
      this.ledger = from.ledger;
      this.inFlight = from.inFlight;
      this.overrides = from.overrides;
      this.automaticRollbacks = from.automaticRollbacks;
      this.request = from.request;
      this.notices = from.notices;
      this.dryRun = from.dryRun;
      this.asked = from.asked;
      this.found = from.found;
      this.wrote = from.wrote;
      this.attempt = from.attempt;
      this.health = from.health;
      this.openSince = from.openSince;
    }

    StepRecord made() {
      return new StepRecord(
          from.plan,
          from.key,
          from.namespaceUid,
          version,
          phase,
          since,
          reason,
          message,
          gates,
          heldSince,
          verifyingUntil,
          ledger,
          inFlight,
          overrides,
          automaticRollbacks,
          request,
          notices,
          dryRun,
          asked,
          found,
          wrote,
          attempt,
          health,
          openSince);
    }
  }
}
