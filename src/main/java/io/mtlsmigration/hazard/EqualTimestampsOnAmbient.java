// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import java.util.List;
import java.util.Optional;

/** Policies of the same age, among which ztunnel's configuration does not decide. */
final class EqualTimestampsOnAmbient implements Rule {

  private static final Hazard HAZARD =
      new Hazard(
          HazardCode.EQUAL_TIMESTAMPS_ON_AMBIENT,
          Severity.INFO,
          "Policies of equal age over ambient pods",
          "Where two policies of one scope were created in the same second, sidecars take the one"
              + " with the smaller name. For ambient pods istiod breaks no tie: whichever it comes"
              + " upon first counts, and that may change when it restarts.",
          "Delete one of them, or create the one that is not to count anew, so that it is younger.",
          "The ages differ, both policies say the same, or they govern no ambient pod.",
          List.of());

  @Override
  public Hazard hazard() {
    return HAZARD;
  }

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
        HAZARD,
        Severity.INFO,
        loser.ref(),
        0,
        loser.ref()
            + " is exactly as old as "
            + winner.ref()
            + ": which of them counts for the ambient pods of "
            + pod.workload()
            + " is left to chance.",
        "Delete one of the two.");
  }
}
