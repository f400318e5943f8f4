// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.OtherObject;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.SourceHealth;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The objects of the simulated API server, as facts. Readers see one immutable state; changes are
 * serialized by this object's lock, which a writer that has to check first may hold.
 */
final class SimulatedCluster implements Inventory {

  private static final String SOURCE = "kubernetes";

  private final Clock clock;
  private final Faults faults;
  private final ApiIdentity identity;
  private final MeshSettings settings;
  private volatile NavigableMap<String, NamespaceFacts> namespaces;
  private volatile List<OtherObject> clusterObjects;
  private volatile @Nullable Consumer<MeshSnapshot> watcher;

  SimulatedCluster(MeshSnapshot initial, Clock clock, Faults faults) {
    this.clock = clock;
    this.faults = faults;
    this.settings = initial.settings();
    this.clusterObjects = initial.clusterObjects();
    this.identity = new ApiIdentity(clock.instant());
    NavigableMap<String, NamespaceFacts> born = new TreeMap<>();
    initial.namespaces().values().forEach(ns -> born.put(ns.name(), identity.admit(ns)));
    // The mesh is installed, so its root namespace exists even when no manifest mentions it.
    born.computeIfAbsent(
        settings.rootNamespace(), name -> identity.admit(NamespaceFacts.empty(name)));
    this.namespaces = Collections.unmodifiableNavigableMap(born);
  }

  /** Registers a listener for every change, called under the lock. */
  void watch(Consumer<MeshSnapshot> onChange) {
    this.watcher = onChange;
  }

  /**
   * Returns the state that a client of the API sees: the current one, or the one when the server
   * was lost.
   */
  @Override
  public MeshSnapshot snapshot() {
    Faults.Active down = faults.first(Fault.Kind.API_DOWN);
    Instant asOf = down == null ? clock.instant() : down.from();
    String problem = down == null ? "" : "the API server does not answer";
    return new MeshSnapshot(
        settings,
        asOf,
        namespaces,
        clusterObjects,
        List.of(new SourceHealth(SOURCE, asOf, problem)));
  }

  MeshSettings settings() {
    return settings;
  }

  ApiIdentity identity() {
    return identity;
  }

  @Nullable NamespaceFacts namespace(String name) {
    return namespaces.get(name);
  }

  /** Returns the current pods of a namespace. */
  List<Pod> pods(String namespace) {
    NamespaceFacts facts = namespaces.get(namespace);
    return facts == null ? List.of() : facts.pods();
  }

  /** Returns the current pod of that name. */
  @Nullable Pod pod(String namespace, String name) {
    NamespaceFacts facts = namespaces.get(namespace);
    if (facts != null) {
      for (Pod pod : facts.pods()) {
        if (pod.name().equals(name)) {
          return pod;
        }
      }
    }
    return null;
  }

  /** Returns the running pods of {@code namespace/name}, in name order. */
  List<Pod> running(String workload) {
    int slash = workload.indexOf('/');
    NamespaceFacts facts = namespaces.get(workload.substring(0, slash));
    return facts == null
        ? List.of()
        : facts.pods().stream()
            .filter(p -> p.workload().id().equals(workload) && p.ready() && !p.terminated())
            .toList();
  }

  @Nullable Service service(String namespace, String name) {
    NamespaceFacts facts = namespaces.get(namespace);
    if (facts != null) {
      for (Service service : facts.services()) {
        if (service.name().equals(name)) {
          return service;
        }
      }
    }
    return null;
  }

  /** Replaces the facts of one namespace. */
  synchronized void change(String namespace, UnaryOperator<NamespaceFacts> change) {
    NamespaceFacts before = namespaces.get(namespace);
    NamespaceFacts after =
        change.apply(before == null ? identity.admit(NamespaceFacts.empty(namespace)) : before);
    if (after.equals(before)) {
      return;
    }
    NavigableMap<String, NamespaceFacts> next = new TreeMap<>(namespaces);
    next.put(namespace, after);
    publish(next);
  }

  /** Adds objects, or replaces those of the same name. */
  synchronized void merge(MeshSnapshot delta) {
    if (!delta.clusterObjects().isEmpty()) {
      clusterObjects = FactsMerge.merge(clusterObjects, delta.clusterObjects());
    }
    NavigableMap<String, NamespaceFacts> next = new TreeMap<>(namespaces);
    for (NamespaceFacts added : delta.namespaces().values()) {
      NamespaceFacts before = next.get(added.name());
      next.put(
          added.name(), identity.admit(before == null ? added : FactsMerge.merge(before, added)));
    }
    publish(next);
  }

  synchronized void delete(ObjectRef ref) {
    if (ref.kind().equals("Namespace")) {
      NavigableMap<String, NamespaceFacts> next = new TreeMap<>(namespaces);
      if (next.remove(ref.name()) != null) {
        publish(next);
      }
      return;
    }
    if (clusterObjects.stream().anyMatch(o -> o.ref().equals(ref))) {
      List<OtherObject> left = new ArrayList<>(clusterObjects);
      left.removeIf(object -> object.ref().equals(ref));
      clusterObjects = List.copyOf(left);
      publish(new TreeMap<>(namespaces));
    } else if (namespaces.containsKey(ref.namespace())) {
      change(ref.namespace(), facts -> FactsMerge.without(facts, ref));
    }
  }

  /** Restarts a workload's pods with sidecars. */
  synchronized void inject(String workload) {
    change(
        workload.substring(0, workload.indexOf('/')),
        facts ->
            facts.withPods(
                facts.pods().stream()
                    .map(
                        pod ->
                            pod.workload().id().equals(workload)
                                ? identity.injected(pod, clock.instant())
                                : pod)
                    .toList()));
  }

  private void publish(NavigableMap<String, NamespaceFacts> next) {
    namespaces = Collections.unmodifiableNavigableMap(next);
    Consumer<MeshSnapshot> told = watcher;
    if (told != null) {
      told.accept(new MeshSnapshot(settings, clock.instant(), next, clusterObjects, List.of()));
    }
  }
}
