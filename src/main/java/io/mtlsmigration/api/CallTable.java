// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.api.view.AnalysisView.Call;
import io.mtlsmigration.api.view.AnalysisView.Client;
import io.mtlsmigration.api.view.AnalysisView.NamespacePair;
import io.mtlsmigration.api.view.AnalysisView.Row;
import io.mtlsmigration.api.view.AnalysisView.Server;
import io.mtlsmigration.api.view.Ref;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.OutboundCapture;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mesh.WorkLimit;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Prediction;
import io.mtlsmigration.mtls.Reach;
import io.mtlsmigration.mtls.Reachability;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The reachability within a whole mesh: every client workload to every endpoint of every TCP port
 * of every Service. This grows with the square of the mesh, so clients and endpoints with equal
 * traits are predicted once, and the numbers of predictions and rows are bounded. A workload whose
 * pods differ is represented as a client by its least protected pod, which breaks first.
 */
final class CallTable {

  /** The maximum number of predictions; some seconds of one core. */
  private static final long MAX_PREDICTIONS = 2_000_000;

  /** The maximum number of rows; some thirty megabytes of JSON. */
  private static final long MAX_ROWS = 100_000;

  private static final int MAX_BREAKS = 1_000;

  private static final List<DataPlane> LEAST_PROTECTED =
      List.of(DataPlane.NONE, DataPlane.GATEWAY, DataPlane.AMBIENT, DataPlane.SIDECAR);

  private static final Comparator<Pod> WEAKEST_FIRST =
      Comparator.comparingInt((Pod pod) -> LEAST_PROTECTED.indexOf(pod.dataPlane()))
          .thenComparing(pod -> !OutboundCapture.partial(pod))
          .thenComparing(Pod::name);

  private static final Comparator<Call> ORDER =
      Comparator.comparing((Call call) -> call.from().namespace())
          .thenComparing(call -> call.from().name())
          .thenComparing(call -> call.to().namespace())
          .thenComparing(call -> call.to().service())
          .thenComparingInt(call -> call.to().port())
          .thenComparing(call -> String.valueOf(call.to().pod()))
          .thenComparingInt(call -> call.to().targetPort());

  private final Reachability now;
  private final @Nullable Reachability then;
  private final boolean full;

  private final Map<PodTraits, Clients> clients = new LinkedHashMap<>();
  private final Map<TargetTraits, Targets> targets = new LinkedHashMap<>();

  private final List<Call> rows = new ArrayList<>();
  private final Map<String, Map<String, Count>> pairs = new TreeMap<>();
  private final List<Call> breaks = new ArrayList<>();
  private long breaking;
  private @Nullable String omitted;

  private record Target(Service service, ServicePort port, Backend backend) {}

  /** Endpoints of one port with equal traits. */
  private record TargetTraits(String service, int port, int targetPort, @Nullable PodTraits pod) {}

  private record Clients(Pod pod, List<WorkloadRef> members) {}

  private record Targets(Target first, List<Target> members) {}

  private static final class Count {
    long ok;
    long refused;
    long refusedThen;
  }

  /**
   * Creates a table.
   *
   * @param then the mesh after some change; null when there is no what-if
   * @param full whether to keep each call, not only the numbers by pairs of namespaces
   */
  private CallTable(MeshModes now, @Nullable MeshModes then, boolean full) {
    this.now = now.reachability();
    this.then = then == null ? null : then.reachability();
    this.full = full;
    PodTraits.Reader traits = new PodTraits.Reader(now.snapshot());
    representatives(now.snapshot())
        .forEach(
            (ref, pod) ->
                clients
                    .computeIfAbsent(traits.of(pod), key -> new Clients(pod, new ArrayList<>()))
                    .members
                    .add(ref));
    now.snapshot().namespaces().values().forEach(ns -> addTargets(ns, traits));
  }

  static CallTable of(MeshModes now, @Nullable MeshModes then, boolean full) {
    CallTable table = new CallTable(now, then, full);
    long calls =
        table.clients.values().stream().mapToLong(c -> c.members.size()).sum()
            * table.targets.values().stream().mapToLong(t -> t.members.size()).sum();
    long predictions = (long) table.clients.size() * table.targets.size();
    if (full && calls > MAX_ROWS) {
      table.omitted =
          calls + " calls are more than " + MAX_ROWS + "; ask for the summary, or send a part";
    } else if (predictions > MAX_PREDICTIONS) {
      table.omitted =
          predictions + " kinds of calls are more than " + MAX_PREDICTIONS + "; send a part";
    } else {
      table.clients.values().forEach(c -> table.targets.values().forEach(t -> table.add(c, t)));
    }
    return table;
  }

