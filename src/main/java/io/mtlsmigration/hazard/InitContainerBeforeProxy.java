// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.Pod;
import java.util.List;

/** Containers of a pod that run before its sidecar. */
final class InitContainerBeforeProxy implements Rule {

  @Override
  public void check(Inspection namespace) {
    for (Pod pod : namespace.sidecars()) {
      List<String> early = pod.lifecycle().early();
      if (!early.isEmpty()) {
        namespace.report(
            HazardCode.INIT_CONTAINER_BEFORE_PROXY,
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
