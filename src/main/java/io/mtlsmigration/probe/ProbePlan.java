// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.probe;

import io.mtlsmigration.mesh.Cidr;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.Reachability;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the probes of a round. While the product of clients and endpoints is small, all of it.
 * Beyond that, representative clients: for each Service port one with a proxy from its own
 * namespace, one with a proxy from elsewhere, one without a proxy ({@link Canaries}), and the
 * observed callers; every endpoint in namespaces that are being migrated, one endpoint in turn in
 * the others. Where a client's proxy chooses the endpoint, one probe of the Service stands for all.
 */
public final class ProbePlan {

  /** The number of representative clients of one port; observed callers are added to it. */
  private static final int CANARIES = 3;

  private final MeshSnapshot snapshot;
  private final Reachability reachability;
  private final Predicate<Pod> usable;
  private final List<Pod> clients;
  private final List<NamespaceFacts> namespaces;
  private final Map<String, List<Pod>> byId = new HashMap<>();

  private final Canaries canaries;

  /** The addresses of pods and Services; null until some endpoint has to be looked up. */
  private @Nullable Set<String> addresses;

  /**
   * The probes of one round.
   *
   * @param whole number of all pairs of clients and endpoints
   */
  public record Choice(List<ProbeTarget> targets, long whole, boolean representative) {
    public Choice {
      targets = List.copyOf(targets);
    }

    public ProbeCoverage coverage() {
      return new ProbeCoverage(representative, targets.size(), whole);
    }
  }

  /**
   * The bounds and focus of a round.
   *
   * @param limit up to this many targets all pairs are probed; beyond, about as many a round in
   *     namespaces out of focus
   * @param focus namespaces in which every endpoint is probed, in every round
   * @param turn number of the round; chooses namespaces and endpoints out of focus
   */
  public record Bounds(int limit, Set<String> focus, long turn) {
    public Bounds {
      focus = Set.copyOf(focus);
    }
  }

  /**
   * A call that was observed.
   *
   * @param client {@code namespace/name} of the client's workload
   */
  public record ObservedCall(String client, WorkloadRef server) {}

  /**
   * Plans over the current mesh.
   *
   * @param usable pods that probes can be made from
   * @param lacksProgram those of them that are known to lack what a probe needs; they stand for
   *     others only where no other can
   */
  public ProbePlan(
      MeshSnapshot snapshot,
      Reachability reachability,
      Predicate<Pod> usable,
      Predicate<Pod> lacksProgram) {
    this.snapshot = snapshot;
    this.reachability = reachability;
    this.usable = usable;
    this.namespaces = List.copyOf(snapshot.namespaces().values());
    this.clients = onePerWorkload(namespaces, usable, lacksProgram);
    this.canaries = new Canaries(clients, lacksProgram, reachability, snapshot.settings());
    for (Pod client : clients) {
      byId.computeIfAbsent(client.workload().id(), id -> new ArrayList<>()).add(client);
    }
  }

  /** Returns clients that can be probed from, one pod per workload, in workload order. */
  public List<Pod> clients() {
    return clients;
  }

  /**
   * Chooses the probes of a round.
   *
   * @param known cells of earlier rounds
   */
  public Choice choose(Bounds bounds, Collection<ObservedCall> observed, Collection<Cell> known) {
    long whole = endpoints() * clients.size();
    if (whole <= bounds.limit()) {
      List<ProbeTarget> product = product();
      return new Choice(product, product.size(), false);
    }
    List<ProbeTarget> targets = representative(bounds, observed);
    addFailed(Math.max(1, bounds.limit() / 4), known, targets);
    return new Choice(targets, whole, true);
  }

  /**
   * Returns the clients that can be probed from of this name ({@code namespace/name}), which
   * workloads of several kinds may have.
   */
  public List<Pod> clients(String workload) {
    return byId.getOrDefault(workload, List.of());
  }

