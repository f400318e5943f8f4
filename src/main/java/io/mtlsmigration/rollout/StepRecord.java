package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.LedgerEntry;
import java.time.Instant;
import java.util.List;
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
 * @param inFlight a write whose end is not recorded yet
 * @param automaticRollbacks how often it was rolled back without a person asking
 * @param request what a person asked for and is not carried out yet
 * @param notices what hooks are still to be told of it
 * @param dryRun of STRICT; null when there is none, and nothing is left of one
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
    @Nullable WriteIntent inFlight,
    List<GateOverride> overrides,
    int automaticRollbacks,
    @Nullable Request request,
    List<HookNotice> notices,
    @Nullable DryRun dryRun) {

  public StepRecord {
    notices = List.copyOf(notices);
    gates = List.copyOf(gates);
    ledger = List.copyOf(ledger);
    overrides = List.copyOf(overrides);
  }

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
        plan, key, uid, "", phase, at, reason, message, List.of(), null, null, List.of(), null,
        List.of(), 0, null, List.of(), null);
  }

  public StepRecord withVersion(String next) {
    return new StepRecord(
        plan,
        key,
        namespaceUid,
        next,
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
        dryRun);
  }

  StepRecord withPhase(Phase next, Instant at, Reason why, String words) {
    return new StepRecord(
        plan,
        key,
        namespaceUid,
        version,
        next,
        at,
        why,
        words,
        gates,
        heldSince,
        verifyingUntil,
        ledger,
        inFlight,
        overrides,
        automaticRollbacks,
        request,
        notices,
        dryRun);
  }

  StepRecord withGates(List<GateResult> next, @Nullable Instant held) {
    return new StepRecord(
        plan,
        key,
        namespaceUid,
        version,
        phase,
        since,
        reason,
        message,
        next,
        held,
        verifyingUntil,
        ledger,
        inFlight,
        overrides,
        automaticRollbacks,
        request,
        notices,
        dryRun);
  }

  StepRecord withVerifyingUntil(@Nullable Instant next) {
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
        next,
        ledger,
        inFlight,
        overrides,
        automaticRollbacks,
        request,
        notices,
        dryRun);
  }

  StepRecord withWrites(List<LedgerEntry> entries, @Nullable WriteIntent intent) {
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
        entries,
        intent,
        overrides,
        automaticRollbacks,
        request,
        notices,
        dryRun);
  }

  StepRecord withOverrides(List<GateOverride> next) {
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
        next,
        automaticRollbacks,
        request,
        notices,
        dryRun);
  }

  StepRecord withAutomaticRollbacks(int next) {
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
        next,
        request,
        notices,
        dryRun);
  }

  StepRecord withRequest(@Nullable Request next) {
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
        next,
        notices,
        dryRun);
  }

  StepRecord withNotices(List<HookNotice> next) {
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
        next,
        dryRun);
  }

  StepRecord withDryRun(@Nullable DryRun next) {
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
        next);
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

  /** When its latest write was made; null when it has made none. */
  @Nullable Instant lastWrite() {
    Instant last = null;
    for (LedgerEntry entry : ledger) {
      if (last == null || entry.writtenAt().isAfter(last)) {
        last = entry.writtenAt();
      }
    }
    return last;
  }
}
