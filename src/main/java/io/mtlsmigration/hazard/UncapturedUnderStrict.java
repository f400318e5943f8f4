// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Pods without a proxy behind Services of a namespace that is STRICT. */
final class UncapturedUnderStrict implements Rule {

  private static final Hazard HAZARD =
      new Hazard(
          HazardCode.UNCAPTURED_UNDER_STRICT,
          Severity.WARNING,
          "A pod without a proxy serves in a STRICT namespace",
          "The policy says STRICT, and the pod goes on answering everybody in plaintext: nothing"
              + " stands before it that could refuse. Behind a Service with captured pods, clients"
              + " without a proxy get through now and then. In a namespace that a plan has locked it"
              + " has come after the lock.",
          "Restart the workload so that its pods are injected, take it out of the Service, or name"
              + " it in an exception.",
          "The namespace is not STRICT, has no captured pod, or no Service leads to the pod.",
          List.of());

  @Override
  public Hazard hazard() {
    return HAZARD;
  }

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
                HAZARD,
                Severity.WARNING,
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