  /**
   * Returns the targets of one pair.
   *
   * @param to {@code namespace/service:port}
   * @return empty when there is no such Service port, or no ready endpoint behind it
   */
  public List<ProbeTarget> targets(Pod client, String to) {
    List<ProbeTarget> targets = new ArrayList<>();
    NamespaceFacts ns = snapshot.namespace(to.substring(0, Math.max(0, to.indexOf('/'))));
    for (Service service : ns == null ? List.<Service>of() : ns.services()) {
      for (ServicePort port : service.ports()) {
        if (to.equals(service.id(port))) {
          targets.addAll(targets(client, service, port));
        }
      }
    }
    return targets;
  }

  /**
   * Returns the cells that a current probe could have; of failures also those whose client is not
   * ready just now, and of refusals those whose server is not: these are not over.
   */
  public Set<Cell.Key> stillThere(Collection<Cell> cells) {
    Map<String, Endpoints> ready = new HashMap<>();
    Map<String, Endpoints> all = new HashMap<>();
    for (NamespaceFacts ns : namespaces) {
      for (Service service : ns.services()) {
        for (ServicePort port : service.ports()) {
          // A UDP port of the same number has none.
          List<Backend> backends = reachability.backends(service, port);
          if (port.protocol().equals("TCP") && !backends.isEmpty()) {
            List<Backend> serving = backends.stream().filter(this::serves).toList();
            ready.put(service.id(port), Endpoints.of(service, probed(service, port)));
            all.put(service.id(port), Endpoints.of(service, serving));
          }
        }
      }
    }
    Map<String, List<Pod>> awaited = awaited();
    Set<Cell.Key> there = new HashSet<>();
    for (Cell cell : cells) {
      boolean lasts = cell.failed() || cell.slipped();
      List<Pod> clients =
          lasts ? awaited.getOrDefault(cell.from(), List.of()) : clients(cell.from());
      // A server that is not ready need not answer, but does not refuse by itself.
      boolean refusal = cell.outcome() == ProbeOutcome.REFUSED || cell.slipped();
      if (clients.stream()
          .filter(cell::isFrom)
          .anyMatch(client -> has(ready, cell, client) || (refusal && has(all, cell, client)))) {
        there.add(cell.key());
      }
    }
    return there;
  }

  private static boolean has(Map<String, Endpoints> byPort, Cell cell, Pod client) {
    Endpoints endpoints = byPort.get(cell.to());
    return endpoints != null && endpoints.has(client, cell.endpoint());
  }

  /** Returns by workload the pods that probes are made from, or will be when they are ready. */
  private Map<String, List<Pod>> awaited() {
    Map<String, List<Pod>> awaited = new HashMap<>();
    for (NamespaceFacts ns : namespaces) {
      for (Pod pod : ns.pods()) {
        if (!pod.terminated() && (!pod.ready() || usable.test(pod))) {
          awaited.computeIfAbsent(pod.workload().id(), id -> new ArrayList<>()).add(pod);
        }
      }
    }
    return awaited;
  }

  /** The endpoints of a port, as they are named in cells. */
  private record Endpoints(Service service, Set<String> each) {

    static Endpoints of(Service service, List<Backend> backends) {
      Set<String> each = HashSet.newHashSet(backends.size());
      backends.forEach(b -> each.add(b.ip() + ":" + b.targetPort()));
      return new Endpoints(service, each);
    }

    boolean has(Pod client, String endpoint) {
      return (ProbeTarget.pinned(client, service) || each.size() < 2)
          ? each.contains(endpoint)
          : endpoint.equals(ProbeTarget.ANY_ENDPOINT);
    }
  }

  private long endpoints() {
    long count = 0;
    for (NamespaceFacts ns : namespaces) {
      for (Service service : ns.services()) {
        for (ServicePort port : service.ports()) {
          count += probed(service, port).size();
        }
      }
    }
    return count;
  }

