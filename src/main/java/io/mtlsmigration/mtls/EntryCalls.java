// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.Cidr;
import io.mtlsmigration.mesh.ContainerPort;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mesh.ServiceEntry;
import io.mtlsmigration.mesh.ServiceEntry.Endpoint;
import io.mtlsmigration.mesh.ServiceEntry.Port;
import io.mtlsmigration.mesh.ServiceEntry.Resolution;
import io.mtlsmigration.mesh.WorkLimit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The ways by which ServiceEntries of a mesh lead to its pods. Sources: {@code services} and {@code
 * convertWorkloadInstanceToServiceInstance} (istio
 * pilot/pkg/serviceregistry/serviceentry/conversion.go). Computed from the facts alone.
 */
public final class EntryCalls {

  private final MeshSnapshot snapshot;
  private final Map<String, List<EntryCall>> byNamespace = new HashMap<>();

  /** Entries under the host of a Service of their own namespace. */
  private final Map<String, List<ServiceEntry>> joined = new HashMap<>();

  /** Pods by address; only addresses that entries name. */
  private final Map<String, List<Pod>> pods = new HashMap<>();

  EntryCalls(MeshSnapshot snapshot) {
    this.snapshot = snapshot;
    List<ServiceEntry> entries = new ArrayList<>();
    for (NamespaceFacts facts : snapshot.namespaces().values()) {
      entries.addAll(facts.others(ServiceEntry.class));
    }
    if (entries.isEmpty()) {
      return;
    }
    findPods(entries);
    for (ServiceEntry entry : entries) {
      for (String host : entry.hosts()) {
        add(entry, host);
      }
    }
  }

  /** Returns every way into a pod of a namespace, including those that no client may know. */
  public List<EntryCall> into(String namespace) {
    return byNamespace.getOrDefault(namespace, List.of());
  }

  private void findPods(List<ServiceEntry> entries) {
    for (ServiceEntry entry : entries) {
      for (Endpoint endpoint : entry.endpoints()) {
        pods.put(single(endpoint.address()), new ArrayList<>());
      }
      entry.addresses().forEach(address -> pods.put(single(address), new ArrayList<>()));
    }
    for (NamespaceFacts facts : snapshot.namespaces().values()) {
      for (Pod pod : facts.pods()) {
        if (!pod.terminated()) {
          for (String address : pod.addresses()) {
            List<Pod> named = pods.get(address);
            if (named != null) {
              named.add(pod);
            }
          }
        }
      }
    }
  }

  /** Returns the address, also of a range of one address, as the API server writes a pod's. */
  private static String single(String address) {
    return Cidr.canonical(
        address.endsWith("/32") || address.endsWith("/128")
            ? address.substring(0, address.indexOf('/'))
            : address);
  }

  private void add(ServiceEntry entry, String host) {
    Service named = service(host);
    Service service = named != null && snapshot.settings().host(named).equals(host) ? named : null;
    if (service != null && service.namespace().equals(entry.ref().namespace())) {
      joined.computeIfAbsent(host, ignored -> new ArrayList<>()).add(entry);
    }
    for (Port port : entry.ports()) {
      add(new Way(entry, host, port, service));
    }
  }

  private void add(Way way) {
    ServiceEntry entry = way.entry();
    Port port = way.port();
    if (entry.resolution() == Resolution.NONE) {
      EndpointMark none =
          new EndpointMark(entry.ref().namespace(), Map.of(), EndpointMark.DISABLED);
      entry.addresses().forEach(address -> at(way, single(address), port.target(), none));
      return;
    }
    for (Pod pod : selected(entry)) {
      Backend backend = new Backend(pod, pod.ip(), named(pod, port), pod.ready());
      add(way, backend, EndpointMark.of(pod), false);
    }
    for (Endpoint endpoint : endpoints(entry, way.host())) {
      EndpointMark mark = mark(entry, endpoint);
      at(way, single(endpoint.address()), endpoint.target(port), mark);
      through(way, endpoint.address(), endpoint.target(port), mark);
    }
  }

  private record Way(ServiceEntry entry, String host, Port port, @Nullable Service service) {}

  private void add(Way way, Backend backend, EndpointMark mark, boolean byName) {
    if (backend.pod() != null) {
      WorkLimit.keep(1);
      byNamespace
          .computeIfAbsent(backend.pod().namespace(), ignored -> new ArrayList<>())
          .add(
              new EntryCall(
                  way.entry(), way.host(), way.port(), backend, mark, way.service(), byName));
    }
  }

