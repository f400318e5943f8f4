// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.PeerAuthentication.Scope;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.PolicyStanding;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Several policies for one scope, or for one pod: the oldest counts, the others do nothing. */
final class CompetingPolicies implements Rule {

  @Override
  public void check(Inspection namespace) {
    for (PolicyStanding standing : namespace.modes().policies()) {
      PeerAuthentication policy = standing.policy();
      boolean wide = standing.scope() == Scope.MESH || standing.scope() == Scope.NAMESPACE;
      if (wide && !standing.effective()) {
        PeerAuthentication winner = winner(namespace, standing.scope());
        boolean harmless =
            (winner != null && sameEffect(winner, policy))
                || (standing.scope() == Scope.NAMESPACE && namespace.captured().isEmpty());
        report(namespace, policy, harmless, standing.whyNot());
      }
    }
    workloadPolicies(namespace);
  }

  private static @Nullable PeerAuthentication winner(Inspection namespace, Scope scope) {
    return (scope == Scope.MESH
            ? namespace.mesh().meshPolicy()
            : namespace.modes().namespacePolicy())
        .orElse(null);
  }

  /** Returns whether both have the same effect; without a selector only the mode has one. */
  private static boolean sameEffect(PeerAuthentication winner, PeerAuthentication loser) {
    return winner.spec().mode() == loser.spec().mode();
  }

  private static void workloadPolicies(Inspection namespace) {
    if (namespace.facts().peerAuthentications().size() < 2) {
      return;
    }
    Map<PeerAuthentication, Pod> contested = new HashMap<>();
    for (Pod pod : namespace.captured()) {
      for (PeerAuthentication loser : namespace.modes().losers(pod.labels())) {
        if (!loser.spec().selector().isEmpty()) {
          contested.putIfAbsent(loser, pod);
        }
      }
    }
    contested.forEach(
        (loser, pod) -> {
          PeerAuthentication winner = namespace.modes().workloadPolicy(pod.labels()).orElseThrow();
          boolean harmless =
              winner.spec().mode() == loser.spec().mode()
                  && winner.spec().portModes().equals(loser.spec().portModes());
          report(
              namespace,
              loser,
              harmless,
              winner.ref() + " is older and alone counts for " + pod.workload() + ".");
        });
  }

  private static void report(
      Inspection namespace, PeerAuthentication loser, boolean harmless, String why) {
    namespace.report(
        HazardCode.COMPETING_POLICIES,
        harmless ? Severity.INFO : Severity.WARNING,
        loser.ref(),
        0,
        loser.ref() + " is ignored: " + why,
        "Move what is wanted into the older policy, then delete " + loser.ref() + ".");
  }
}
