// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.loop;

import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.plan.Ratchet;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.InstalledRatchet;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.WriteResult;
import io.mtlsmigration.rollout.decisions.Journal;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Prepares the weakening of a policy: the ratchet is lifted, and the weaker policy passes admission
 * as a dry run, because a rollback must not stop halfway. Admission may learn of the lifted ratchet
 * a little later; the next tick asks again.
 */
final class RatchetRelease {

  private final InstalledRatchet ratchet;
  private final IntentWriter writer;
  private final Journal journal;

  RatchetRelease(InstalledRatchet ratchet, IntentWriter writer, Journal journal) {
    this.ratchet = ratchet;
    this.writer = writer;
    this.journal = journal;
  }

  /**
   * Returns why the write has to wait, in words; null when it may be made.
   *
   * @param adopt whether the write will take over the mode of a person's policy
   */
  @Nullable String refusal(
      PlanRecord plan, StepRecord step, PolicyChange change, MeshModes modes, boolean adopt) {
    String held = lift(step, change, modes);
    if (held != null) {
      return held;
    }
    WriteResult answer = writer.dryRun(plan, step, change, modes, adopt);
    return answer instanceof WriteResult.Applied ? null : "the write would be refused: " + answer;
  }

  /** Returns why the ratchet cannot be lifted; null when it was, or holds nothing. */
  private @Nullable String lift(StepRecord step, PolicyChange change, MeshModes modes) {
    String key = Ratchet.key(change.ref().namespace(), modes.snapshot().settings().rootNamespace());
    return switch (ratchet.lift(key)) {
      case InstalledRatchet.Lift.Free() -> null;
      case InstalledRatchet.Lift.Lifted() -> {
        journal.tell(
            step,
            Event.Type.RATCHET_LIFTED,
            Reason.RATCHET_LIFTED,
            "the ratchet lets go of " + key + ", for " + change.ref() + ": " + change.why(),
            Map.of("entry", key, "purpose", change.purpose().name()));
        yield null;
      }
      case InstalledRatchet.Lift.Held(var detail) -> "the ratchet does not let go: " + detail;
    };
  }
}