  private void at(Way way, String address, int target, EndpointMark mark) {
    for (Pod pod : pods.getOrDefault(address, List.of())) {
      add(way, new Backend(pod, address, target, pod.ready()), mark, false);
    }
  }

  /** Adds a way by a Service's name, which only a client that resolves it can follow. */
  private void through(Way way, String address, int target, EndpointMark mark) {
    Service service = way.entry().resolution() == Resolution.DNS ? service(address) : null;
    if (service == null) {
      return;
    }
    NamespaceFacts facts = snapshot.namespace(service.namespace());
    Set<Backend> backends = new LinkedHashSet<>();
    for (ServicePort port : service.ports()) {
      if (facts == null || (!service.headless() && port.port() != target)) {
        continue;
      }
      for (Backend backend : Endpoints.of(facts, service, port)) {
        // The name of a headless Service stands for its pods, and its ports are ignored.
        int number = service.headless() ? target : backend.targetPort();
        backends.add(new Backend(backend.pod(), backend.ip(), number, backend.ready()));
      }
    }
    backends.forEach(backend -> add(way, backend, mark, true));
  }

  /** Returns the container port of the port's name, which precedes the entry's number. */
  private static int named(Pod pod, Port port) {
    for (ContainerPort candidate : pod.ports()) {
      if (!candidate.name().isEmpty()
          && candidate.name().equals(port.name())
          && candidate.protocol().equals("TCP")) {
        return candidate.port();
      }
    }
    return port.target();
  }

  private List<Pod> selected(ServiceEntry entry) {
    NamespaceFacts facts = snapshot.namespace(entry.ref().namespace());
    if (facts == null || entry.workloadSelector().isEmpty()) {
      return List.of();
    }
    List<Pod> selected = new ArrayList<>();
    for (Pod pod : facts.pods()) {
      if (!pod.terminated() && LabelSelector.containsAll(pod.labels(), entry.workloadSelector())) {
        selected.add(pod);
      }
    }
    return selected;
  }

  /** Returns the endpoints of a host; without endpoints the host itself is resolved. */
  private static List<Endpoint> endpoints(ServiceEntry entry, String host) {
    boolean itself =
        entry.resolution() == Resolution.DNS
            && entry.endpoints().isEmpty()
            && entry.workloadSelector().isEmpty();
    return itself
        ? List.of(new Endpoint(host, Map.of(), Map.of(), EndpointMark.DISABLED))
        : entry.endpoints();
  }

  private static EndpointMark mark(ServiceEntry entry, Endpoint endpoint) {
    return new EndpointMark(entry.ref().namespace(), endpoint.labels(), endpoint.tlsMode());
  }

  /** Returns all endpoints of an entry; each has all of its ports. */
  List<EndpointMark> marks(ServiceEntry entry, String host) {
    WorkLimit.goOn();
    List<EndpointMark> marks = new ArrayList<>();
    selected(entry).forEach(pod -> marks.add(EndpointMark.of(pod)));
    endpoints(entry, host).forEach(endpoint -> marks.add(mark(entry, endpoint)));
    return marks;
  }

  /** Returns endpoints that entries add to a port of a Service, by its number. */
  List<EndpointMark> joining(Service service, ServicePort port) {
    if (joined.isEmpty()) {
      return List.of();
    }
    String host = snapshot.settings().host(service);
    List<EndpointMark> marks = new ArrayList<>();
    for (ServiceEntry entry : joined.getOrDefault(host, List.of())) {
      if (entry.ports().stream().anyMatch(own -> own.number() == port.port())) {
        marks.addAll(marks(entry, host));
      }
    }
    return marks;
  }

  /** Returns the Service that a host name stands for; null when there is none. */
  private @Nullable Service service(String host) {
    String[] parts = host.split("\\.", 4);
    boolean cluster = parts.length == 2 || (parts.length > 2 && parts[2].equals("svc"));
    NamespaceFacts facts = cluster ? snapshot.namespace(parts[1]) : null;
    if (facts == null) {
      return null;
    }
    for (Service service : facts.services()) {
      if (service.name().equals(parts[0])) {
        return service;
      }
    }
    return null;
  }
}
