// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.JobTemplate;
import io.mtlsmigration.mesh.MeshSettings.Exports;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.Reach;
import io.mtlsmigration.plan.Impact.Basis;
import io.mtlsmigration.plan.Impact.Flow;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Every workload and job as a client, listed in a readable size. A few clients are named one by
 * one; where there are many, those of one namespace with the same result become {@code
 * namespace/*}, and when even those are too many, {@code *} stands for all with the same result.
 */
final class PossibleClients {

  /** The maximum number of lines about one endpoint. */
  private static final int LEGIBLE = 200;

  /** Stands for more clients than can be listed. */
  private static final String ANYBODY = "*";

  private final MeshSnapshot snapshot;

  /** Whether what a client knows depends on its namespace, for each service. */
  private final boolean narrowEverywhere;

  private final Crowd crowd = new Crowd();

  /** The same clients, grouped for services or rules that are visible to some clients only. */
  private final Crowd wary = new Crowd();

  /** The number of clients by namespace. */
  private final Map<String, Integer> sizes = new HashMap<>();

  private int size;

  PossibleClients(MeshSnapshot snapshot) {
    this.snapshot = snapshot;
    this.narrowEverywhere =
        narrow(snapshot.root()) || !snapshot.settings().exports().equals(Exports.EVERYBODY);
    snapshot.namespaces().values().forEach(this::group);
  }

  /** The result for a client. */
  record Answer(ClientTls tls, Reach now, Reach then) {}

  /** Clients of one namespace with the same data plane, one pod for each workload. */
  private record Group(NamespaceFacts own, DataPlane dataPlane, List<Pod> clients) {}

  /**
   * All groups: those of a data plane that share one answer, so that a mesh of ten thousand
   * namespaces costs a few predictions, and those whose clients are asked one by one.
   */
  private static final class Crowd {
    private final Map<DataPlane, List<Group>> alike = new EnumMap<>(DataPlane.class);
    private final List<Group> alone = new ArrayList<>();

    void add(Group group, boolean byItself) {
      if (byItself) {
        alone.add(group);
      } else {
        alike.computeIfAbsent(group.dataPlane(), plane -> new ArrayList<>()).add(group);
      }
    }
  }

  /** Groups that share one answer. A namespace has one group per data plane at most. */
  private static final class Those {
    private final List<List<Group>> alike = new ArrayList<>();
    private final List<Group> alone = new ArrayList<>();

    /** Returns the number of namespaces, a lower bound for the lines that would name them. */
    int namespaces() {
      return alike.stream().mapToInt(List::size).max().orElse(0);
    }

    NavigableMap<String, List<Pod>> byNamespace() {
      NavigableMap<String, List<Pod>> clients = new TreeMap<>();
      Stream.concat(alike.stream().flatMap(List::stream), alone.stream())
          .forEach(
              group -> clients.merge(group.own().name(), group.clients(), PossibleClients::joined));
      return clients;
    }
  }

  private void group(NamespaceFacts facts) {
    // A job is a client whether it runs or not, or an approval would come and go with each run.
    Stream<Pod> jobs =
        facts.others(JobTemplate.class).stream().map(job -> job.client(facts.labels()));
    Map<DataPlane, Map<WorkloadRef, Pod>> byPlane = new EnumMap<>(DataPlane.class);
    Stream.concat(facts.pods().stream().filter(pod -> !pod.terminated()), jobs)
        .forEach(
            pod ->
                byPlane
                    .computeIfAbsent(pod.dataPlane(), plane -> new TreeMap<>())
                    .merge(pod.workload(), pod, PossibleClients::firstByName));
    byPlane.forEach(
        (plane, clients) -> {
          Group group = new Group(facts, plane, List.copyOf(clients.values()));
          crowd.add(group, alone(group, false));
          wary.add(group, alone(group, true));
          sizes.merge(facts.name(), clients.size(), Integer::sum);
          size += clients.size();
        });
  }

  private static Pod firstByName(Pod one, Pod other) {
    return one.name().compareTo(other.name()) <= 0 ? one : other;
  }

  List<Flow> flows(Service service, String to, String address, Function<Pod, Answer> prediction) {
    Crowd asked = narrowEverywhere || narrow(service) ? wary : crowd;
    Map<Answer, Those> byAnswer = new HashMap<>();
    asked.alike.forEach(
        (plane, groups) ->
            those(byAnswer, prediction.apply(groups.getFirst().clients().getFirst()))
                .alike
                .add(groups));
    for (Group group : asked.alone) {
      for (Pod client : group.clients()) {
        those(byAnswer, prediction.apply(client))
            .alone
            .add(new Group(group.own(), group.dataPlane(), List.of(client)));
      }
    }
    List<Flow> flows = new ArrayList<>();
    byAnswer.forEach(
        (answer, those) ->
            names(those)
                .forEach(
                    from ->
                        flows.add(
                            new Flow(
                                from,
                                to,
                                address,
                                answer.tls(),
                                answer.now(),
                                answer.then(),
                                Basis.POSSIBLE))));
    return flows;
  }

  private static Those those(Map<Answer, Those> byAnswer, Answer answer) {
    return byAnswer.computeIfAbsent(answer, a -> new Those());
  }

  private static List<Pod> joined(List<Pod> some, List<Pod> more) {
    return Stream.of(some, more).flatMap(List::stream).toList();
  }

  private List<String> names(Those those) {
    if (those.namespaces() > LEGIBLE) {
      return List.of(ANYBODY);
    }
    boolean few = size <= LEGIBLE;
    List<String> names = new ArrayList<>();
    for (Map.Entry<String, List<Pod>> entry : those.byNamespace().entrySet()) {
      List<Pod> clients = entry.getValue();
      boolean all = clients.size() > 1 && clients.size() == sizes.getOrDefault(entry.getKey(), 0);
      if (!few && all) {
        names.add(entry.getKey() + "/*");
      } else {
        clients.forEach(client -> names.add(client.workload().id()));
      }
      if (!few && names.size() > LEGIBLE) {
        return List.of(ANYBODY);
      }
    }
    return names;
  }

  /**
   * Returns whether the clients of a group have to be asked one by one. The client's side depends
   * on its proxy, the rules and Sidecars of its own namespace, and whether rules and services
   * elsewhere are visible to it.
   */
  private boolean alone(Group group, boolean special) {
    if (group.dataPlane() == DataPlane.NONE || group.dataPlane() == DataPlane.AMBIENT) {
      return false;
    }
    NamespaceFacts own = group.own();
    return special
        || snapshot.isRoot(own.name())
        || !own.destinationRules().isEmpty()
        || !own.sidecars().isEmpty();
  }

  private boolean narrow(Service service) {
    NamespaceFacts facts = snapshot.namespace(service.namespace());
    return !service.exportTo().isEmpty() || (facts != null && narrow(facts));
  }

  /** Returns whether some rule of the namespace applies to some clients only. */
  private static boolean narrow(NamespaceFacts facts) {
    for (DestinationRule rule : facts.destinationRules()) {
      if (!rule.exportTo().isEmpty() || !rule.workloadSelector().isEmpty()) {
        return true;
      }
    }
    return false;
  }
}
