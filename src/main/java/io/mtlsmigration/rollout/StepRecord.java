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
 * @param heldSince since when all gates but soak, window and approval have held without a break
 * @param verifyingUntil end of verification, when VERIFYING
 * @param ledger writes of this step, oldest first
 * @param inFlight a write whose end is not recorded yet
 * @param automaticRollbacks how often it was rolled back without a person asking
 * @param request what a person asked for and is not carried out yet
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
    @Nullable Request request) {

  public StepRecord {
    gates = List.copyOf(gates);
    ledger = List.copyOf(ledger);
    overrides = List.copyOf(overrides);
  }

  /** A person's wish, carried out by the loop. */
  public record Request(StepAction action, String by, String comment, Instant at) {}
}
