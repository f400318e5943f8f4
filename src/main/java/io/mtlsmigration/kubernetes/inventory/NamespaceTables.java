// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

import io.mtlsmigration.manifest.ObjectReader;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.OtherObject;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Unreadable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** All known objects of one namespace by kind, made into facts on demand. */
final class NamespaceTables {

  private final String name;
  private final Map<WatchedKind<?>, Table<?>> tables = new HashMap<>(4);

  /** The pods of the last call, with their inputs. */
  private List<Pod> podsByThemselves = List.of();

  private Map<String, String> podLabels = Map.of();
  private List<Pod> pods = List.of();

  /** The other objects of the last call, with their inputs. */
  private List<List<OtherObject>> othersByKind = List.of();

  private List<OtherObject> others = List.of();

  NamespaceTables(String name) {
    this.name = name;
  }

  @SuppressWarnings("unchecked") // only tables of that kind are kept under it
  <T> Table<T> table(WatchedKind<T> kind) {
    return (Table<T>) tables.computeIfAbsent(kind, k -> new Table<>());
  }

  /** Adds the names of all objects of a kind, parsed or not. */
  void names(WatchedKind<?> kind, Collection<String> into) {
    Table<?> table = tables.get(kind);
    if (table != null) {
      table.names(into);
    }
  }

  boolean isEmpty() {
    return tables.values().stream().allMatch(Table::isEmpty);
  }

  /** Returns false while only objects in the namespace have been seen, not the Namespace. */
  boolean isKnown() {
    return !table(WatchedKinds.NAMESPACES).isEmpty();
  }

  /**
   * Returns the facts; unchanged lists are the same objects as before.
   *
   * @param more further unreadable objects that belong to this namespace
   */
  NamespaceFacts facts(List<Unreadable> more) {
    Map.Entry<String, NamespaceFacts> self = table(WatchedKinds.NAMESPACES).first();
    NamespaceFacts own = self == null ? NamespaceFacts.empty(name) : self.getValue();
    List<Unreadable> unreadable = new ArrayList<>(more);
    unreadable.addAll(unreadable());
    return new NamespaceFacts(
        name,
        own.uid(),
        own.labels(),
        own.annotations(),
        own.terminating(),
        pods(own.labels()),
        table(WatchedKinds.SERVICES).list(),
        table(WatchedKinds.ENDPOINT_SLICES).list(),
        table(WatchedKinds.PEER_AUTHENTICATIONS).list(),
        table(WatchedKinds.DESTINATION_RULES).list(),
        table(WatchedKinds.SIDECARS).list(),
        others(),
        unreadable);
  }

  List<Unreadable> unreadable() {
    List<Unreadable> unreadable = new ArrayList<>();
    tables.values().forEach(table -> table.unreadable(unreadable));
    return unreadable;
  }

  /** Returns the objects that only hazards read; the same list until one of them changes. */
  List<OtherObject> others() {
    List<List<OtherObject>> now = new ArrayList<>();
    for (WatchedKind<OtherObject> kind : WatchedKinds.OTHERS) {
      if (tables.containsKey(kind)) {
        now.add(table(kind).list());
      }
    }
    if (!sameLists(now, othersByKind)) {
      othersByKind = now;
      List<OtherObject> all = new ArrayList<>();
      now.forEach(all::addAll);
      others = List.copyOf(all); // not Stream.toList, whose lists every snapshot would copy
    }
    return others;
  }

  @SuppressWarnings("ReferenceEquality") // a table hands out the same list until it changes
  private static boolean sameLists(List<List<OtherObject>> a, List<List<OtherObject>> b) {
    boolean same = a.size() == b.size();
    for (int i = 0; same && i < a.size(); i++) {
      same = a.get(i) == b.get(i);
    }
    return same;
  }

  /** Returns the pods. They depend on the namespace's labels, which may make a pod ambient. */
  @SuppressWarnings("ReferenceEquality") // a table hands out the same list until it changes
  private List<Pod> pods(Map<String, String> labels) {
    List<Pod> now = table(WatchedKinds.PODS).list();
    if (now != podsByThemselves || !labels.equals(podLabels)) {
      podsByThemselves = now;
      podLabels = labels;
      pods = inNamespace(now, labels);
    }
    return pods;
  }

  @SuppressWarnings("ReferenceEquality")
  private static List<Pod> inNamespace(List<Pod> pods, Map<String, String> labels) {
    List<Pod> result = new ArrayList<>(pods.size());
    boolean same = true;
    for (Pod pod : pods) {
      Pod there = ObjectReader.inNamespace(pod, labels);
      same &= there == pod;
      result.add(there);
    }
    return same ? pods : List.copyOf(result);
  }
}
