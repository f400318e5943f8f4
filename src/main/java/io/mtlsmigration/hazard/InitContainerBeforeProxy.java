// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.Pod;
import java.util.List;

/** Containers of a pod that run before its sidecar. */
final class InitContainerBeforeProxy implements Rule {

  private static final Hazard HAZARD =
      new Hazard(
          HazardCode.INIT_CONTAINER_BEFORE_PROXY,
          Severity.INFO,
          "Init containers that run before the sidecar",
          "What an init container calls before the sidecar is up, it calls in plaintext. A"
              + " server that has become STRICT refuses it, and the pod never starts; since that"
              + " happens at starts only, it is not seen in a day without one.",
          "Use native sidecars, which start before other init containers; or keep open the"
              + " ports that the container calls.",
          "The sidecar is a native one and stands before the container, or the container is"
              + " one of Istio's. Whether it calls anybody cannot be told, so this is INFO.",
          List.of(32039, 34032));

  @Override
  public Hazard hazard() {
    return HAZARD;
  }

  @Override
  public void check(Inspection namespace) {
    for (Pod pod : namespace.sidecars()) {
      List<String> early = pod.lifecycle().early();
      if (!early.isEmpty()) {
        namespace.report(
            HAZARD,
            Severity.INFO,
            pod.workload().ref(),
            0,
            (early.size() == 1 ? "The init container " : "The init containers ")
                + String.join(", ", early)
                + " of "
                + pod.workload()
                + (early.size() == 1 ? " runs" : " run")
                + " before its sidecar: what is called there is called in plaintext, and STRICT"
                + " servers refuse it.",
            "Make the sidecar a native one, or make sure that nobody in the mesh is called.");
      }
    }
  }
}
