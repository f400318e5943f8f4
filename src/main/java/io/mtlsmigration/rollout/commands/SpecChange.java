// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import io.mtlsmigration.plan.ChangeWindow;
import io.mtlsmigration.plan.PlanSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * The allowed changes to a running plan: exceptions may be added, what was agreed about them
 * (owner, reason, day, paths) changed, and gates tightened. Its start may be changed at will,
 * because it has no meaning any more.
 */
final class SpecChange {

  private SpecChange() {}

  /** Returns the parts of the change that are not allowed, in words; empty when all are. */
  static List<String> refused(PlanSpec old, PlanSpec next) {
    List<String> refused = new ArrayList<>();
    check(refused, old.name().equals(next.name()), "name");
    check(refused, old.target() == next.target(), "target");
    check(refused, old.scope().equals(next.scope()), "scope");
    check(refused, old.waves().equals(next.waves()), "waves");
    check(refused, old.onFailure() == next.onFailure(), "onFailure");
    check(refused, old.apply() == next.apply(), "apply");
    check(refused, old.adopt() == next.adopt(), "adopt");
    check(
        refused,
        old.verification().equals(next.verification()),
        "verification (a client that may fail is added by POST /api/v1/plans/"
            + old.name()
            + "/ignored-clients)");
    check(
        refused,
        keeps(old, next),
        "exceptions (they may be added, and their owner, reason, day and paths changed; not taken"
            + " away)");
    gates(refused, old.gates(), next.gates());
    return refused;
  }

  /** Returns whether everything that exceptions leave open stays open. */
  static boolean keeps(PlanSpec old, PlanSpec next) {
    return old.exceptions().stream()
        .allMatch(one -> next.exceptions().stream().anyMatch(one::opensAs));
  }

  private static void gates(List<String> refused, PlanSpec.Gates old, PlanSpec.Gates next) {
    String looser = " (it may only become tighter)";
    check(
        refused,
        next.plaintextWindow().compareTo(old.plaintextWindow()) >= 0,
        "gates.plaintextWindow" + looser);
    check(
        refused,
        old.noSamples() == next.noSamples() || next.noSamples() == PlanSpec.NoSamples.HOLD,
        "gates.noSamples" + looser);
    check(refused, next.soak().compareTo(old.soak()) >= 0, "gates.soak" + looser);
    check(refused, next.probes() || !old.probes(), "gates.probes" + looser);
    check(
        refused,
        old.audit() == null || (next.audit() != null && next.audit().compareTo(old.audit()) >= 0),
        "gates.audit" + looser);
    check(refused, next.approval().compareTo(old.approval()) >= 0, "gates.approval" + looser);
    check(
        refused,
        narrower(old.changeWindows(), next.changeWindows()),
        "gates.changeWindows" + looser);
    check(refused, next.hooks().containsAll(old.hooks()), "gates.hooks" + looser);
  }

  /** Returns whether the windows only narrow. No window means always, so the first one narrows. */
  private static boolean narrower(List<ChangeWindow> old, List<ChangeWindow> next) {
    return old.isEmpty() || (!next.isEmpty() && old.containsAll(next));
  }

  private static void check(List<String> refused, boolean allowed, String what) {
    if (!allowed) {
      refused.add(what);
    }
  }
}