  private static Map<WorkloadRef, Pod> representatives(MeshSnapshot snapshot) {
    Map<WorkloadRef, Pod> pods = new TreeMap<>();
    for (NamespaceFacts namespace : snapshot.namespaces().values()) {
      for (Pod pod : namespace.pods()) {
        if (!pod.terminated()) {
          pods.merge(pod.workload(), pod, (a, b) -> WEAKEST_FIRST.compare(a, b) <= 0 ? a : b);
        }
      }
    }
    return pods;
  }

  private void addTargets(NamespaceFacts namespace, PodTraits.Reader traits) {
    for (Service service : namespace.services()) {
      for (ServicePort port : service.ports()) {
        if (!port.protocol().isEmpty() && !port.protocol().equals("TCP")) {
          continue; // Istio secures TCP
        }
        for (Backend backend : now.backends(service, port)) {
          Pod pod = backend.pod();
          Target target = new Target(service, port, backend);
          TargetTraits key =
              new TargetTraits(
                  service.id(),
                  port.port(),
                  backend.targetPort(),
                  pod == null ? null : traits.of(pod));
          targets
              .computeIfAbsent(key, ignored -> new Targets(target, new ArrayList<>()))
              .members
              .add(target);
        }
      }
    }
  }

  private void add(Clients from, Targets to) {
    Target target = to.first;
    Prediction prediction =
        now.predictWorkload(from.pod, target.service, target.port, target.backend);
    Reach reachThen =
        then == null
            ? null
            : then.predictWorkload(from.pod, target.service, target.port, target.backend).reach();
    boolean breaksThen = prediction.reach() == Reach.OK && reachThen == Reach.REFUSED;
    for (WorkloadRef client : from.members) {
      count(client, to, prediction.reach(), reachThen);
      if (breaksThen) {
        breaking += to.members.size();
      }
      if (full || (breaksThen && breaks.size() < MAX_BREAKS)) {
        list(client, to, prediction, reachThen, breaksThen);
      }
    }
  }

  private void count(WorkloadRef client, Targets to, Reach reach, @Nullable Reach reachThen) {
    WorkLimit.goOn();
    int calls = to.members.size();
    Count count =
        pairs
            .computeIfAbsent(client.namespace(), name -> new TreeMap<>())
            .computeIfAbsent(to.first.service.namespace(), name -> new Count());
    if (reach == Reach.OK) {
      count.ok += calls;
    } else {
      count.refused += calls;
    }
    if (reachThen == Reach.REFUSED) {
      count.refusedThen += calls;
    }
  }

  private void list(
      WorkloadRef client,
      Targets to,
      Prediction prediction,
      @Nullable Reach reachThen,
      boolean breaksThen) {
    for (Target target : to.members) {
      Call call = call(client, target, prediction, reachThen);
      if (full) {
        rows.add(call);
      }
      if (breaksThen && breaks.size() < MAX_BREAKS) {
        breaks.add(call);
      }
    }
  }

  private static Call call(
      WorkloadRef client, Target target, Prediction prediction, @Nullable Reach reachThen) {
    Pod server = target.backend.pod();
    return new Call(
        new Client(client.namespace(), client.name()),
        new Server(
            target.service.namespace(),
            target.service.name(),
            target.port.port(),
            server == null ? null : server.workload().name(),
            server == null ? null : server.name(),
            target.backend.targetPort()),
        prediction.clientTls(),
        prediction.reach(),
        reachThen,
        Ref.of(prediction.decidedBy()));
  }

  /** Returns each call, or the numbers by pairs of namespaces. */
  List<? extends Row> rows() {
    if (full) {
      return rows.stream().sorted(ORDER).toList();
    }
    List<NamespacePair> summary = new ArrayList<>();
    pairs.forEach(
        (from, row) ->
            row.forEach(
                (to, count) ->
                    summary.add(
                        new NamespacePair(
                            from,
                            to,
                            count.ok + count.refused,
                            count.ok,
                            count.refused,
                            then == null ? null : count.refusedThen))));
    return summary;
  }

  /** Returns why there are no rows; null when there are. */
  @Nullable String omitted() {
    return omitted;
  }

  /** Returns the number of calls that work now and will break; null when it was not computed. */
  @Nullable Long breaking() {
    return then == null || omitted != null ? null : breaking;
  }

  List<Call> breaks() {
    return breaks.stream().sorted(ORDER).toList();
  }
}
