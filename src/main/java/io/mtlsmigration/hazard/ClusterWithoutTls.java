// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.EnvoyFilter;
import io.mtlsmigration.mesh.EnvoyFilter.Cluster;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mtls.Backend;
import java.util.Set;

/** EnvoyFilters that add clusters without TLS towards captured pods. */
final class ClusterWithoutTls implements Rule {

  @Override
  public void check(Inspection namespace) {
    if (namespace.captured().isEmpty()) {
      return;
    }
    for (EnvoyFilter filter : namespace.mesh().others(EnvoyFilter.class)) {
      for (Cluster cluster : filter.clusters()) {
        if (!cluster.tls()) {
          check(namespace, filter, cluster);
        }
      }
    }
  }

  private static void check(Inspection namespace, EnvoyFilter filter, Cluster cluster) {
    for (Service service : namespace.facts().services()) {
      for (ServicePort port : service.ports()) {
        if (port.port() == cluster.port() && names(namespace, service).contains(cluster.host())) {
          check(namespace, filter, cluster, service, port);
        }
      }
    }
  }

  private static Set<String> names(Inspection namespace, Service service) {
    String name = service.name() + "." + service.namespace();
    return Set.of(name, name + ".svc", namespace.snapshot().settings().host(service));
  }

  private static void check(
      Inspection namespace,
      EnvoyFilter filter,
      Cluster cluster,
      Service service,
      ServicePort port) {
    for (Backend backend : namespace.mesh().reachability().backends(service, port)) {
      Pod pod = backend.pod();
      if (pod != null && namespace.wouldClose(pod, backend.targetPort())) {
        namespace.report(
            HazardCode.CLUSTER_WITHOUT_TLS,
            filter.ref(),
            backend.targetPort(),
            ("%s adds the cluster %s without TLS, by which proxies send plaintext to %s; STRICT"
                    + " refuses it.")
                .formatted(filter.ref(), cluster.name(), pod.workload()),
            "Use the cluster outbound|%s||%s instead."
                .formatted(port.port(), namespace.snapshot().settings().host(service)));
      }
    }
  }
}
