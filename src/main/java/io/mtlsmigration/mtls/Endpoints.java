// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.ContainerPort;
import io.mtlsmigration.mesh.EndpointSlice;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mesh.WorkLimit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Determines the endpoints behind a Service port. */
final class Endpoints {

  /** No name of a pod begins so. */
  private static final String AT = "@";

  private Endpoints() {}

  /**
   * Returns endpoints from EndpointSlices when the Service has any, else from its selector as the
   * endpoint controller would.
   */
  static List<Backend> of(NamespaceFacts facts, Service service, ServicePort port) {
    List<EndpointSlice> slices = new ArrayList<>(1);
    for (EndpointSlice slice : facts.endpointSlices()) {
      if (slice.service().equals(service.name())) {
        slices.add(slice);
      }
    }
    if (slices.isEmpty()) {
      return selected(facts, service, port);
    }
    Map<String, Pod> pods = byName(facts.pods());
    if (slices.stream().anyMatch(Endpoints::byHand)) {
      addAddresses(facts.pods(), pods);
    }
    List<Backend> backends = new ArrayList<>();
    slices.forEach(slice -> addSlice(slice, port, pods, backends));
    return backends;
  }

  private static void addSlice(
      EndpointSlice slice, ServicePort port, Map<String, Pod> pods, List<Backend> backends) {
    for (EndpointSlice.Port slicePort : slice.ports()) {
      if (!slicePort.name().equals(port.name())) {
        continue;
      }
      for (EndpointSlice.Endpoint endpoint : slice.endpoints()) {
        for (String ip : endpoint.addresses().isEmpty() ? List.of("") : endpoint.addresses()) {
          Pod pod = pods.get(endpoint.pod().isEmpty() ? AT + ip : endpoint.pod());
          // Where publishNotReadyAddresses is set, the slice calls every pod ready.
          boolean ready = endpoint.ready() && (pod == null || pod.ready());
          WorkLimit.keep(1);
          backends.add(new Backend(pod, ip, slicePort.port(), ready));
        }
      }
    }
  }

  private static boolean byHand(EndpointSlice slice) {
    return slice.endpoints().stream().anyMatch(endpoint -> endpoint.pod().isEmpty());
  }

  private static Map<String, Pod> byName(List<Pod> pods) {
    Map<String, Pod> byName = HashMap.newHashMap(pods.size());
    for (Pod pod : pods) {
      byName.put(pod.name(), pod);
    }
    return byName;
  }

  /**
   * Adds pods by {@link #AT} and their addresses, for endpoints that name no pod: istiod takes such
   * one for the pod of the Service's namespace at its address.
   */
  private static void addAddresses(List<Pod> pods, Map<String, Pod> found) {
    for (Pod pod : pods) {
      if (!pod.hostNetwork() && !pod.terminated()) {
        pod.addresses().forEach(address -> found.put(AT + address, pod));
      }
    }
  }

  private static List<Backend> selected(NamespaceFacts facts, Service service, ServicePort port) {
    if (service.selector().isEmpty()) {
      return List.of();
    }
    List<Backend> backends = new ArrayList<>();
    for (Pod pod : facts.pods()) {
      if (pod.terminated() || !LabelSelector.containsAll(pod.labels(), service.selector())) {
        continue;
      }
      int target = targetPort(port, pod);
      if (target != 0) {
        WorkLimit.keep(1);
        backends.add(new Backend(pod, pod.ip(), target, pod.ready()));
      }
    }
    return backends;
  }

  /** Returns a Service port's container port on a pod; 0 when its name is unknown there. */
  static int targetPort(ServicePort port, Pod pod) {
    String target = port.targetPort();
    if (target.isEmpty()) {
      return port.port();
    }
    if (Character.isDigit(target.charAt(0)) && target.chars().allMatch(Character::isDigit)) {
      return Integer.parseInt(target);
    }
    for (ContainerPort candidate : pod.ports()) {
      if (candidate.name().equals(target) && candidate.protocol().equals(port.protocol())) {
        return candidate.port();
      }
    }
    return 0;
  }
}
