package io.mtlsmigration.kubernetes.inventory;

import io.mtlsmigration.manifest.ObjectReader;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Unreadable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Everything that is known of one namespace, by kind, and made into facts when asked. */
final class NamespaceTables {

  private final String name;
  private final Map<WatchedKind<?>, Table<?>> tables = new HashMap<>(4);

  /** The pods as they were made last, and from what. */
  private List<Pod> podsByThemselves = List.of();

  private Map<String, String> podLabels = Map.of();
  private List<Pod> pods = List.of();

  NamespaceTables(String name) {
    this.name = name;
  }

  @SuppressWarnings("unchecked") // only tables of that kind are kept under it
  <T> Table<T> table(WatchedKind<T> kind) {
    return (Table<T>) tables.computeIfAbsent(kind, k -> new Table<>());
  }

  boolean isEmpty() {
    return tables.values().stream().allMatch(Table::isEmpty);
  }

  /** False while only objects inside of the namespace have been seen, not itself. */
  boolean isKnown() {
    return !table(WatchedKinds.NAMESPACES).isEmpty();
  }

  /**
   * The facts; lists of which nothing has changed are the same as before.
   *
   * @param more what else could not be read, and belongs here
   */
  NamespaceFacts facts(List<Unreadable> more) {
    Map.Entry<String, NamespaceFacts> self = table(WatchedKinds.NAMESPACES).first();
    NamespaceFacts own = self == null ? NamespaceFacts.empty(name) : self.getValue();
    List<Unreadable> unreadable = new ArrayList<>(more);
    tables.values().forEach(table -> table.unreadable(unreadable));
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
        unreadable);
  }

  /** A pod may be ambient by the labels of its namespace. */
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
