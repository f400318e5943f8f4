package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.Reach;
import io.mtlsmigration.plan.Impact.Basis;
import io.mtlsmigration.plan.Impact.Flow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Function;

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
  private final List<Pod> clients;
  private final boolean narrowRoot;

  /** How many clients each namespace has. */
  private final Map<String, Integer> sizes = new HashMap<>();

  PossibleClients(MeshSnapshot snapshot, List<Pod> clients) {
    this.snapshot = snapshot;
    this.clients = clients;
    this.narrowRoot = narrow(snapshot.root());
    clients.forEach(pod -> sizes.merge(pod.namespace(), 1, Integer::sum));
  }

  /** How a client fares. */
  record Answer(ClientTls tls, Reach now, Reach then) {}

  List<Flow> flows(Service service, String to, String address, Function<Pod, Answer> prediction) {
    Map<String, Answer> known = new HashMap<>();
    Map<Answer, NavigableMap<String, List<String>>> byAnswer = new HashMap<>();
    boolean special = narrowRoot || narrow(service);
    for (Pod client : clients) {
      Answer answer =
          known.computeIfAbsent(kind(client, service, special), k -> prediction.apply(client));
      byAnswer
          .computeIfAbsent(answer, a -> new TreeMap<>())
          .computeIfAbsent(client.namespace(), n -> new ArrayList<>())
          .add(client.workload().id());
    }
    List<Flow> flows = new ArrayList<>();
    byAnswer.forEach(
        (answer, byNamespace) -> {
          for (String from : names(byNamespace)) {
            flows.add(
                new Flow(
                    from, to, address, answer.tls(), answer.now(), answer.then(), Basis.POSSIBLE));
          }
        });
    return flows;
  }

  private List<String> names(NavigableMap<String, List<String>> byNamespace) {
    if (clients.size() <= LEGIBLE) {
      return byNamespace.values().stream().flatMap(List::stream).toList();
    }
    List<String> names = new ArrayList<>();
    byNamespace.forEach(
        (namespace, workloads) -> {
          if (workloads.size() > 1 && workloads.size() == sizes.getOrDefault(namespace, 0)) {
            names.add(namespace + "/*");
          } else {
            names.addAll(workloads);
          }
        });
    return names.size() <= LEGIBLE ? names : List.of(ANYBODY);
  }

  /**
   * Clients of one kind get one answer, so that a mesh of ten thousand namespaces costs a few
   * predictions. What decides on the client's side is its proxy, the rules and Sidecars of its own
   * namespace, and whether rules and services elsewhere are shown to it.
   */
  private String kind(Pod client, Service service, boolean special) {
    if (client.dataPlane() == DataPlane.NONE || client.dataPlane() == DataPlane.AMBIENT) {
      return client.dataPlane().name();
    }
    NamespaceFacts own = snapshot.namespace(client.namespace());
    boolean alone =
        special
            || own == null
            || own.name().equals(service.namespace())
            || snapshot.isRoot(own.name())
            || !own.destinationRules().isEmpty()
            || !own.sidecars().isEmpty();
    return alone ? client.workload() + " " + client.dataPlane() : client.dataPlane().name();
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
