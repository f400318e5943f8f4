// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ProbeTarget;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A call of a client with a proxy that a probe has shown to fail, as the record of a step names it.
 *
 * @param from {@code namespace/workload}
 * @param to {@code namespace/service:port}
 * @param endpoint {@code ip:targetPort}, or {@link ProbeTarget#ANY_ENDPOINT}
 */
public record RefusedCall(String from, String to, String endpoint) {

  /** The pods of a client that are looked at: their proxies are set up by their labels. */
  private static final int SETUPS = 10;

  private static final String TO = " to ";
  private static final String AT = " at ";

  public static RefusedCall of(Cell cell) {
    return of(cell.key());
  }

  public static RefusedCall of(Cell.Key key) {
    return new RefusedCall(key.from(), key.to(), key.endpoint());
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

  /**
   * Returns the endpoints of that client and port as cells name them, without those that rounds
   * pass over.
   */
  private Set<String> endpoints(MeshModes modes) {
    Reachability reachability = Reachability.of(modes);
    Map<ServedPort, List<Backend>> ports = ports(modes);
    NamespaceFacts clients = modes.snapshot().namespace(namespace(from));
    return (clients == null ? List.<Pod>of() : clients.pods())
        .stream()
            .filter(pod -> pod.workload().id().equals(from))
            .filter(pod -> pod.dataPlane().captured() && !pod.terminated())
            .limit(SETUPS)
            .flatMap(pod -> targets(pod, ports))
            .filter(target -> !target.passedOver(reachability))
            .map(ProbeTarget::endpoint)
            .collect(Collectors.toSet());
  }

  private static Stream<ProbeTarget> targets(Pod client, Map<ServedPort, List<Backend>> ports) {
    return ports.entrySet().stream()
        .filter(port -> !port.getValue().isEmpty())
        .flatMap(port -> port.getKey().targets(client, port.getValue()));
  }

  private record ServedPort(Service service, ServicePort port) {
    Stream<ProbeTarget> targets(Pod client, List<Backend> backends) {
      List<Backend> ready = backends.stream().filter(Backend::ready).toList();
      List<Backend> asked = ready.isEmpty() ? backends : ready;
      return ProbeTarget.pinned(client, service)
          ? backends.stream().map(one -> new ProbeTarget(client, service, port, one))
          : Stream.of(new ProbeTarget(client, service, port, asked));
    }
  }

  /** Returns the namespace of the servers. */
  public String server() {
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
  private Map<ServedPort, List<Backend>> ports(MeshModes modes) {
    NamespaceFacts servers = modes.snapshot().namespace(server());
    Reachability reachability = Reachability.of(modes);
    Map<ServedPort, List<Backend>> ports = new HashMap<>();
    for (Service service : servers == null ? List.<Service>of() : servers.services()) {
      service.ports().stream()
          .filter(port -> to.equals(service.id(port)))
          .findFirst()
          .ifPresent(
              port ->
                  ports.put(new ServedPort(service, port), reachability.backends(service, port)));
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
