// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.kubernetes.resource.Condition;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.StepRecord;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The conditions of a step, for {@code kubectl wait} and tools that use kstatus. They are computed
 * from its record, times included, so that nothing needs to be remembered.
 */
final class StepConditions {

  /** The observed generation: the spec of a step never changes (NamespaceMigrationSpec). */
  static final long GENERATION = 1;

  private static final Set<Phase> SETTLED = EnumSet.of(Phase.LOCKED, Phase.EXEMPT, Phase.SKIPPED);
  private static final Set<Phase> STALLED =
      EnumSet.of(Phase.BLOCKED, Phase.DRIFTED, Phase.ROLLED_BACK);

  private StepConditions() {}

  /** Returns {@code Ready} always, and {@code Stalled} while a person has to act. */
  static List<Condition> of(StepRecord step) {
    Condition ready = ready(step);
    return STALLED.contains(step.phase()) || step.held()
        ? List.of(ready, condition("Stalled", true, step))
        : List.of(ready);
  }

  private static Condition ready(StepRecord step) {
    boolean settled = SETTLED.contains(step.phase());
    StepRecord.Health sick = step.health();
    return settled && sick != null
        ? condition("Ready", false, sick.reason().name(), sick.message(), sick.since())
        : condition("Ready", settled, step);
  }

  private static Condition condition(String type, boolean holds, StepRecord step) {
    return condition(type, holds, step.reason().name(), step.message(), step.since());
  }

  private static Condition condition(
      String type, boolean holds, String reason, String message, Instant since) {
    return new Condition(
        type, holds ? "True" : "False", reason, message, since.toString(), GENERATION);
  }
}
