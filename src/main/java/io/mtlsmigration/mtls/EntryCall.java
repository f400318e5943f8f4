// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mesh.ServiceEntry;
import org.jspecify.annotations.Nullable;

/**
 * One way by which a ServiceEntry leads to a pod.
 *
 * @param host one of the entry's hosts
 * @param backend the pod, and the port that is dialled there
 * @param mark the endpoint as clients know it; not what the pod itself announces, unless the entry
 *     selects it
 * @param service the Service with the same host; null when there is none
 * @param byName true when the endpoint is a Service's name, not the pod's address
 */
public record EntryCall(
    ServiceEntry entry,
    String host,
    ServiceEntry.Port port,
    Backend backend,
    EndpointMark mark,
    @Nullable Service service,
    boolean byName) {

  /** Returns true when clients, even those that know the Service, treat it as external. */
  public boolean external() {
    return entry.external() && !joins();
  }

  /**
   * Returns true when the endpoint is an additional endpoint of a Service: of the same host, in the
   * entry's namespace.
   */
  boolean joins() {
    return service != null && service.namespace().equals(entry.ref().namespace());
  }

  /**
   * Returns the port of the Service that it becomes an endpoint of; null when it becomes none. The
   * Service keeps its host: other ports are lost, names are no endpoints, and for a headless
   * Service clients dial the addresses from DNS, which are the Service's own pods.
   */
  @Nullable ServicePort joined() {
    if (service == null || !joins() || byName || service.headless()) {
      return null;
    }
    for (ServicePort own : service.ports()) {
      if (own.port() == port.number() && own.name().equals(port.name())) {
        return own;
      }
    }
    return null;
  }
}
