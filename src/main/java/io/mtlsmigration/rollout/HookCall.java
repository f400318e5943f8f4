package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyChange;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a hook is called about.
 *
 * @param id the same for every attempt and every repetition of one question, or of one message, so
 *     that a receiver can tell that it has seen it
 * @param phase that the step is in
 * @param at since when it is about: when the gates began to hold, or the phase was entered
 * @param objects what would be written, or was
 */
public record HookCall(
    PlanSpec.Hook hook,
    String id,
    Origin origin,
    Phase phase,
    Reason reason,
    String message,
    Instant at,
    List<Change> objects) {

  public HookCall {
    objects = List.copyOf(objects);
  }

  /** Whose hook it is: a step of a generation of a plan. */
  public record Origin(String plan, String planUid, long generation, StepKey key) {}

  /**
   * One policy.
   *
   * @param before null when it did not exist
   * @param after null when it goes, or is gone
   */
  public record Change(
      ObjectRef ref,
      PolicyChange.Purpose purpose,
      PeerAuthentication.@Nullable Spec before,
      PeerAuthentication.@Nullable Spec after) {

    public static Change of(PolicyChange change) {
      return new Change(change.ref(), change.purpose(), change.before(), change.after());
    }

    public static Change of(LedgerEntry entry) {
      return new Change(entry.ref(), entry.purpose(), entry.before(), entry.after());
    }
  }
}
