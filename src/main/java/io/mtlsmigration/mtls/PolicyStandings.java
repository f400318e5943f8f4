// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.PeerAuthentication.Scope;
import io.mtlsmigration.mesh.Pod;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Determines whether each policy of a namespace governs anything, and if not, why. */
final class PolicyStandings {

  private PolicyStandings() {}

  static List<PolicyStanding> of(
      NamespaceFacts facts, PolicyScopes.Mesh mesh, PolicyScopes.Local local) {
    List<PeerAuthentication> ordered = new ArrayList<>(facts.peerAuthentications());
    ordered.sort(Comparator.comparing(policy -> policy.meta().name()));
    List<PolicyStanding> standings = new ArrayList<>(ordered.size());
    for (PeerAuthentication policy : ordered) {
      Scope scope = policy.scope(mesh.rootNamespace());
      String whyNot =
          switch (scope) {
            case MESH -> outvotedBy(mesh.winner(), policy, "the mesh");
            case NAMESPACE -> outvotedBy(local.winner(), policy, "namespace " + facts.name());
            case WORKLOAD -> outvotedWorkload(facts, local, policy);
            case NONE ->
                "A policy with a selector in the root namespace "
                    + mesh.rootNamespace()
                    + " has no effect.";
          };
      standings.add(new PolicyStanding(policy, scope, whyNot.isEmpty(), whyNot));
    }
    return List.copyOf(standings);
  }

  private static String outvotedBy(
      @Nullable PeerAuthentication winner, PeerAuthentication policy, String scope) {
    if (winner == null || winner.ref().equals(policy.ref())) {
      return "";
    }
    return winner.ref() + " is older and alone counts for " + scope + ".";
  }

  /**
   * Returns why a workload policy loses: every pod that it selects is governed by older ones. One
   * that selects no pod yet counts as effective, unless an older one selects everything that it
   * could ever select.
   */
  private static String outvotedWorkload(
      NamespaceFacts facts, PolicyScopes.Local local, PeerAuthentication policy) {
    PeerAuthentication covering = local.winnerFor(policy.spec().selector());
    if (covering != null && !covering.ref().equals(policy.ref())) {
      return covering.ref() + " is older and selects every pod that this policy selects.";
    }
    PeerAuthentication other = null;
    for (Pod pod : facts.pods()) {
      if (pod.terminated() || !LabelSelector.containsAll(pod.labels(), policy.spec().selector())) {
        continue;
      }
      PeerAuthentication winner = local.winnerFor(pod.labels());
      if (winner == null || winner.ref().equals(policy.ref())) {
        return "";
      }
      other = winner;
    }
    return other == null ? "" : other.ref() + " is older and governs the pods that both select.";
  }
}