  /**
   * Returns ready endpoints that no round probes: a pod that probes are made from and that declares
   * no such port may be behind a Service without a listener.
   *
   * @return each as {@code namespace/service:port at ip:targetPort}
   */
  public Set<String> leftOut() {
    Set<String> leftOut = new HashSet<>();
    for (NamespaceFacts ns : namespaces) {
      for (Service service : ns.services()) {
        for (ServicePort port : service.ports()) {
          for (Backend backend : reachability.backends(service, port)) {
            if (backend.ready() && !serves(backend)) {
              leftOut.add(
                  service.id()
                      + ":"
                      + port.port()
                      + " at "
                      + backend.ip()
                      + ":"
                      + backend.targetPort());
            }
          }
        }
      }
    }
    return leftOut;
  }

  private List<ProbeTarget> product() {
    List<ProbeTarget> targets = new ArrayList<>();
    for (NamespaceFacts ns : namespaces) {
      for (Service service : ns.services()) {
        for (ServicePort port : service.ports()) {
          clients.forEach(c -> targets.addAll(targets(c, service, port)));
        }
      }
    }
    return targets;
  }

  private List<ProbeTarget> representative(Bounds bounds, Collection<ObservedCall> observed) {
    Map<WorkloadRef, List<String>> callers = callers(observed);
    List<ProbeTarget> targets = new ArrayList<>();
    List<NamespaceFacts> others = new ArrayList<>();
    for (NamespaceFacts ns : namespaces) {
      if (bounds.focus().contains(ns.name())) {
        addTargets(ns, Integer.MAX_VALUE, 0, callers, targets);
      } else {
        others.add(ns);
      }
    }
    long ports =
        others.stream()
            .flatMap(ns -> ns.services().stream())
            .mapToLong(s -> s.ports().size())
            .sum();
    long slices = Math.max(1, (ports * CANARIES + bounds.limit() - 1) / bounds.limit());
    for (int i = 0; i < others.size(); i++) {
      if (i % slices == bounds.turn() % slices) {
        addTargets(others.get(i), 1, bounds.turn() / slices, callers, targets);
      }
    }
    return targets;
  }

  /**
   * Adds failed probes of clients with a proxy. They are repeated in every round until they
   * succeed, the oldest first: a failure that expires before its next turn would be forgotten, and
   * count as none. Those that could not be repeated keep their age, and come last: they would keep
   * all others from their turn.
   */
  private void addFailed(int most, Collection<Cell> known, List<ProbeTarget> targets) {
    Set<Cell.Key> chosen = new HashSet<>();
    targets.forEach(target -> chosen.add(key(target)));
    known.stream()
        .filter(cell -> cell.meshClient() && cell.failed() && !chosen.contains(cell.key()))
        .sorted(Comparator.comparing(Cell::notRepeated).thenComparing(Cell::checkedAt))
        .limit(most)
        .forEach(
            cell ->
                clients(cell.from()).stream()
                    .flatMap(client -> targets(client, cell.to()).stream())
                    .filter(target -> key(target).equals(cell.key()))
                    .forEach(targets::add));
  }

  private static Cell.Key key(ProbeTarget target) {
    return new Cell.Key(
        target.from(),
        target.to(),
        target.endpoint(),
        target.client().dataPlane().captured(),
        target.client().workload().kind());
  }

  /** Adds at most {@code most} endpoints of each port, starting at the {@code first} in turn. */
  private void addTargets(
      NamespaceFacts ns,
      int most,
      long first,
      Map<WorkloadRef, List<String>> callers,
      List<ProbeTarget> targets) {
    for (Service service : ns.services()) {
      for (ServicePort port : service.ports()) {
        List<Backend> backends = probed(service, port);
        if (backends.isEmpty()) {
          continue;
        }
        Set<Pod> asking = canaries.of(service, port, backends);
        for (Backend backend : backends) {
          Pod server = backend.pod();
          if (server != null) {
            callers
                .getOrDefault(server.workload(), List.of())
                .forEach(caller -> asking.addAll(clients(caller)));
          }
        }
        for (Pod client : asking) {
          List<ProbeTarget> all = targets(client, service, port);
          for (int i = 0; i < Math.min(most, all.size()); i++) {
            targets.add(all.get((int) ((first + i) % all.size())));
          }
        }
      }
    }
  }

