// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import java.util.Optional;

/** Policies of the same age, among which ztunnel's configuration does not decide. */
final class EqualTimestampsOnAmbient implements Rule {

  @Override
  public void check(Inspection namespace) {
    for (Pod pod : namespace.captured()) {
      if (pod.dataPlane() == DataPlane.AMBIENT) {
        for (PeerAuthentication loser : namespace.modes().losers(pod.labels())) {
          winner(namespace, pod, loser)
              .filter(w -> w.meta().createdAt().equals(loser.meta().createdAt()))
              .filter(w -> !sameEffect(w, loser))
              .ifPresent(w -> report(namespace, pod, w, loser));
        }
      }
    }
  }

  private static Optional<PeerAuthentication> winner(
      Inspection namespace, Pod pod, PeerAuthentication loser) {
    return switch (loser.scope(namespace.snapshot().settings().rootNamespace())) {
      case MESH -> namespace.mesh().meshPolicy();
      case NAMESPACE -> namespace.modes().namespacePolicy();
      case WORKLOAD -> namespace.modes().workloadPolicy(pod.labels());
      case NONE -> Optional.empty();
    };
  }

  private static boolean sameEffect(PeerAuthentication a, PeerAuthentication b) {
    boolean ports = !a.spec().selector().isEmpty();
    return a.spec().mode() == b.spec().mode()
        && (!ports || a.spec().portModes().equals(b.spec().portModes()));
  }

  private static void report(
      Inspection namespace, Pod pod, PeerAuthentication winner, PeerAuthentication loser) {
    namespace.report(
        HazardCode.EQUAL_TIMESTAMPS_ON_AMBIENT,
        loser.ref(),
        0,
        ("%s is exactly as old as %s: which of them counts for the ambient pods of %s is left to"
                + " chance.")
            .formatted(loser.ref(), winner.ref(), pod.workload()),
        "Delete one of the two.");
  }
}
