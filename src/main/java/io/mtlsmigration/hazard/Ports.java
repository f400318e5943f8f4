// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.ContainerPort;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mtls.Reachability;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Determines which ports of a pod have a proxy in front of them. */
final class Ports {

  private Ports() {}

  static boolean governed(Pod pod, ContainerPort port) {
    return port.protocol().equals("TCP") && governed(pod, port.port());
  }

  static boolean governed(Pod pod, int port) {
    return switch (pod.dataPlane()) {
      case SIDECAR, AMBIENT -> !pod.inbound().bypasses(port);
      case GATEWAY, NONE -> false;
    };
  }

  /** Returns TCP container ports that the pod declares, and those that Services lead to. */
  static SortedSet<Integer> known(List<Service> services, Pod pod) {
    SortedSet<Integer> known = new TreeSet<>();
    for (ContainerPort port : pod.ports()) {
      if (port.protocol().equals("TCP")) {
        known.add(port.port());
      }
    }
    for (Service service : services) {
      if (selects(service, pod)) {
        for (ServicePort port : service.ports()) {
          int target = Reachability.targetPort(port, pod);
          if (target != 0 && port.protocol().equals("TCP")) {
            known.add(target);
          }
        }
      }
    }
    return known;
  }

  static boolean selects(Service service, Pod pod) {
    return !service.selector().isEmpty()
        && LabelSelector.containsAll(pod.labels(), service.selector());
  }
}