  private static Map<WorkloadRef, List<String>> callers(Collection<ObservedCall> observed) {
    Map<WorkloadRef, List<String>> callers = new HashMap<>();
    observed.forEach(
        call -> callers.computeIfAbsent(call.server(), s -> new ArrayList<>()).add(call.client()));
    return callers;
  }

  /** Returns one target per endpoint, or one for all of them where the client's proxy chooses. */
  private List<ProbeTarget> targets(Pod client, Service service, ServicePort port) {
    List<Backend> backends = probed(service, port);
    if (backends.isEmpty()) {
      return List.of();
    }
    return ProbeTarget.pinned(client, service)
        ? backends.stream().map(b -> new ProbeTarget(client, service, port, b)).toList()
        : List.of(new ProbeTarget(client, service, port, backends));
  }

  /** Returns the endpoints of a TCP port that can be expected to answer. */
  private List<Backend> probed(Service service, ServicePort port) {
    if (!port.protocol().equals("TCP")) {
      return List.of();
    }
    List<Backend> ready =
        reachability.backends(service, port).stream().filter(Backend::ready).toList();
    return ready.stream().allMatch(this::isOwn)
        ? ready.stream().filter(this::serves).toList()
        : List.of();
  }

  /**
   * Returns false for an endpoint at the address of a pod that it is not of, or of a Service.
   * Whoever may write EndpointSlices leads a Service to any address, and a server there would be
   * called by probes of another one: nobody could tell them from a client's calls.
   */
  private boolean isOwn(Backend backend) {
    Pod pod = backend.pod();
    if (pod != null && pod.hasAddress(backend.ip())) {
      return true;
    }
    return Cidr.address(backend.ip()).filter(addresses()::contains).isEmpty();
  }

  private Set<String> addresses() {
    Set<String> known = addresses;
    if (known == null) {
      known =
          namespaces.stream()
              .flatMap(ProbePlan::addresses)
              .flatMap(ip -> Cidr.address(ip).stream())
              .collect(Collectors.toSet());
      addresses = known;
    }
    return known;
  }

  /** Returns the addresses of a namespace alone: a node's is that of all that runs on it. */
  private static Stream<String> addresses(NamespaceFacts facts) {
    return Stream.concat(
        facts.pods().stream()
            .filter(pod -> !pod.hostNetwork() && !pod.terminated())
            .flatMap(pod -> pod.addresses().stream()),
        facts.services().stream().flatMap(service -> service.clusterIps().stream()));
  }

  /**
   * Returns false for a pod that probes are made from and that declares no such port: a client may
   * be behind a Service without a listener, as Istio's sample {@code curl} is, and would seem to
   * refuse everybody.
   */
  private boolean serves(Backend backend) {
    Pod pod = backend.pod();
    return pod == null
        || !usable.test(pod)
        || pod.ports().stream().anyMatch(port -> port.port() == backend.targetPort());
  }

  private static List<Pod> onePerWorkload(
      List<NamespaceFacts> namespaces, Predicate<Pod> usable, Predicate<Pod> lacksProgram) {
    BinaryOperator<Pod> better =
        BinaryOperator.minBy(
            Comparator.comparing((Pod pod) -> lacksProgram.test(pod)).thenComparing(Pod::name));
    TreeMap<WorkloadRef, Pod> byWorkload = new TreeMap<>();
    for (NamespaceFacts ns : namespaces) {
      for (Pod pod : ns.pods()) {
        if (pod.ready() && !pod.terminated() && usable.test(pod)) {
          byWorkload.merge(pod.workload(), pod, better);
        }
      }
    }
    return List.copyOf(byWorkload.values());
  }
}
