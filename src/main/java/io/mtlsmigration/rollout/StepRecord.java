// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.PolicyChange;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is known of one step of a plan: a namespace's migration, or the mesh's.
 * Immutable.
 *
 * @param namespaceUid UID of the step's namespace; a new UID starts again at PENDING
 * @param version for optimistic concurrency, set by the ledger; empty before the first save
 * @param since the time when the phase was entered
 * @param reason the reason why the phase was entered
 * @param gates latest results
 * @param heldSince the time since when all gates but soak, window, hooks and approval have held
 *     without a break
 * @param verifyingUntil end of verification; null in VERIFYING means that a person has to decide
 * @param ledger what this step wrote and has not taken back: one entry per object, with its state
 *     before the first write and after the last; in the order of first writes
 * @param inFlight writes whose result is not recorded yet, the newest last: the process that was
 *     about to make one may have been stopped, and may continue long after others have written
 *     other objects
 * @param automaticRollbacks how often the step was rolled back without a person asking
 * @param request a person's request that is not carried out yet
 * @param notices messages that hooks have not accepted yet
 * @param dryRun the dry run of STRICT; null when there is none and nothing is left of one
 * @param asked whether a person asked for the current phase, such as an exemption or a rollback
 * @param found for a locked step, whether STRICT was already there: the plan does not take back
 *     what it did not lock; for an exempt one, whether it was seen to be open
 * @param wrote purposes of the writes made since the phase was entered
 * @param attempt the number of the attempt to lock: an approval of an earlier attempt no longer
 *     counts
 * @param health what is wrong with a locked step, or calls that failed while it is verified or
 *     undone; null when no problem is known
 * @param openSince the time since when no port was seen to change from STRICT to accepting
 *     plaintext, and no serving pod to be without a proxy: while STRICT is in force, plaintext is
 *     refused and so not counted, nor is it without a proxy; {@link Instant#EPOCH} when neither was
 *     ever seen
 * @param unwatched whether servers that STRICT would govern were not watched when that was last
 *     known: later neither the mesh nor Prometheus may have a trace of it
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
    Instant openSince,
    boolean unwatched) {

  public StepRecord {
    message = SomeFacts.of(message);
    notices = List.copyOf(notices);
    gates = List.copyOf(gates);
    ledger = List.copyOf(ledger);
    inFlight = List.copyOf(inFlight);
    overrides = List.copyOf(overrides);
    wrote = Set.copyOf(wrote);
  }

  /**
   * A problem of a locked step that nobody has weakened, or of one that is verified or undone.
   *
   * @param message a sentence that names the client or object and the place
   * @param refused some of the calls that were refused or did not arrive, in words: the problem
   *     lasts while it is not known of them, since their probes cannot be made
   */
  public record Health(Instant since, Reason reason, String message, Set<String> refused) {
    public Health {
      message = SomeFacts.of(message);
      refused = Set.copyOf(refused);
    }
  }

  /** A person's request, carried out by the loop. */
  public record Request(StepAction action, String by, String comment, Instant at) {}

  /** Returns a new step without history. */
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
        Instant.EPOCH,
        false);
  }

  public StepRecord withVersion(String next) {
    return with(copy -> copy.version = next);
  }

  /** Returns the step after it has entered a phase, from the same or another one. */
  public StepRecord entered(Phase next, Instant at, Reason why, String words, boolean byPerson) {
    boolean verified = phase == Phase.VERIFYING && next == Phase.DRIFTED;
    boolean goesOn = !byPerson && (next == phase || next == Phase.VERIFYING || verified);
    return with(
        copy -> {
          copy.phase = next;
          copy.since = at;
          copy.reason = why;
          copy.message = words;
          copy.asked = byPerson;
          copy.wrote = Set.of();
          copy.health = goesOn ? health : null;
        });
  }

  /** Returns the step after somebody has changed something since a person asked for this lock. */
  public StepRecord overtaken() {
    return with(copy -> copy.asked = asked && phase != Phase.LOCKING);
  }

  public StepRecord withFound(boolean next) {
    return with(copy -> copy.found = next);
  }

  public StepRecord withMessage(String words) {
    return with(copy -> copy.message = words);
  }

  /** Returns the step after a write has been made and recorded in the ledger. */
  public StepRecord wrote(PolicyChange.Purpose purpose) {
    if (wrote.contains(purpose)) {
      return this;
    }
    EnumSet<PolicyChange.Purpose> all = EnumSet.of(purpose);
    all.addAll(wrote);
    return with(copy -> copy.wrote = all);
  }

  /**
   * Returns the step after the attempt to lock has ended, whatever its outcome: no approval and no
   * override outlives it.
   */
  public StepRecord attemptEnded() {
    return with(
        copy -> {
          copy.attempt = attempt + 1;
          copy.overrides = overrides.stream().map(GateOverride::usedUp).toList();
        });
  }

  public StepRecord withAttempt(int next) {
    return with(copy -> copy.attempt = next);
  }

  public StepRecord withHealth(@Nullable Health next) {
    return with(copy -> copy.health = next);
  }

  public StepRecord withOpenSince(Instant next) {
    return with(copy -> copy.openSince = next);
  }

  public StepRecord withUnwatched(boolean next) {
    return next == unwatched ? this : with(copy -> copy.unwatched = next);
  }

  public StepRecord withGates(List<GateResult> next, @Nullable Instant held) {
    return with(
        copy -> {
          copy.gates = next;
          copy.heldSince = held;
        });
  }

  public StepRecord withVerifyingUntil(@Nullable Instant next) {
    return with(copy -> copy.verifyingUntil = next);
  }

  public StepRecord withLedger(List<LedgerEntry> entries) {
    return with(copy -> copy.ledger = entries);
  }

  public StepRecord withInFlight(List<WriteIntent> intents) {
    return with(copy -> copy.inFlight = intents);
  }

  public StepRecord withOverride(GateOverride one) {
    List<GateOverride> all = new ArrayList<>(overrides);
    all.add(one);
    return withOverrides(all.subList(Math.max(0, all.size() - GateOverride.MOST), all.size()));
  }

  public StepRecord withOverrides(List<GateOverride> next) {
    return with(copy -> copy.overrides = next);
  }

  public StepRecord withAutomaticRollbacks(int next) {
    return with(copy -> copy.automaticRollbacks = next);
  }

  public StepRecord withRequest(@Nullable Request next) {
    return with(copy -> copy.request = next);
  }

  public StepRecord withNotices(List<HookNotice> next) {
    return with(copy -> copy.notices = next);
  }

  public StepRecord withDryRun(@Nullable DryRun next) {
    return with(copy -> copy.dryRun = next);
  }

  /** Returns the latest result of one gate; null when it has not been judged yet. */
  public @Nullable GateResult gate(Gate gate) {
    for (GateResult result : gates) {
      if (result.gate() == gate) {
        return result;
      }
    }
    return null;
  }

  /** Returns true when verification failed and only a person can continue the step. */
  public boolean held() {
    return phase == Phase.VERIFYING && verifyingUntil == null;
  }

  /** Returns true when verification exceeds the plan's duration because evidence is missing. */
  public boolean extended(Duration verification) {
    return verifyingUntil != null && verifyingUntil.isAfter(since.plus(verification));
  }

  /** Returns the time of its latest write; null when it has made none. */
  public @Nullable Instant lastWrite() {
    Instant last = null;
    for (LedgerEntry entry : ledger) {
      if (last == null || entry.writtenAt().isAfter(last)) {
        last = entry.writtenAt();
      }
    }
    return last;
  }

  private StepRecord with(Consumer<Copy> change) {
    Copy copy = new Copy();
    change.accept(copy);
    return copy.made();
  }

  /** A mutable copy: what is not set stays. */
  private final class Copy {
    private String version = StepRecord.this.version;
    private Phase phase = StepRecord.this.phase;
    private Instant since = StepRecord.this.since;
    private Reason reason = StepRecord.this.reason;
    private String message = StepRecord.this.message;
    private List<GateResult> gates = StepRecord.this.gates;
    private @Nullable Instant heldSince = StepRecord.this.heldSince;
    private @Nullable Instant verifyingUntil = StepRecord.this.verifyingUntil;
    private List<LedgerEntry> ledger = StepRecord.this.ledger;
    private List<WriteIntent> inFlight = StepRecord.this.inFlight;
    private List<GateOverride> overrides = StepRecord.this.overrides;
    private int automaticRollbacks = StepRecord.this.automaticRollbacks;
    private @Nullable Request request = StepRecord.this.request;
    private List<HookNotice> notices = StepRecord.this.notices;
    private @Nullable DryRun dryRun = StepRecord.this.dryRun;
    private boolean asked = StepRecord.this.asked;
    private boolean found = StepRecord.this.found;
    private Set<PolicyChange.Purpose> wrote = StepRecord.this.wrote;
    private int attempt = StepRecord.this.attempt;
    private @Nullable Health health = StepRecord.this.health;
    private Instant openSince = StepRecord.this.openSince;
    private boolean unwatched = StepRecord.this.unwatched;

    StepRecord made() {
      return new StepRecord(
          plan,
          key,
          namespaceUid,
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
          openSince,
          unwatched);
    }
  }
}
