// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.Injectors;
import io.mtlsmigration.mesh.JobTemplate;
import io.mtlsmigration.mesh.MeshSettings.Exports;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mtls.ClientLabels;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.Reach;
import io.mtlsmigration.plan.Impact.Basis;
import io.mtlsmigration.plan.Impact.Flow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Every workload and job as a client, listed in a readable size. A few clients with the same result
 * are named one by one; of many, those that are a whole namespace become {@code namespace/*}, and
 * when even those are too many, {@code *} stands for all with the same result.
 */
final class PossibleClients {

  /** The maximum number of lines about one endpoint with the same result. */
  private static final int LEGIBLE = 200;

  /** Stands for more clients than can be listed. */
  static final String ANYBODY = "*";

  private final MeshSnapshot snapshot;

  /** True when what a client knows depends on its namespace, for each service. */
  private final boolean narrowEverywhere;

  private final Injectors injectors;

  private final Crowd crowd = new Crowd();

  /** The same clients, grouped for services or rules that are visible to some clients only. */
  private final Crowd wary = new Crowd();

  /** The number of clients by namespace. */
  private final Map<String, Integer> sizes = new HashMap<>();

  PossibleClients(MeshSnapshot snapshot) {
    this.snapshot = snapshot;
    this.injectors = Injectors.of(snapshot);
    this.narrowEverywhere =
        narrow(snapshot.root()) || !snapshot.settings().exports().equals(Exports.EVERYBODY);
    snapshot.namespaces().values().forEach(this::group);
  }

  /** The result for a client. */
  record Answer(ClientTls tls, Reach now, Reach then) {}

  /** The traits that pods of one namespace share when they send the same. */
  private record Kind(DataPlane dataPlane, boolean envoy, Map<String, String> labels) {}

  /** Clients of one namespace that send the same, by name, and a pod of one of them. */
  private record Group(String namespace, Pod pod, Set<String> clients) {}

  /**
   * All groups: those of a kind that share one answer, so that a mesh of ten thousand namespaces
   * costs a few predictions, and those that are asked one by one.
   */
  private static final class Crowd {
    private final Map<Kind, Map<String, Group>> alike = new LinkedHashMap<>();
    private final List<Group> alone = new ArrayList<>();

    void add(Kind kind, Group group, boolean byItself) {
      if (byItself) {
        alone.add(group);
      } else {
        alike.computeIfAbsent(kind, k -> new LinkedHashMap<>()).put(group.namespace(), group);
      }
    }
  }

  /** Groups of all namespaces but one. */
  private record Others(Map<String, Group> groups, String but) {
    int size() {
      return groups.size() - (groups.containsKey(but) ? 1 : 0);
    }

    Stream<Group> stream() {
      return groups.values().stream().filter(group -> !group.namespace().equals(but));
    }
  }

  /** Groups that share one answer. A namespace has one group per kind at most. */
  private static final class Those {
    private final List<Others> alike = new ArrayList<>();
    private final List<Group> alone = new ArrayList<>();

    /** Returns the number of namespaces, a lower bound for the lines that would name them. */
    int namespaces() {
      return alike.stream().mapToInt(Others::size).max().orElse(0);
    }

    /** Returns the names of the clients by namespace. */
    SortedMap<String, SortedSet<String>> byNamespace() {
      SortedMap<String, SortedSet<String>> clients = new TreeMap<>();
      Stream.concat(alike.stream().flatMap(Others::stream), alone.stream())
          .forEach(
              group ->
                  clients
                      .computeIfAbsent(group.namespace(), name -> new TreeSet<>())
                      .addAll(group.clients()));
      return clients;
    }
  }

  private void group(NamespaceFacts facts) {
    // A job is a client whether it runs or not, or an approval would come and go with each run.
    Stream<Pod> jobs =
        facts.others(JobTemplate.class).stream()
            .map(job -> job.client(injectors.labels(facts, job.labels())));
    ClientLabels labels = new ClientLabels(facts);
    Map<Kind, Group> groups = new HashMap<>();
    Set<String> names = new HashSet<>();
    Stream.concat(facts.pods().stream().filter(pod -> !pod.terminated()), jobs)
        .forEach(
            pod -> {
              String name = pod.workload().id();
              boolean envoy = pod.callsThroughEnvoy();
              Kind kind = new Kind(pod.dataPlane(), envoy, envoy ? labels.of(pod) : Map.of());
              groups
                  .computeIfAbsent(kind, k -> new Group(facts.name(), pod, new HashSet<>()))
                  .clients()
                  .add(name);
              names.add(name);
            });
    groups.forEach(
        (kind, group) -> {
          crowd.add(kind, group, alone(facts, kind, false));
          wary.add(kind, group, alone(facts, kind, true));
        });
    sizes.put(facts.name(), names.size());
  }

  List<Flow> flows(Service service, String to, String address, Function<Pod, Answer> prediction) {
    Crowd asked = narrowEverywhere || narrow(service) ? wary : crowd;
    Map<Answer, Those> byAnswer = new HashMap<>();
    for (Map<String, Group> groups : asked.alike.values()) {
      // A Sidecar of the root namespace may show each namespace its own services alone.
      Group own = groups.get(service.namespace());
      if (own != null) {
        those(byAnswer, prediction.apply(own.pod())).alone.add(own);
      }
      Others others = new Others(groups, service.namespace());
      others.stream()
          .findFirst()
          .ifPresent(group -> those(byAnswer, prediction.apply(group.pod())).alike.add(others));
    }
    for (Group group : asked.alone) {
      those(byAnswer, prediction.apply(group.pod())).alone.add(group);
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

  /** Returns names of clients, whoever else has another answer: an approval is of these names. */
  private List<String> names(Those those) {
    if (those.namespaces() > LEGIBLE) {
      return List.of(ANYBODY);
    }
    SortedMap<String, SortedSet<String>> byNamespace = those.byNamespace();
    boolean few = byNamespace.values().stream().mapToInt(Set::size).sum() <= LEGIBLE;
    List<String> names = new ArrayList<>();
    for (Map.Entry<String, SortedSet<String>> entry : byNamespace.entrySet()) {
      Set<String> clients = entry.getValue();
      boolean all = clients.size() > 1 && clients.size() == sizes.getOrDefault(entry.getKey(), 0);
      if (!few && all) {
        names.add(entry.getKey() + "/*");
      } else {
        names.addAll(clients);
      }
      if (names.size() > LEGIBLE) {
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
  private boolean alone(NamespaceFacts own, Kind kind, boolean special) {
    return kind.envoy()
        && (special
            || snapshot.isRoot(own.name())
            || !own.destinationRules().isEmpty()
            || !own.sidecars().isEmpty());
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
