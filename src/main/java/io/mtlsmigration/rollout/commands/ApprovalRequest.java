// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import io.mtlsmigration.plan.Wave;
import io.mtlsmigration.rollout.Approval;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.gates.ImpactHashes;
import io.mtlsmigration.rollout.gates.StepWrites;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns a person's approval into records. The approval of a wave is kept for the wave, and for each
 * member with the member's own impact: the wave's impact changes with the first of its own locks,
 * and that must not void the approval of the others.
 */
public record ApprovalRequest(
    PlanRecord plan,
    Map<StepKey, StepRecord> steps,
    Observation observation,
    String actor,
    String comment,
    Instant at) {

  private static final String WAVE = "wave:";

  public List<Approval> to(String subject, @Nullable String shown) {
    if (subject.startsWith(WAVE)) {
      return wave(subject, shown);
    }
    StepKey key = key(subject);
    boolean known =
        key.isMesh()
            ? plan.spec().target() == io.mtlsmigration.plan.PlanSpec.Target.MESH
            : plan.waves().stream().anyMatch(w -> w.namespaces().contains(key.namespace()));
    if (!known) {
      throw unknown(subject);
    }
    String hash = ImpactHashes.of(plan, key, observation);
    same(shown, hash);
    return List.of(approval(key, hash));
  }

  private List<Approval> wave(String subject, @Nullable String shown) {
    Wave wave = named(subject);
    String hash = ImpactHashes.wave(plan, wave, observation);
    same(shown, hash);
    List<Approval> all = new ArrayList<>();
    for (String namespace : wave.namespaces()) {
      StepKey key = new StepKey(namespace);
      all.add(approval(key, ImpactHashes.of(plan, key, observation)));
    }
    all.add(approval(subject, 0, hash));
    return all;
  }

  private StepKey key(String subject) {
    return StepKey.parse(subject).orElseThrow(() -> unknown(subject));
  }

  private CommandException.NotFound unknown(String subject) {
    return new CommandException.NotFound("plan " + plan.name() + " has no step for " + subject);
  }

  private Wave named(String subject) {
    String name = subject.substring(WAVE.length());
    return plan.waves().stream()
        .filter(w -> w.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new CommandException.NotFound(
                    "plan " + plan.name() + " has no wave named " + name));
  }

  /** Returns whether a person's policy is in the way that this approval would have taken over. */
  boolean adopts(String subject) {
    return subject.startsWith(WAVE)
        ? named(subject).namespaces().stream().map(StepKey::new).anyMatch(this::adopts)
        : adopts(key(subject));
  }

  private boolean adopts(StepKey key) {
    return StepWrites.needAdoption(plan, key, observation);
  }

  private void same(@Nullable String shown, String hash) {
    if (shown != null && !shown.equals(hash)) {
      throw new CommandException.NotAllowed(
          "IMPACT_CHANGED",
          "the impact is not the one that was shown, or the plan has changed since; look again, then"
              + " approve "
              + hash,
          List.of());
    }
  }

  private Approval approval(StepKey key, String hash) {
    StepRecord step = steps.get(key);
    if (step == null) {
      // Of what attempt it would be nobody knows: a step that was deleted begins anew.
      throw new CommandException.NotAllowed(
          "PHASE", key + " of plan " + plan.name() + " has not begun; approve it then", List.of());
    }
    return approval(key.toString(), step.attempt(), hash);
  }

  private Approval approval(String subject, int attempt, String hash) {
    return new Approval(subject, actor, at, comment, plan.generation(), attempt, hash);
  }
}
