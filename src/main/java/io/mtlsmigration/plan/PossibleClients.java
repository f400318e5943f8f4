package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.DestinationRule;
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
 * Every workload as a client, listed so that a person can read it. Few clients are named one by
 * one; where there are many, those of one namespace that fare alike become {@code namespace/*}, and
 * when even those are too many, {@code *} stands for all that fare alike.
 */
final class PossibleClients {

  /** More lines than this about one endpoint nobody reads. */
  private static final int LEGIBLE = 200;

  /** Stands for more clients than can be listed. */
  private static final String ANYBODY = "*";

  private final MeshSnapshot snapshot;
  private final boolean narrowRoot;
  private final List<Group> groups = new ArrayList<>();

  /** How many clients each namespace has. */
  private final Map<String, Integer> sizes = new HashMap<>();

  private int size;

  PossibleClients(MeshSnapshot snapshot) {
    this.snapshot = snapshot;
    this.narrowRoot = narrow(snapshot.root());
    snapshot.namespaces().values().forEach(this::group);
  }

  /** How a client fares. */
  record Answer(ClientTls tls, Reach now, Reach then) {}

  /** Clients of one namespace that are captured alike, one pod for each workload. */
  private record Group(NamespaceFacts own, DataPlane dataPlane, List<Pod> clients) {}

  private void group(NamespaceFacts facts) {
    Map<DataPlane, Map<WorkloadRef, Pod>> byPlane = new EnumMap<>(DataPlane.class);
    for (Pod pod : facts.pods()) {
      if (!pod.terminated()) {
        byPlane
            .computeIfAbsent(pod.dataPlane(), plane -> new TreeMap<>())
            .merge(pod.workload(), pod, PossibleClients::firstByName);
      }
    }
    byPlane.forEach(
        (plane, clients) -> {
          groups.add(new Group(facts, plane, List.copyOf(clients.values())));
          sizes.merge(facts.name(), clients.size(), Integer::sum);
          size += clients.size();
        });
  }

  private static Pod firstByName(Pod one, Pod other) {
    return one.name().compareTo(other.name()) <= 0 ? one : other;
  }

  List<Flow> flows(Service service, String to, String address, Function<Pod, Answer> prediction) {
    Map<Answer, NavigableMap<String, List<Pod>>> byAnswer = new HashMap<>();
    Map<DataPlane, Answer> shared = new EnumMap<>(DataPlane.class);
    boolean special = narrowRoot || narrow(service);
    for (Group group : groups) {
      if (alone(group, special)) {
        for (Pod client : group.clients()) {
          add(byAnswer, prediction.apply(client), group, List.of(client));
        }
      } else {
        Answer answer =
            shared.computeIfAbsent(
                group.dataPlane(), plane -> prediction.apply(group.clients().getFirst()));
        add(byAnswer, answer, group, group.clients());
      }
    }
    List<Flow> flows = new ArrayList<>();
    byAnswer.forEach(
        (answer, byNamespace) ->
            names(byNamespace)
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

  private static void add(
      Map<Answer, NavigableMap<String, List<Pod>>> byAnswer,
      Answer answer,
      Group group,
      List<Pod> clients) {
    byAnswer
        .computeIfAbsent(answer, a -> new TreeMap<>())
        .merge(group.own().name(), clients, PossibleClients::joined);
  }

  private static List<Pod> joined(List<Pod> some, List<Pod> more) {
    return Stream.of(some, more).flatMap(List::stream).toList();
  }

  private List<String> names(NavigableMap<String, List<Pod>> byNamespace) {
    boolean few = size <= LEGIBLE;
    List<String> names = new ArrayList<>();
    for (Map.Entry<String, List<Pod>> entry : byNamespace.entrySet()) {
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
   * Whether the clients of a group have to be asked for one by one. The others get one answer, so
   * that a mesh of ten thousand namespaces costs a few predictions. What decides on the client's
   * side is its proxy, the rules and Sidecars of its own namespace, and whether rules and services
   * elsewhere are shown to it.
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

  /** Whether some rule of the namespace counts for some clients only. */
  private static boolean narrow(NamespaceFacts facts) {
    for (DestinationRule rule : facts.destinationRules()) {
      if (!rule.exportTo().isEmpty() || !rule.workloadSelector().isEmpty()) {
        return true;
      }
    }
    return false;
  }
}
