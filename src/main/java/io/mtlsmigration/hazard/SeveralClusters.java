// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import java.util.List;

/** Signs that the mesh is larger than what this service sees. */
final class SeveralClusters implements Rule {

  private static final Hazard HAZARD =
      new Hazard(
          HazardCode.SEVERAL_CLUSTERS,
          Severity.WARNING,
          "Several clusters or trust domains",
          "A mesh may span clusters. This service sees one: policies of the others, and"
              + " clients there, are not among the facts. Clients of another trust domain, or with"
              + " another root certificate, cannot speak mutual TLS here unless both sides trust"
              + " each other; PERMISSIVE lets their plaintext in, and STRICT does not.",
          "Run the service in every cluster, lock them one after another, and watch the"
              + " evidence of plaintext from outside. List the other trust domains in"
              + " trustDomainAliases.",
          "The root namespace names no network, there is no east-west gateway, and the mesh"
              + " has one trust domain.",
          List.of(37096, 52246));

  @Override
  public Hazard hazard() {
    return HAZARD;
  }

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
          "the mesh trusts "
              + String.join(", ", settings.trustDomainAliases())
              + " beside "
              + settings.trustDomain());
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
        HAZARD,
        Severity.WARNING,
        new ObjectRef("Namespace", "", root.name()),
        0,
        "The mesh may span other clusters or trust domains, of which nothing is known here: "
            + sign
            + ".",
        "Run the service in every cluster, and lock them one after another.");
  }
}
