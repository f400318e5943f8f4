// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.hazard.HazardCode;
import io.mtlsmigration.hazard.Severity;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Unreadable;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** No known hazard would break a client, unless the plan names an exception for it. */
public final class HazardCheck implements GateCheck {

  @Override
  public Gate gate() {
    return Gate.HAZARDS;
  }

  @Override
  public GateResult evaluate(GateContext context) {
    List<Finding> found = holding(context);
    if (found.isEmpty()) {
      return unreadable(context);
    }
    Finding first = found.getFirst();
    List<String> outsiders =
        found.stream()
            .map(Finding::clients)
            .filter(clients -> !clients.isEmpty())
            .findFirst()
            .orElse(List.of());
    String more = found.size() == 1 ? "" : " (and " + (found.size() - 1) + " more)";
    return fail(
        context,
        Reason.HAZARD_FOUND,
        first.message()
            + "; "
            + first.remedy()
            + more
            + IgnoredClients.offer(context.plan().name(), outsiders),
        found.stream().map(Finding::evidence).toList());
  }

  @Override
  public Set<String> found(GateContext context, GateResult result) {
    return holding(context).stream().map(Finding::named).collect(Collectors.toSet());
  }

  /** Returns the findings that hold the lock, the most severe first. */
  static List<Finding> holding(GateContext context) {
    List<Finding> found = List.of();
    for (Finding finding : context.observation().findings(context.facts().name())) {
      if (holds(context, finding)) {
        found = found.isEmpty() ? new ArrayList<>() : found;
        found.add(finding);
      }
    }
    return found;
  }

  /** Fails even without a matching rule: a policy that could not be read may govern anything. */
  private GateResult unreadable(GateContext context) {
    List<String> found =
        unread(context).stream()
            .map(object -> object.ref() + " at " + object.field() + ": " + object.reason())
            .toList();
    if (found.isEmpty()) {
      return pass(context, Reason.HOLDS, "no blocking hazard is known");
    }
    return fail(
        context,
        Reason.HAZARD_FOUND,
        "a policy could not be read, so nobody knows what it governs: " + Words.list(found),
        found);
  }

  /** Returns policies that may govern the namespace and could not be read. */
  static List<Unreadable> unread(GateContext context) {
    List<Unreadable> found = new ArrayList<>(0);
    collect(context.facts(), found);
    collect(context.observation().modes().snapshot().root(), found);
    return found;
  }

  private static void collect(NamespaceFacts facts, List<Unreadable> into) {
    for (Unreadable object : facts.unreadable()) {
      if (object.ref().kind().equals("PeerAuthentication")) {
        into.add(object);
      }
    }
  }

  /** Returns whether a finding holds the lock: it breaks a client, and no exception covers it. */
  public static boolean holds(GateContext context, Finding finding) {
    if (finding.code() == HazardCode.UNREADABLE_OBJECT) {
      return finding.severity() == Severity.BLOCKER;
    }
    if (finding.severity() != Severity.BLOCKER) {
      return false;
    }
    // Damage by another namespace to its own clients does not hold this lock once they may fail.
    if (!finding.clients().isEmpty()
        && IgnoredClients.of(context.spec()).ignoresAll(finding.clients())) {
      return false;
    }
    // The plan itself changes DISABLE to PERMISSIVE first; where it cannot, the finding stands.
    if (finding.code() == HazardCode.DISABLE_IN_FORCE && context.preparing()) {
      return false;
    }
    return !ExceptionCover.of(context.facts(), context.spec().exceptions()).covers(finding);
  }

  /** Returns whether the failure is of a kind that no person may override. */
  public static boolean beyondOverride(GateContext context) {
    for (Finding finding : context.observation().findings(context.facts().name())) {
      boolean disable = finding.code() == HazardCode.DISABLE_IN_FORCE && !context.preparing();
      if ((disable || finding.code() == HazardCode.UNREADABLE_OBJECT) && holds(context, finding)) {
        return true;
      }
    }
    return !unread(context).isEmpty();
  }
}
