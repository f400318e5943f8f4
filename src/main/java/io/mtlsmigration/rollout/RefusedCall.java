// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ProbeTarget;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A call of a client with a proxy that a probe has shown to be refused, as the record of a locked
 * step names it.
 *
 * @param from {@code namespace/workload}
 * @param to {@code namespace/service:port}
 * @param endpoint {@code ip:targetPort}, or {@link ProbeTarget#ANY_ENDPOINT}
 */
public record RefusedCall(String from, String to, String endpoint) {

  private static final String TO = " to ";
  private static final String AT = " at ";

  public static RefusedCall of(Cell cell) {
    return new RefusedCall(cell.from(), cell.to(), cell.endpoint());
  }

  /** Reads what {@link #toString} has written; empty when it is something else. */
  public static Optional<RefusedCall> read(String words) {
    int to = words.indexOf(TO);
    int at = words.indexOf(AT, to + 1);
    return to < 1 || at < 0
        ? Optional.empty()
        : Optional.of(
            new RefusedCall(
                words.substring(0, to),
                words.substring(to + TO.length(), at),
                words.substring(at + AT.length())));
  }

  /**
   * Returns whether it is not known how it ends now: it can still be made, and no probe has. Where
   * its endpoint is another one by now, any probe of that client and port tells.
   *
   * @param told calls of which probes tell something
   */
  public boolean awaits(Set<RefusedCall> told, MeshModes modes) {
    if (told.contains(this)) {
      return false;
    }
    Set<String> endpoints = endpoints(modes);
    return endpoints.contains(endpoint)
        || (!endpoints.isEmpty()
            && told.stream().noneMatch(call -> call.from.equals(from) && call.to.equals(to)));
  }

  /** Returns the endpoints of that client and port as cells name them; empty without either. */
  private Set<String> endpoints(MeshModes modes) {
    Set<String> endpoints = new HashSet<>();
    Map<Service, List<Backend>> ports = ports(modes);
    NamespaceFacts clients = modes.snapshot().namespace(namespace(from));
    for (Pod client : clients == null ? List.<Pod>of() : clients.pods()) {
      if (client.workload().id().equals(from)
          && client.dataPlane().captured()
          && !client.terminated()) {
        ports.forEach(
            (service, backends) -> {
              if (ProbeTarget.pinned(client, service) || backends.size() < 2) {
                backends.forEach(one -> endpoints.add(one.ip() + ":" + one.targetPort()));
              } else {
                endpoints.add(ProbeTarget.ANY_ENDPOINT);
              }
            });
      }
    }
    return endpoints;
  }

  /** Returns the namespace of the servers. */
  String server() {
    return namespace(to);
  }

  /** Returns the workloads behind the port that is called. */
  Set<WorkloadRef> servers(MeshModes modes) {
    return ports(modes).values().stream()
        .flatMap(List::stream)
        .map(Backend::pod)
        .filter(Objects::nonNull)
        .map(Pod::workload)
        .collect(Collectors.toSet());
  }

  /** Returns the servers of the port, ready or not, by the Services that have it. */
  private Map<Service, List<Backend>> ports(MeshModes modes) {
    NamespaceFacts servers = modes.snapshot().namespace(server());
    Reachability reachability = Reachability.of(modes);
    Map<Service, List<Backend>> ports = new HashMap<>();
    for (Service service : servers == null ? List.<Service>of() : servers.services()) {
      service.ports().stream()
          .filter(port -> to.equals(service.id(port)))
          .findFirst()
          .map(port -> reachability.backends(service, port))
          .ifPresent(backends -> ports.put(service, backends));
    }
    return ports;
  }

  private static String namespace(String id) {
    return id.substring(0, Math.max(0, id.indexOf('/')));
  }

  @Override
  public String toString() {
    return from + TO + to + AT + endpoint;
  }
}
