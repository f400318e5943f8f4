// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.PlanSpec.PolicyException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Finds the plans that count a namespace as locked, whether they still run or have ended. */
public final class LockHolders {

  private LockHolders() {}

  /** Returns the other plans that hold a namespace locked, in the order of their names. */
  public static List<PlanRecord> others(PlanRecord plan, String namespace, RolloutLedger ledger) {
    StepKey key = new StepKey(namespace);
    List<PlanRecord> holders = new ArrayList<>();
    for (PlanRecord other : ledger.plans()) {
      if (!other.name().equals(plan.name())
          && !other.undoing()
          && ledger.step(other.name(), key).filter(LockHolders::locked).isPresent()) {
        holders.add(other);
      }
    }
    return holders;
  }

  /** Returns whether another plan holds the exception's namespace without such an exception. */
  public static boolean closed(PlanRecord plan, PolicyException exception, RolloutLedger ledger) {
    return others(plan, exception.namespace(), ledger).stream()
        .anyMatch(other -> other.spec().exceptions().stream().noneMatch(exception::opensAs));
  }

  /**
   * Returns whether the plan itself has locked the namespace, or the mesh, and no other plan holds
   * the namespace. What it only found to be STRICT is not its own.
   */
  public static boolean own(PlanRecord plan, String namespace, RolloutLedger ledger) {
    boolean wrote =
        Stream.of(new StepKey(namespace), StepKey.MESH)
            .flatMap(key -> ledger.step(plan.name(), key).stream())
            .anyMatch(step -> locked(step) && !step.found());
    return wrote && others(plan, namespace, ledger).isEmpty();
  }

  private static boolean locked(StepRecord step) {
    return switch (step.phase()) {
      case LOCKING, VERIFYING, LOCKED -> true;
      default -> false;
    };
  }
}
