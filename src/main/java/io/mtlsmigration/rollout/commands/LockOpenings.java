// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.plan.Lockdown;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.plan.PolicyWrites;
import io.mtlsmigration.plan.Preview;
import io.mtlsmigration.rollout.LockHolders;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.gates.GovernedServers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Finds what a command would open that refuses plaintext now: by an exception, or by leaving a
 * namespace open that another plan has locked. No gate stands before that, so a person with the
 * verb {@code override} does: on the plan that opens, and on each other plan that holds the
 * namespace locked. The records count as well as the mesh that was seen, which may be of a time
 * before the lock.
 */
record LockOpenings(PlanRecord plan, MeshModes modes, RolloutLedger ledger) {

  /**
   * Something that would be opened.
   *
   * @param what the field and the namespace, as the subject of a sentence
   * @param own whether the plan itself has locked it, and no other one
   * @param holders the other plans that have locked it
   */
  record Opening(String what, boolean own, List<PlanRecord> holders) {

    /** Returns whether the same callers are asked about the same. */
    boolean isAs(Opening other) {
      return what.equals(other.what) && own == other.own;
    }

    /** Refuses the command unless the caller may override all plans that are concerned. */
    void demand(PlanRecord plan, Overriding caller) {
      if (own) {
        caller.requireOwn(plan.name(), what);
        return;
      }
      caller.require(plan.name(), what);
      holders.forEach(holder -> caller.require(holder.name(), what));
    }
  }

  /** Returns what a started plan opens with exceptions that are new in {@code next}. */
  List<Opening> added(PlanSpec next) {
    if (plan.phase() != PlanPhase.RUNNING && plan.phase() != PlanPhase.PAUSED) {
      return List.of(); // only a plan that was started writes
    }
    return exceptions(
        next, one -> plan.spec().exceptions().stream().noneMatch(one::opensAs), namespace -> true);
  }

  /** Returns what the plan opens that another one has locked, when it is resumed. */
  List<Opening> resumed() {
    return started(plan).stream().filter(one -> !one.holders().isEmpty()).toList();
  }

  /**
   * Returns what the plan opens once it is started, as it is to be then. What it has locked itself,
   * it has opened already, or somebody was asked about.
   */
  List<Opening> started(PlanRecord next) {
    return begun(next, namespace -> !own(namespace));
  }

  /**
   * Returns what the plan opens once it goes on after its end. A person may have closed since what
   * it had opened in its own locks.
   */
  List<Opening> again(PlanRecord next) {
    return begun(next, namespace -> true);
  }

  private List<Opening> begun(PlanRecord next, Predicate<String> within) {
    List<Opening> found = new ArrayList<>(exceptions(next.spec(), one -> true, within));
    if (next.spec().target() == PlanSpec.Target.MESH) {
      next.exempt().keySet().stream().sorted().forEach(one -> leftOpen(next, one, found));
    }
    return found;
  }

  /** Returns what an exemption of a step opens that another plan has locked, or no plan has. */
  List<Opening> exempting(StepRecord step) {
    String namespace = step.key().namespace();
    List<PlanRecord> holders = LockHolders.others(plan, namespace, ledger);
    boolean nobodys =
        holders.isEmpty()
            && !own(namespace)
            && weakens(Preview.exempt(modes, namespace, plan.spec()));
    return holders.isEmpty() && !nobodys
        ? List.of()
        : List.of(new Opening("The exemption of " + locked(namespace, holders), false, holders));
  }

  /**
   * By default, a mesh plan leaves these open by a policy of their own, as soon as a pod of them is
   * captured.
   */
  private void leftOpen(PlanRecord next, String namespace, List<Opening> found) {
    NamespaceFacts facts = modes.snapshot().namespace(namespace);
    List<PlanRecord> holders = LockHolders.others(plan, namespace, ledger);
    if (facts != null
        && (facts.captures() || !holders.isEmpty())
        && !own(namespace)
        && weakens(Lockdown.exempt(modes, namespace, next.spec()))) {
      found.add(
          new Opening(
              "/target: the mesh's plan, which leaves open by default "
                  + locked(namespace, holders),
              false,
              holders));
    }
  }

  private List<Opening> exceptions(
      PlanSpec next, Predicate<PolicyException> wanted, Predicate<String> within) {
    List<Opening> found = new ArrayList<>();
    Set<String> looked = new HashSet<>();
    Map<String, PolicyWrites> previews = new HashMap<>();
    for (int i = 0; i < next.exceptions().size(); i++) {
      PolicyException exception = next.exceptions().get(i);
      String namespace = exception.namespace();
      if (!wanted.test(exception)
          || looked.contains(namespace)
          || !within.test(namespace)
          || !opens(next, exception, previews)) {
        continue;
      }
      looked.add(namespace);
      List<PlanRecord> holders = LockHolders.others(plan, namespace, ledger);
      found.add(
          new Opening(
              "/exceptions/" + i + ": an exception for " + locked(namespace, holders),
              own(namespace),
              holders));
    }
    return found;
  }

  private boolean opens(
      PlanSpec next, PolicyException exception, Map<String, PolicyWrites> previews) {
    String namespace = exception.namespace();
    NamespaceFacts facts = modes.snapshot().namespace(namespace);
    if (facts == null) {
      return false;
    }
    if (weakens(previews.computeIfAbsent(namespace, one -> Preview.namespace(modes, one, next)))) {
      return true;
    }
    NamespaceModes local = modes.namespace(namespace);
    if (!GovernedServers.refusing(local, exception).isEmpty()) {
      return true; // an obstacle keeps it closed, for as long as there is one
    }
    boolean strict = local.mode().mode() == MtlsMode.STRICT;
    if (strict && !GovernedServers.of(facts, exception).isEmpty()) {
      return false; // what it names is open already
    }
    // Without pods nothing is written yet, but will be when they come.
    return LockHolders.others(plan, namespace, ledger).isEmpty()
        ? strict
        : LockHolders.closed(plan, exception, ledger);
  }

  private static boolean weakens(PolicyWrites writes) {
    return writes.changes().stream().anyMatch(PolicyChange::weakens);
  }

  private boolean own(String namespace) {
    return LockHolders.own(plan, namespace, ledger);
  }

  private static String locked(String namespace, List<PlanRecord> holders) {
    return holders.isEmpty()
        ? namespace + ", which is STRICT,"
        : "%s, which plan %s has locked,"
            .formatted(namespace, Words.list(holders.stream().map(PlanRecord::name).toList()));
  }
}
