// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.List;

/**
 * A {@code discovery.k8s.io/v1} EndpointSlice of a Service.
 *
 * @param service the value of {@code kubernetes.io/service-name}
 */
public record EndpointSlice(
    ObjectRef ref, String service, List<Endpoint> endpoints, List<Port> ports) {

  public EndpointSlice {
    endpoints = List.copyOf(endpoints);
    ports = List.copyOf(ports);
  }

  /**
   * One backend.
   *
   * @param pod the name of the Pod in {@code targetRef}; empty when it is not a pod
   */
  public record Endpoint(List<String> addresses, String pod, boolean ready) {
    public Endpoint {
      addresses = List.copyOf(addresses);
    }

    /**
     * Returns whether the backend is a pod of the slice's namespace. One that was written by hand
     * names no pod, and is taken for the pod at its address, as by istiod.
     */
    public boolean leadsTo(Pod other) {
      return pod.isEmpty()
          ? !other.hostNetwork()
              && !other.terminated()
              && addresses.stream().anyMatch(other::hasAddress)
          : pod.equals(other.name());
    }
  }

  /** A port of all endpoints of the slice; {@code name} is the Service port's name. */
  public record Port(String name, int port, String protocol) {}
}
