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
import io.mtlsmigration.mtls.EndpointTraits;
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
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Collects flows to servers, now and afterwards, one for each client and endpoint. Pods of one name
 * may fare differently, and evidence is of some of them: the worst is told. Observed plaintext
 * outranks everything; beyond that, observed clients outrank probed ones, and those outrank clients
 * that are merely possible, unless another is refused afterwards who gets through now.
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

  /**
   * The key of one flow.
   *
   * @param apart whether it is of those who will be refused among clients too many to be named, who
   *     have another flow for the others
   */
  private record Line(Cell.Key call, boolean apart) {
    static Line of(Flow flow) {
      return new Line(
          new Cell.Key(flow.from(), flow.to(), flow.endpoint()),
          flow.from().equals(PossibleClients.ANYBODY) && flow.breaks());
    }
  }

  private static final Comparator<Line> LINES =
      Comparator.comparing(Line::call).thenComparing(Line::apart);

  /** In the end by everything, so that each process chooses the same. */
  private static final Comparator<Flow> WORST_FIRST =
      Comparator.comparing((Flow flow) -> !seenInPlaintext(flow))
          .thenComparing(flow -> !flow.breaks())
          .thenComparing(Flow::basis)
          .thenComparing(Flow::then, Comparator.reverseOrder())
          .thenComparing(Flow::clientTls, Comparator.reverseOrder())
          .thenComparing(Flow::now);

  private final MeshModes now;
  private final Reachability reachNow;
  private final Reachability reachThen;
  private final Map<String, List<Cell>> cells;
  private final Map<String, List<Endpoint>> endpoints = new HashMap<>();
  private final Map<Line, Flow> flows = new TreeMap<>(LINES);

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
    measured.value().edges().stream().filter(edge -> edge.count() > 0).forEach(this::observed);
  }

  private void observed(Edge edge) {
    ClientTls tls =
        edge.security() == Edge.Security.MUTUAL_TLS ? ClientTls.ISTIO_MUTUAL : ClientTls.PLAINTEXT;
    for (ServerPort server : servers(edge, tls)) {
      add(
          new Flow(
              edge.client().id(),
              server.to(),
              server.address(),
              tls,
              answerNow(server.backend(), tls),
              answerThen(server.backend(), tls),
              Basis.OBSERVED));
    }
  }

  /**
   * Returns the service ports that lead to the called server; the workload when none does. Not all
   * sources of evidence know a workload's kind.
   */
  private Collection<ServerPort> servers(Edge edge, ClientTls tls) {
    List<ServerPort> found = new ArrayList<>();
    for (Endpoint endpoint : endpoints(edge.server().namespace())) {
      Backend backend = endpoint.backend();
      if (backend.pod() != null
          && named(edge.server(), backend.pod())
          && (edge.port() == 0 || edge.port() == backend.targetPort())) {
        found.add(endpoint.server());
      }
    }
    return found.isEmpty() ? pods(edge, tls) : found;
  }

  /** Returns a pod of the called server for each result. */
  private Collection<ServerPort> pods(Edge edge, ClientTls tls) {
    String to = edge.server().id() + ":" + edge.port();
    Map<List<Reach>, ServerPort> distinct = new LinkedHashMap<>();
    for (Pod pod : now.namespace(edge.server().namespace()).facts().pods()) {
      if (!pod.terminated() && named(edge.server(), pod)) {
        Backend backend = new Backend(pod, pod.ip(), edge.port(), pod.ready());
        distinct.putIfAbsent(
            List.of(answerNow(backend, tls), answerThen(backend, tls)),
            new ServerPort(to, backend));
      }
    }
    return distinct.values();
  }

  private static boolean named(WorkloadRef workload, Pod pod) {
    return pod.workload().id().equals(workload.id());
  }

  /** Returns the server's reaction now; a port that is not known did not refuse. */
  private Reach answerNow(Backend backend, ClientTls tls) {
    return refusing(reachNow, backend, tls).allMatch(refuses -> refuses) ? Reach.REFUSED : Reach.OK;
  }

  /** Returns the server's reaction afterwards; a port that is not known may be any that refuses. */
  private Reach answerThen(Backend backend, ClientTls tls) {
    return refusing(reachThen, backend, tls).anyMatch(refuses -> refuses)
        ? Reach.REFUSED
        : Reach.OK;
  }

  /** Returns of each port that may be meant whether it refuses what the client is known to send. */
  private static Stream<Boolean> refusing(
      Reachability reachability, Backend backend, ClientTls tls) {
    Pod pod = backend.pod();
    int port = backend.targetPort();
    if (pod == null || !pod.governed(port)) {
      return Stream.of(false);
    }
    EffectiveMode mode = reachability.modes(pod.namespace()).of(pod);
    MtlsMode refuses = tls == ClientTls.ISTIO_MUTUAL ? MtlsMode.DISABLE : MtlsMode.STRICT;
    return (port == 0
            ? Stream.concat(Stream.of(mode.mode()), mode.ports().values().stream())
            : Stream.of(mode.of(port)))
        .map(refuses::equals);
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
      boolean judged = cell.reaches() || cell.outcome() == ProbeOutcome.REFUSED;
      if (client != null && judged) {
        // The endpoint that a proxy chose is unknown: the result holds for each of them.
        byPort.getOrDefault(cell.to(), List.of()).stream()
            .filter(e -> cell.anyEndpoint() || e.address().equals(cell.endpoint()))
            .forEach(endpoint -> probed(cell, client, endpoint));
      }
    }
  }

  private void probed(Cell cell, Pod client, Endpoint endpoint) {
    Prediction prediction = predictWorkload(reachThen, client, endpoint);
    add(
        new Flow(
            cell.from(),
            cell.to(),
            endpoint.address(),
            prediction.clientTls(),
            cell.reaches() ? Reach.OK : Reach.REFUSED,
            prediction.reach(),
            Basis.PROBE));
  }

  private @Nullable Pod client(Cell cell) {
    return now.namespace(cell.clientNamespace()).facts().pods().stream()
        .filter(pod -> !pod.terminated() && cell.isFrom(pod))
        .filter(pod -> (pod.dataPlane() != DataPlane.NONE) == cell.meshClient())
        .min(Comparator.comparing(Pod::name))
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

  private static Prediction predictWorkload(
      Reachability reachability, Pod client, Endpoint endpoint) {
    return reachability.predictWorkload(
        client, endpoint.service(), endpoint.port(), endpoint.backend());
  }

  /** Returns one endpoint of each service port for all behind it that fare alike. */
  private List<Endpoint> endpoints(String namespace) {
    return endpoints.computeIfAbsent(namespace, this::distinctEndpoints);
  }

  private List<Endpoint> distinctEndpoints(String namespace) {
    Map<List<Object>, Endpoint> distinct = new LinkedHashMap<>();
    for (Endpoint endpoint : allEndpoints(namespace)) {
      distinct.putIfAbsent(List.of(endpoint.to(), behind(endpoint.backend())), endpoint);
    }
    return List.copyOf(distinct.values());
  }

  /** The endpoints of a workload that are alike now, and will be. */
  private record Behind(WorkloadRef workload, int port, EndpointTraits now, EndpointTraits then) {}

  private Object behind(Backend backend) {
    Pod pod = backend.pod();
    int port = backend.targetPort();
    return pod == null
        ? backend.ip() + ":" + port
        : new Behind(pod.workload(), port, reachNow.traits(backend), reachThen.traits(backend));
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
    flows.merge(Line.of(flow), flow, ImpactFlows::worse);
  }

  private static Flow worse(Flow known, Flow flow) {
    return refutes(known, flow) || WORST_FIRST.compare(known, flow) <= 0 ? known : flow;
  }

  /** Returns whether it is known that what is possible, and would be refused, is refused now. */
  private static boolean refutes(Flow known, Flow possible) {
    return known.basis() != Basis.POSSIBLE
        && possible.basis() == Basis.POSSIBLE
        && known.now() == Reach.REFUSED
        && known.clientTls() == possible.clientTls();
  }

  private static boolean seenInPlaintext(Flow flow) {
    return flow.basis() == Basis.OBSERVED && flow.clientTls() == ClientTls.PLAINTEXT;
  }
}
