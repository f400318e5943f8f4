// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.kubernetes.resource.Condition;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.testing.Seeds;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class StepConditionsTest {

  /** As kstatus reads them: Stalled is Failed, Ready is Current, the rest is InProgress. */
  @Test
  void tellsEachStepByItsPhaseAndHealth() {
    Seeds.each(
        300,
        draw -> {
          StepRecord step = new RandomRecords(draw).step();

          List<Condition> told = StepConditions.of(step);

          boolean settled =
              Set.of(Phase.LOCKED, Phase.EXEMPT, Phase.SKIPPED).contains(step.phase());
          boolean failed =
              Set.of(Phase.BLOCKED, Phase.DRIFTED, Phase.ROLLED_BACK).contains(step.phase())
                  || step.held();
          boolean ready = settled && step.health() == null;
          assertEquals("Ready", told.getFirst().type());
          assertEquals(ready ? "True" : "False", told.getFirst().status());
          assertEquals(
              settled && step.health() != null ? step.health().reason() : step.reason(),
              Reason.valueOf(told.getFirst().reason()));
          assertEquals(failed ? 2 : 1, told.size());
          if (failed) {
            assertEquals("Stalled", told.getLast().type());
            assertEquals("True", told.getLast().status());
          }
        });
  }
}
