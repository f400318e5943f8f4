// SPDX-License-Identifier: Apache-2.0
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
 * One call to a hook.
 *
 * @param id the same for every attempt and repetition of one question or message, so that a
 *     receiver can recognise a duplicate
 * @param phase the step's phase
 * @param at the time when the gates began to hold, or when the phase was entered
 * @param objects the policies that would be written, or were
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

  /** The origin of a hook call: a step of a generation of a plan. */
  public record Origin(String plan, String planUid, long generation, StepKey key) {}

  /**
   * A change to one policy.
   *
   * @param before null when the policy did not exist
   * @param after null when the policy is or will be deleted
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
