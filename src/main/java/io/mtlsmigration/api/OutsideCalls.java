// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.hazard.HazardCode;
import io.mtlsmigration.mesh.ApiGateway;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.OtherObject;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Route;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mtls.MeshModes;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Calls whose clients are no workloads of a set of manifests, as far as the set tells of them: a
 * {@link CallTable} has the others. Of clients in namespaces or clusters that the set does not
 * mention nothing is known.
 */
final class OutsideCalls {

  /** The rules that find such calls, each with the workload and the port that are called. */
  private static final Set<HazardCode> FROM_OUTSIDE =
      EnumSet.of(
          HazardCode.PROBES_NOT_REWRITTEN,
          HazardCode.METRICS_SCRAPED_FROM_APPLICATION,
          HazardCode.CALLED_FROM_OUTSIDE,
          HazardCode.CALLED_BY_API_SERVER,
          HazardCode.HOST_NETWORK_OR_HOST_PORT,
          HazardCode.APPLICATION_TLS_FROM_OUTSIDE);

  private OutsideCalls() {}

  /** Returns the findings of calls that are accepted now and would be refused then. */
  static List<Finding> breaking(List<Finding> findings, MeshModes now, MeshModes then) {
    Map<ObjectRef, Set<Integer>> asked = new HashMap<>();
    Set<String> namespaces = new HashSet<>();
    for (Finding finding : findings) {
      if (isOfCall(finding)) {
        asked.computeIfAbsent(finding.subject(), ref -> new HashSet<>()).add(finding.port());
        namespaces.add(finding.namespace());
      }
    }
    Map<ObjectRef, Set<Integer>> closing = new HashMap<>();
    for (String name : namespaces) {
      for (Pod pod : now.namespace(name).facts().pods()) {
        ObjectRef workload = pod.workload().ref();
        for (int port : asked.getOrDefault(workload, Set.of())) {
          if (mode(now, pod, port) != MtlsMode.STRICT && mode(then, pod, port) == MtlsMode.STRICT) {
            closing.computeIfAbsent(workload, ref -> new HashSet<>()).add(port);
          }
        }
      }
    }
    return findings.stream()
        .filter(OutsideCalls::isOfCall)
        .filter(of -> closing.getOrDefault(of.subject(), Set.of()).contains(of.port()))
        .toList();
  }

  private static MtlsMode mode(MeshModes modes, Pod pod, int port) {
    return modes.namespace(pod.ref().namespace()).of(pod).of(port);
  }

  /** A pod on its node's network has a finding of no port: it calls, and is not called. */
  private static boolean isOfCall(Finding finding) {
    return finding.port() > 0 && FROM_OUTSIDE.contains(finding.code());
  }

  /** Returns the parents of routes to Services of the set, as far as it does not define them. */
  static List<String> undefinedGateways(MeshSnapshot snapshot) {
    Set<ObjectRef> defined = new HashSet<>();
    Set<String> services = new HashSet<>();
    for (NamespaceFacts namespace : snapshot.namespaces().values()) {
      namespace.services().stream().map(Service::id).forEach(services::add);
      for (OtherObject other : namespace.others()) {
        if (other instanceof ApiGateway gateway) {
          defined.add(gateway.ref());
        }
      }
    }
    Set<String> undefined = new TreeSet<>();
    for (NamespaceFacts namespace : snapshot.namespaces().values()) {
      for (OtherObject other : namespace.others()) {
        if (other instanceof Route route
            && route.targets().stream()
                .anyMatch(to -> services.contains(to.namespace() + "/" + to.service()))) {
          route.gateways().stream()
              .filter(gateway -> !defined.contains(gateway))
              .forEach(gateway -> undefined.add(gateway.namespace() + "/" + gateway.name()));
        }
      }
    }
    return List.copyOf(undefined);
  }
}
