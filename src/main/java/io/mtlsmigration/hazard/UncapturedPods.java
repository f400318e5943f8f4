// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.JobTemplate;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Pods without a proxy where the others have one, or where one is expected. */
final class UncapturedPods implements Rule {

  private static final String INJECT = "sidecar.istio.io/inject";

  @Override
  public void check(Inspection namespace) {
    if (!Membership.likely(namespace)) {
      return;
    }
    boolean expected = Membership.asked(namespace.facts());
    Set<ObjectRef> jobs = new HashSet<>();
    namespace.facts().others(JobTemplate.class).forEach(job -> jobs.add(job.ref()));
    Map<WorkloadRef, Pod> uncaptured = new TreeMap<>();
    Map<WorkloadRef, Integer> counts = new TreeMap<>();
    for (Pod pod : namespace.running()) {
      boolean bare = pod.dataPlane() == DataPlane.NONE && !pod.hostNetwork();
      if (bare && !jobs.contains(pod.workload().ref())) {
        uncaptured.putIfAbsent(pod.workload(), pod);
        counts.merge(pod.workload(), 1, Integer::sum);
      }
    }
    uncaptured.forEach(
        (workload, pod) ->
            report(namespace, workload, pod, counts.getOrDefault(workload, 1), expected));
  }

  private static void report(
      Inspection namespace, WorkloadRef workload, Pod pod, int count, boolean expected) {
    boolean declines =
        "false".equals(pod.labels().get(INJECT)) || "false".equals(pod.annotations().get(INJECT));
    String cause =
        declines
            ? "they decline injection"
            : expected
                ? "they are older than the namespace's label or injection failed"
                : "the namespace does not ask for one";
    namespace.report(
        HazardCode.UNCAPTURED_PODS,
        declines ? Severity.INFO : Severity.WARNING,
        workload.ref(),
        0,
        count
            + (count == 1 ? " pod of " : " pods of ")
            + workload
            + " without a proxy ("
            + cause
            + "): STRICT does not protect them, and what they send is plaintext.",
        declines
            ? "Name the servers that it calls in exceptions, or let it be injected."
            : "Restart the workload so that its pods get a proxy.");
  }
}
