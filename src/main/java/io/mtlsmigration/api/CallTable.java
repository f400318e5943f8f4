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
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Prediction;
import io.mtlsmigration.mtls.Reach;
import io.mtlsmigration.mtls.Reachability;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Who reaches whom in a whole mesh: every client workload to every endpoint of every TCP port of
 * every Service. Grows with the square of the mesh, so it is bounded. A workload whose pods differ
 * is taken as a client with its least protected pod: what must not break is what breaks first.
 */
final class CallTable {

  /** Some seconds of one core. */
  static final long MAX_CALLS = 2_000_000;

  /** Some thirty megabytes of JSON. */
  static final long MAX_ROWS = 100_000;

  static final int MAX_BREAKS = 1_000;

  private static final List<DataPlane> LEAST_PROTECTED =
      List.of(DataPlane.NONE, DataPlane.GATEWAY, DataPlane.AMBIENT, DataPlane.SIDECAR);

  private static final Comparator<Pod> WEAKEST_FIRST =
      Comparator.comparingInt((Pod pod) -> LEAST_PROTECTED.indexOf(pod.dataPlane()))
          .thenComparing(Pod::name);

  private final Reachability now;
  private final @Nullable Reachability then;
  private final boolean full;

  private final Map<WorkloadRef, Pod> clients;
  private final List<Target> targets = new ArrayList<>();

  private final List<Call> rows = new ArrayList<>();
  private final Map<String, Map<String, Count>> pairs = new TreeMap<>();
  private final List<Call> breaks = new ArrayList<>();
  private int breaking;
  private @Nullable String omitted;

  private record Target(Service service, ServicePort port, Backend backend) {}

  private static final class Count {
    int ok;
    int refused;
    int refusedThen;
  }

  /**
   * @param then the mesh after some change; null when nothing is asked about one
   * @param full keep each call, not only the numbers by pairs of namespaces
   */
  private CallTable(MeshModes now, @Nullable MeshModes then, boolean full) {
    this.now = now.reachability();
    this.then = then == null ? null : then.reachability();
    this.full = full;
    this.clients = clients(now.snapshot());
    now.snapshot().namespaces().values().forEach(this::addTargets);
  }

  static CallTable of(MeshModes now, @Nullable MeshModes then, boolean full) {
    CallTable table = new CallTable(now, then, full);
    long calls = (long) table.clients.size() * table.targets.size();
    if (full && calls > MAX_ROWS) {
      table.omitted =
          calls + " calls are more than " + MAX_ROWS + "; ask for the summary, or send a part";
    } else if (calls > MAX_CALLS) {
      table.omitted = calls + " calls are more than " + MAX_CALLS + "; send a part of the mesh";
    } else {
      table.clients.forEach((ref, pod) -> table.targets.forEach(t -> table.add(ref, pod, t)));
    }
    return table;
  }

  private static Map<WorkloadRef, Pod> clients(MeshSnapshot snapshot) {
    Map<WorkloadRef, Pod> clients = new TreeMap<>();
    for (NamespaceFacts namespace : snapshot.namespaces().values()) {
      for (Pod pod : namespace.pods()) {
        if (!pod.terminated()) {
          clients.merge(pod.workload(), pod, (a, b) -> WEAKEST_FIRST.compare(a, b) <= 0 ? a : b);
        }
      }
    }
    return clients;
  }

  private void addTargets(NamespaceFacts namespace) {
    namespace.services().stream()
        .sorted(Comparator.comparing(Service::name))
        .forEach(
            service ->
                service.ports().stream()
                    .filter(port -> port.protocol().isEmpty() || port.protocol().equals("TCP"))
                    .forEach(
                        port ->
                            now.backends(service, port)
                                .forEach(b -> targets.add(new Target(service, port, b)))));
  }

  private void add(WorkloadRef client, Pod pod, Target target) {
    Prediction prediction = now.predict(pod, target.service, target.port, target.backend);
    Reach reachThen =
        then == null
            ? null
            : then.predict(pod, target.service, target.port, target.backend).reach();
    count(client.namespace(), target.service.namespace(), prediction.reach(), reachThen);
    boolean breaksThen = prediction.reach() == Reach.OK && reachThen == Reach.REFUSED;
    if (breaksThen) {
      breaking++;
    }
    if (full || (breaksThen && breaks.size() < MAX_BREAKS)) {
      Call call = call(client, target, prediction, reachThen);
      if (full) {
        rows.add(call);
      }
      if (breaksThen && breaks.size() < MAX_BREAKS) {
        breaks.add(call);
      }
    }
  }

  private void count(String from, String to, Reach reach, @Nullable Reach reachThen) {
    Count count =
        pairs
            .computeIfAbsent(from, name -> new TreeMap<>())
            .computeIfAbsent(to, name -> new Count());
    if (reach == Reach.OK) {
      count.ok++;
    } else {
      count.refused++;
    }
    if (reachThen == Reach.REFUSED) {
      count.refusedThen++;
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

  /** Each call, or the numbers by pairs of namespaces. */
  List<? extends Row> rows() {
    if (full) {
      return rows;
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

  /** Why there are no rows; null when there are. */
  @Nullable String omitted() {
    return omitted;
  }

  /** Calls that work now and will not; null when they were not looked for. */
  @Nullable Integer breaking() {
    return then == null || omitted != null ? null : breaking;
  }

  List<Call> breaks() {
    return breaks;
  }
}
