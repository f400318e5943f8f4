package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.DestinationRule.ClientTlsMode;
import io.mtlsmigration.mesh.DestinationRule.TrafficPolicy;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mesh.ServiceEntry;
import io.mtlsmigration.mesh.ServiceEntry.Endpoint;
import io.mtlsmigration.mesh.ServiceEntry.Port;
import io.mtlsmigration.mtls.Backend;
import java.util.ArrayList;
import java.util.List;

/** Pods of the mesh behind a host name of which sidecars think that it takes no mutual TLS. */
final class ServiceEntryWithoutMtls implements Rule {

  private static final Hazard HAZARD =
      new Hazard(
          HazardCode.SERVICE_ENTRY_WITHOUT_MTLS,
          Severity.WARNING,
          "A ServiceEntry leads to pods of the mesh without mutual TLS",
          "A ServiceEntry is MESH_EXTERNAL unless it says otherwise, and towards what is external"
              + " sidecars do not use auto mTLS. An endpoint that is written down, even of a"
              + " MESH_INTERNAL one, is sent mutual TLS only when it has the label"
              + " security.istio.io/tlsMode: istio or a service account. Where such an entry leads"
              + " to pods with sidecars, who calls by its host sends plaintext, which STRICT"
              + " refuses.",
          "Set location: MESH_INTERNAL, and the label or the service account on the endpoints;"
              + " or say tls mode ISTIO_MUTUAL in a DestinationRule for its host.",
          "What it leads to is outside of the mesh, on the ambient data plane, bypasses the sidecar"
              + " or is kept open by a port exception; a DestinationRule says ISTIO_MUTUAL for its"
              + " host; it is MESH_INTERNAL and finds pods by labels. Addresses of Services are"
              + " recognized by name, not by IP.",
          List.of(27042));

  @Override
  public Hazard hazard() {
    return HAZARD;
  }

  @Override
  public void check(Inspection namespace) {
    if (namespace.sidecars().isEmpty()) {
      return;
    }
    for (ServiceEntry entry : namespace.mesh().others(ServiceEntry.class)) {
      List<Reached> reached = new ArrayList<>();
      selected(namespace, entry, reached);
      for (Endpoint endpoint : entry.endpoints()) {
        if (entry.external() || !endpoint.announcesIstioTls()) {
          addressed(namespace, entry, endpoint, reached);
        }
      }
      // All rules of the mesh are looked at for it, so only where there is something to tell.
      if (!reached.isEmpty() && !ruled(namespace, entry)) {
        reached.forEach(one -> report(namespace, entry, one));
      }
    }
  }

  /** A port that STRICT would close, and that the entry leads to. */
  private record Reached(Pod pod, int port) {}

  private static void selected(Inspection namespace, ServiceEntry entry, List<Reached> reached) {
    if (!entry.external()
        || entry.workloadSelector().isEmpty()
        || !entry.ref().namespace().equals(namespace.name())) {
      return;
    }
    for (Pod pod : namespace.sidecars()) {
      if (LabelSelector.containsAll(pod.labels(), entry.workloadSelector())) {
        for (Port port : entry.ports()) {
          reach(namespace, pod, port.target(), reached);
        }
      }
    }
  }

  private static void addressed(
      Inspection namespace, ServiceEntry entry, Endpoint endpoint, List<Reached> reached) {
    for (Pod pod : namespace.sidecars()) {
      if (pod.hasAddress(endpoint.address())) {
        for (Port port : entry.ports()) {
          reach(namespace, pod, endpoint.target(port), reached);
        }
      }
    }
    for (Service service : namespace.facts().services()) {
      if (names(endpoint.address(), service)) {
        for (Port port : entry.ports()) {
          through(namespace, service, endpoint.target(port), reached);
        }
      }
    }
  }

  private static boolean names(String address, Service service) {
    String name = service.name() + "." + service.namespace();
    return address.startsWith(name)
        && (address.equals(name)
            || address.equals(name + ".svc")
            || address.startsWith(name + ".svc."));
  }

  private static void through(
      Inspection namespace, Service service, int number, List<Reached> reached) {
    for (ServicePort port : service.ports()) {
      if (port.port() == number) {
        for (Backend backend : namespace.mesh().reachability().backends(service, port)) {
          Pod pod = backend.pod();
          if (pod != null && pod.dataPlane() == DataPlane.SIDECAR) {
            reach(namespace, pod, backend.targetPort(), reached);
          }
        }
      }
    }
  }

  private static void reach(Inspection namespace, Pod pod, int port, List<Reached> reached) {
    if (Ports.governed(pod, port) && !namespace.keptOpen(pod, port)) {
      reached.add(new Reached(pod, port));
    }
  }

  private static void report(Inspection namespace, ServiceEntry entry, Reached reached) {
    namespace.report(
        HAZARD,
        HAZARD.severity(),
        entry.ref(),
        reached.port(),
        entry.ref()
            + " leads "
            + String.join(", ", entry.hosts())
            + " to port "
            + reached.port()
            + " of "
            + reached.pod().workload()
            + (entry.external()
                ? ", and is MESH_EXTERNAL: sidecars send it plaintext, which STRICT refuses."
                : " by an endpoint without label or service account: sidecars send it plaintext,"
                    + " which STRICT refuses."),
        entry.external()
            ? "Set location: MESH_INTERNAL if this is the mesh's own."
            : "Set the label " + Pod.TLS_MODE_LABEL + ": istio on the endpoint.");
  }

  private static boolean ruled(Inspection namespace, ServiceEntry entry) {
    for (NamespaceFacts facts : namespace.snapshot().namespaces().values()) {
      for (DestinationRule rule : facts.destinationRules()) {
        TrafficPolicy policy = rule.trafficPolicy();
        if (policy != null
            && policy.tls() == ClientTlsMode.ISTIO_MUTUAL
            && entry.hosts().stream().anyMatch(host -> covers(rule.host(), host))) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean covers(String pattern, String host) {
    return pattern.startsWith("*") ? host.endsWith(pattern.substring(1)) : pattern.equals(host);
  }
}
