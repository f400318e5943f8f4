// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.PlanSpec.PolicyException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Finds the plans whose lock a namespace has, whether they still run or have ended: those that
 * wrote one, of the namespace or of the mesh. A lock that a plan only found is not its own to keep:
 * whoever may make a plan could hold everybody's locks with it.
 */
public final class LockHolders {

  private LockHolders() {}

  /** Returns the other plans that hold a namespace locked, in the order of their names. */
  public static List<PlanRecord> others(PlanRecord plan, String namespace, RolloutLedger ledger) {
    List<PlanRecord> holders = new ArrayList<>();
    for (PlanRecord other : ledger.plans()) {
      if (!other.name().equals(plan.name())
          && !other.undoing()
          && holds(other, namespace, ledger)) {
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
    Optional<StepRecord> step = ledger.step(plan.name(), new StepKey(namespace));
    boolean wrote =
        step.filter(one -> one.phase() != Phase.EXEMPT)
            .map(LockHolders::wrote)
            .orElseGet(() -> mesh(plan, ledger));
    return wrote && others(plan, namespace, ledger).isEmpty();
  }

  /** The lock of the mesh holds what nobody asked to leave open, and what was made since. */
  private static boolean holds(PlanRecord plan, String namespace, RolloutLedger ledger) {
    Optional<StepRecord> step = ledger.step(plan.name(), new StepKey(namespace));
    if (step.filter(LockHolders::wrote).isPresent()) {
      return true;
    }
    return step.filter(LockHolders::leftOpen).isEmpty() && mesh(plan, ledger);
  }

  private static boolean mesh(PlanRecord plan, RolloutLedger ledger) {
    return ledger.step(plan.name(), StepKey.MESH).filter(LockHolders::wrote).isPresent();
  }

  /** Exempt by request, or by default with a policy of its own. */
  private static boolean leftOpen(StepRecord step) {
    return step.phase() == Phase.EXEMPT && (step.asked() || !step.ledger().isEmpty());
  }

  /** A lock that somebody has weakened since is one as well. */
  private static boolean wrote(StepRecord step) {
    return switch (step.phase()) {
      case LOCKING, VERIFYING, LOCKED, DRIFTED -> !step.found();
      default -> false;
    };
  }
}
