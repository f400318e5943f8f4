// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;

/** Signs that the mesh is larger than what this service sees. */
final class SeveralClusters implements Rule {

  private static final String NETWORK = "topology.istio.io/network";

  @Override
  public void check(Inspection namespace) {
    if (!namespace.isRoot()) {
      return;
    }
    MeshSettings settings = namespace.snapshot().settings();
    if (!settings.trustDomainAliases().isEmpty()) {
      report(
          namespace,
          "the mesh trusts %s beside %s"
              .formatted(String.join(", ", settings.trustDomainAliases()), settings.trustDomain()));
    }
    String network = namespace.facts().labels().get(NETWORK);
    if (network != null) {
      report(namespace, "the root namespace names its network, " + network);
    }
    for (Pod pod : namespace.running()) {
      if (pod.gateway() && "eastwestgateway".equals(pod.labels().get("istio"))) {
        report(namespace, pod.workload() + " is an east-west gateway");
      }
    }
  }

  private static void report(Inspection namespace, String sign) {
    NamespaceFacts root = namespace.facts();
    namespace.report(
        HazardCode.SEVERAL_CLUSTERS,
        new ObjectRef("Namespace", "", root.name()),
        0,
        "The mesh may span other clusters or trust domains, of which nothing is known here: "
            + sign
            + ".",
        "Run the service in every cluster, and lock them one after another.");
  }
}
