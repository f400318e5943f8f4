// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Wave;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.gates.ImpactHashes;
import io.mtlsmigration.rollout.gates.StepWrites;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The approvals that a plan waits for, each with the impact that it would be bound to. */
record PendingApprovals(PlanRecord plan, List<StepRecord> steps, Observation observation) {

  /** The largest number of approvals that is listed: each costs a study of its own. */
  static final int SHOWN = 20;

  /** The largest wave whose hash is computed on every request; a larger one takes too long. */
  static final int LARGEST_WAVE = 1_000;

  /** Returns the pending approvals, waves first because most people approve those. */
  List<Awaited> list() {
    Set<String> waiting = new HashSet<>();
    List<StepKey> keys = new ArrayList<>();
    for (StepRecord step : steps) {
      if (step.phase() == Phase.AWAITING_APPROVAL) {
        waiting.add(step.key().namespace());
        keys.add(step.key());
      } else if (needsAdoption(step)) {
        keys.add(step.key());
      }
    }
    List<Awaited> awaited = new ArrayList<>();
    if (plan.spec().gates().approval() == PlanSpec.Approval.WAVE) {
      for (Wave wave : plan.waves()) {
        if (awaited.size() < SHOWN && wave.namespaces().stream().anyMatch(waiting::contains)) {
          awaited.add(new Awaited("wave:" + wave.name(), hash(wave)));
        }
      }
    }
    for (StepKey key : keys) {
      if (awaited.size() < SHOWN) {
        awaited.add(new Awaited(key.toString(), ImpactHashes.of(plan, key, observation)));
      }
    }
    return List.copyOf(awaited);
  }

  private boolean needsAdoption(StepRecord step) {
    return step.phase() == Phase.BLOCKED
        && step.reason() == Reason.POLICY_OWNED_BY_OTHER
        && StepWrites.needAdoption(plan, step.key(), observation);
  }

  private @Nullable String hash(Wave wave) {
    return wave.members().size() > LARGEST_WAVE ? null : ImpactHashes.wave(plan, wave, observation);
  }
}
