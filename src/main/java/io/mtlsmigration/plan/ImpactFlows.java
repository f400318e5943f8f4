// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.EffectiveMode;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Prediction;
import io.mtlsmigration.mtls.Reach;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.plan.Impact.Basis;
import io.mtlsmigration.plan.Impact.Flow;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ConnectivityMatrix;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.TrafficReading;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Collects flows to servers, now and afterwards. Observed clients outrank probed ones, and those
 * outrank clients that are merely possible.
 */
final class ImpactFlows {

  /** A port of a service, and one endpoint behind it. */
  private record Endpoint(Service service, ServicePort port, Backend backend) {
    ServerPort server() {
      return new ServerPort(service.id() + ":" + port.port(), backend);
    }

    String to() {
      return server().to();
    }

    String address() {
      return server().address();
    }
  }

  /** The server port that a client calls, by the name that people use. */
  private record ServerPort(String to, Backend backend) {
    String address() {
      return backend.ip() + ":" + backend.targetPort();
    }
  }

  private final MeshModes now;
  private final Reachability reachNow;
  private final Reachability reachThen;
  private final Map<String, List<Cell>> cells;
  private final Map<Cell.Key, Flow> flows = new TreeMap<>();

  ImpactFlows(MeshModes now, Reachability then, ConnectivityMatrix matrix) {
    this.now = now;
    this.reachNow = Reachability.of(now);
    this.reachThen = then;
    this.cells = matrix.byServerNamespace();
  }

  /** Returns the flows in order of client, server and endpoint. */
  List<Flow> flows() {
    return List.copyOf(flows.values());
  }

  /**
   * Adds clients that the servers observed. Their traffic is known, whatever the prediction: a
   * client may have bypassed its proxy.
   */
  void observed(String namespace, TrafficReading traffic) {
    if (!(traffic.of(namespace) instanceof Evidence.Measured<NamespaceTraffic> measured)) {
      return;
    }
    // A client that sends both kinds is judged by its plaintext: that will be refused.
    measured.value().edges().stream()
        .filter(edge -> edge.count() > 0)
        .sorted(Comparator.comparing(Edge::security).reversed())
        .forEach(this::observed);
  }

  private void observed(Edge edge) {
    ClientTls tls =
        edge.security() == Edge.Security.MUTUAL_TLS ? ClientTls.ISTIO_MUTUAL : ClientTls.PLAINTEXT;
    for (ServerPort server : servers(edge)) {
      add(
          new Flow(
              edge.client().id(),
              server.to(),
              server.address(),
              tls,
              reach(reachNow, server.backend(), tls),
              reach(reachThen, server.backend(), tls),
              Basis.OBSERVED));
    }
  }

  /** Returns the service ports that lead to the called server; the workload when none does. */
  private List<ServerPort> servers(Edge edge) {
    List<ServerPort> found = new ArrayList<>();
    for (Endpoint endpoint : endpoints(edge.server().namespace())) {
      Backend backend = endpoint.backend();
      if (backend.pod() != null
          && backend.pod().workload().equals(edge.server())
          && (edge.port() == 0 || edge.port() == backend.targetPort())) {
        found.add(endpoint.server());
      }
    }
    Pod pod = found.isEmpty() ? anyPod(edge.server()) : null;
    if (pod != null) {
      String to = edge.server().id() + ":" + edge.port();
      found.add(new ServerPort(to, new Backend(pod, pod.ip(), edge.port(), pod.ready())));
    }
    return found;
  }

  private @Nullable Pod anyPod(WorkloadRef workload) {
    return now.namespace(workload.namespace()).facts().pods().stream()
        .filter(pod -> !pod.terminated() && pod.workload().equals(workload))
        .findFirst()
        .orElse(null);
  }

  /** Returns the server's reaction to what the client is known to send. */
  private static Reach reach(Reachability reachability, Backend backend, ClientTls tls) {
    Pod pod = backend.pod();
    int port = backend.targetPort();
    if (pod == null || !pod.dataPlane().captured() || pod.inbound().bypasses(port)) {
      return Reach.OK;
    }
    EffectiveMode mode = reachability.modes(pod.namespace()).of(pod);
    MtlsMode refuses = tls == ClientTls.ISTIO_MUTUAL ? MtlsMode.DISABLE : MtlsMode.STRICT;
    // The port of an edge without one is unknown: it may be any that refuses.
    boolean refused = port == 0 ? anyPort(mode, refuses) : mode.of(port) == refuses;
    return refused ? Reach.REFUSED : Reach.OK;
  }

