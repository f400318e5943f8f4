package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mesh.ServiceEntry;
import org.jspecify.annotations.Nullable;

/**
 * One way by which a ServiceEntry leads to a pod.
 *
 * @param host one of the entry's
 * @param backend the pod, and the port that is dialled there
 * @param mark what clients know of that endpoint; not what the pod itself announces, unless the
 *     entry selects it
 * @param service the Service whose host it is, too; null when there is none
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

  /** True when clients that know the Service, too, think that it is outside of the mesh. */
  public boolean external() {
    return entry.external() && !joins();
  }

  /**
   * True when the endpoint is one more of a Service: of the same host, in the entry's namespace.
   */
  boolean joins() {
    return service != null && service.namespace().equals(entry.ref().namespace());
  }

  /**
   * The port of the Service that it becomes an endpoint of; null when it becomes none. The Service
   * keeps its host: other ports are lost, names are no endpoints, and of a headless one clients
   * dial what DNS says, which knows the Service's own pods.
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
