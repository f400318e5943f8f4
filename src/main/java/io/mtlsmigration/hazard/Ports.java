// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.ContainerPort;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mtls.Reachability;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** The ports of a pod, as far as they are known. */
final class Ports {

  private Ports() {}

  /** Returns TCP container ports that the pod declares, and those that Services lead to. */
  static SortedSet<Integer> known(List<Service> services, Pod pod) {
    SortedSet<Integer> known = new TreeSet<>();
    for (ContainerPort port : pod.ports()) {
      if (port.protocol().equals("TCP")) {
        known.add(port.port());
      }
    }
    for (Service service : services) {
      if (service.selects(pod)) {
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
}