  private static boolean anyPort(EffectiveMode mode, MtlsMode wanted) {
    return mode.mode() == wanted || mode.ports().containsValue(wanted);
  }

  /** Adds probed clients: now is the probe's result, afterwards is predicted. */
  void probed(String namespace) {
    Map<String, List<Endpoint>> byPort = new HashMap<>();
    List<Cell> own = cells.getOrDefault(namespace, List.of());
    if (own.isEmpty()) {
      return;
    }
    for (Endpoint endpoint : allEndpoints(namespace)) {
      byPort.computeIfAbsent(endpoint.to(), to -> new ArrayList<>()).add(endpoint);
    }
    for (Cell cell : own) {
      Pod client = client(cell);
      boolean judged = cell.outcome() == ProbeOutcome.OK || cell.outcome() == ProbeOutcome.REFUSED;
      if (client != null && judged) {
        // The endpoint that a proxy chose is unknown: the result holds for each of them.
        byPort.getOrDefault(cell.to(), List.of()).stream()
            .filter(e -> cell.anyEndpoint() || e.address().equals(cell.endpoint()))
            .forEach(endpoint -> probed(cell, client, endpoint));
      }
    }
  }

  private void probed(Cell cell, Pod client, Endpoint endpoint) {
    Prediction prediction = predict(reachThen, client, endpoint);
    add(
        new Flow(
            cell.from(),
            cell.to(),
            endpoint.address(),
            prediction.clientTls(),
            cell.outcome() == ProbeOutcome.OK ? Reach.OK : Reach.REFUSED,
            prediction.reach(),
            Basis.PROBE));
  }

  private @Nullable Pod client(Cell cell) {
    return now.namespace(cell.clientNamespace()).facts().pods().stream()
        .filter(pod -> !pod.terminated() && pod.workload().id().equals(cell.from()))
        .filter(pod -> (pod.dataPlane() != DataPlane.NONE) == cell.meshClient())
        .findFirst()
        .orElse(null);
  }

  /** Adds every workload and job of the mesh as a client of every service port of the namespace. */
  void possible(String namespace) {
    for (Endpoint endpoint : endpoints(namespace)) {
      clients()
          .flows(
              endpoint.service(),
              endpoint.to(),
              endpoint.address(),
              client ->
                  answer(
                      predictWorkload(reachNow, client, endpoint),
                      predictWorkload(reachThen, client, endpoint)))
          .forEach(this::add);
    }
  }

  private static PossibleClients.Answer answer(Prediction now, Prediction then) {
    return new PossibleClients.Answer(then.clientTls(), now.reach(), then.reach());
  }

  private PossibleClients clients() {
    return now.made(PossibleClients.class, PossibleClients::new);
  }

  private static Prediction predict(Reachability reachability, Pod client, Endpoint endpoint) {
    return reachability.predict(client, endpoint.service(), endpoint.port(), endpoint.backend());
  }

  private static Prediction predictWorkload(
      Reachability reachability, Pod client, Endpoint endpoint) {
    return reachability.predictWorkload(
        client, endpoint.service(), endpoint.port(), endpoint.backend());
  }

  /** Returns one endpoint of each service port for each workload and data plane behind it. */
  private List<Endpoint> endpoints(String namespace) {
    Map<String, Endpoint> distinct = new LinkedHashMap<>();
    for (Endpoint endpoint : allEndpoints(namespace)) {
      Pod pod = endpoint.backend().pod();
      String behind =
          pod == null
              ? endpoint.address()
              : pod.workload() + " " + pod.dataPlane() + " " + endpoint.backend().targetPort();
      distinct.putIfAbsent(endpoint.to() + " " + behind, endpoint);
    }
    return List.copyOf(distinct.values());
  }

  private List<Endpoint> allEndpoints(String namespace) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (Service service : now.namespace(namespace).facts().services()) {
      for (ServicePort port : service.ports()) {
        reachNow.backends(service, port).stream()
            .map(backend -> new Endpoint(service, port, backend))
            .sorted(Comparator.comparing(Endpoint::address))
            .forEach(endpoints::add);
      }
    }
    return endpoints;
  }

  private void add(Flow flow) {
    flows.putIfAbsent(new Cell.Key(flow.from(), flow.to(), flow.endpoint()), flow);
  }
}
