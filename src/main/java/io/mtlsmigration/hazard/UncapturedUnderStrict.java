// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import java.util.Map;
import java.util.TreeMap;

/** Pods without a proxy behind Services of a namespace that is STRICT. */
final class UncapturedUnderStrict implements Rule {

  @Override
  public void check(Inspection namespace) {
    if (namespace.modes().mode().mode() != MtlsMode.STRICT || namespace.captured().isEmpty()) {
      return;
    }
    Map<WorkloadRef, Pod> serving = new TreeMap<>();
    for (Pod pod : namespace.running()) {
      if (pod.dataPlane() == DataPlane.NONE && namespace.facts().serves(pod)) {
        serving.putIfAbsent(pod.workload(), pod);
      }
    }
    serving.forEach(
        (workload, pod) ->
            namespace.report(
                HazardCode.UNCAPTURED_UNDER_STRICT,
                workload.ref(),
                0,
                "pod "
                    + pod.name()
                    + " of "
                    + workload
                    + " has no proxy and serves, though its namespace is STRICT: it answers"
                    + " everybody in plaintext.",
                "Restart the workload so that its pods get a proxy."));
  }
}
