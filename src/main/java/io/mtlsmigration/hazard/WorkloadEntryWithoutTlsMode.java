// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.ExternalWorkload;
import io.mtlsmigration.mesh.Pod;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Machines outside Kubernetes that clients do not know to accept mutual TLS. */
final class WorkloadEntryWithoutTlsMode implements Rule {

  @Override
  public void check(Inspection namespace) {
    List<ExternalWorkload> all = namespace.facts().others(ExternalWorkload.class);
    Set<String> groups = new HashSet<>();
    for (ExternalWorkload workload : all) {
      if (isGroup(workload)) {
        groups.add(workload.ref().name());
      }
    }
    for (ExternalWorkload workload : all) {
      // An entry registered by a group follows it, and so does the remedy.
      boolean follows = !isGroup(workload) && groups.contains(workload.group());
      boolean told =
          workload.labels().containsKey(Pod.TLS_MODE_LABEL) || !workload.serviceAccount().isEmpty();
      if (!follows && !told) {
        report(namespace, workload);
      }
    }
  }

  private static boolean isGroup(ExternalWorkload workload) {
    return workload.ref().kind().equals("WorkloadGroup");
  }

  private static void report(Inspection namespace, ExternalWorkload workload) {
    boolean proxy = !workload.group().isEmpty();
    namespace.report(
        HazardCode.WORKLOAD_ENTRY_WITHOUT_TLS_MODE,
        proxy ? Severity.WARNING : Severity.INFO,
        workload.ref(),
        0,
        workload.ref()
            + " has neither the label "
            + Pod.TLS_MODE_LABEL
            + " nor a service account: clients send plaintext to it"
            + (proxy ? "," : "; if there is a proxy on the machine, this is")
            + (proxy ? " which its proxy refuses under STRICT." : " refused under STRICT."),
        "Set the label " + Pod.TLS_MODE_LABEL + ": istio.");
  }
}
