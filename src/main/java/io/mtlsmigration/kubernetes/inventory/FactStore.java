// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

import io.mtlsmigration.manifest.ObjectReading;
import io.mtlsmigration.mesh.Injection;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.OtherObject;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Unreadable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * The facts of all objects, and the namespaces that have changed since the last query. Thread-safe;
 * the lock is held no longer than it takes to put one object, or to make the facts of what changed.
 */
final class FactStore {

  /** The key of objects that are in no namespace. */
  static final String CLUSTER = "";

  private final Map<String, NamespaceTables> namespaces = new HashMap<>();
  private final Set<String> changed = new HashSet<>();
  private final Sharing sharing = new Sharing();

  private NavigableMap<String, NamespaceFacts> facts = Collections.emptyNavigableMap();
  private Surroundings surroundings =
      new Surroundings(MeshSettings.DEFAULT.rootNamespace(), List.of(), false);
  private volatile boolean dirty;

  /**
   * The name of an object within its kind. A Namespace object is stored under its own name, other
   * cluster-scoped objects under {@link #CLUSTER}.
   */
  record Key(String namespace, String name) {}

  synchronized <T> void put(WatchedKind<T> kind, Key key, ObjectReading<T> reading) {
    NamespaceTables tables =
        namespaces.computeIfAbsent(sharing.one(key.namespace()), NamespaceTables::new);
    if (tables.table(kind).put(key.name(), reading, kind, sharing)) {
      mark(key.namespace());
    }
  }

  synchronized void remove(WatchedKind<?> kind, Key key) {
    NamespaceTables tables = namespaces.get(key.namespace());
    if (tables != null && tables.table(kind).remove(key.name())) {
      mark(key.namespace());
    }
  }

  /** Returns the keys of all known objects of a kind, including those that could not be parsed. */
  synchronized Set<Key> keys(WatchedKind<?> kind) {
    Set<Key> keys = new HashSet<>();
    List<String> names = new ArrayList<>();
    namespaces.forEach(
        (namespace, tables) -> {
          tables.names(kind, names);
          names.forEach(name -> keys.add(new Key(namespace, name)));
          names.clear();
        });
    return keys;
  }

  /** Returns istiod's configurations in a namespace. */
  synchronized MeshConfigs meshConfigs(String namespace) {
    NamespaceTables tables = namespaces.get(namespace);
    if (tables == null) {
      return new MeshConfigs(namespace, Collections.emptyNavigableMap(), false, List.of());
    }
    Table<MeshSettings> table = tables.table(WatchedKinds.MESH_CONFIGS);
    List<Unreadable> unreadable = new ArrayList<>();
    table.unreadable(unreadable);
    return new MeshConfigs(
        namespace, new TreeMap<>(table.byName()), !table.isEmpty(), List.copyOf(unreadable));
  }

  /**
   * Returns the revisions that gave pods a proxy, from the annotation of Istio's webhook, and those
   * of ztunnels, from the annotation of its chart, each with such a pod: others may write that
   * annotation, too.
   */
  synchronized Map<String, String> revisions() {
    Map<String, String> revisions = new HashMap<>();
    for (NamespaceTables tables : namespaces.values()) {
      for (Pod pod : tables.table(WatchedKinds.PODS).byName().values()) {
        String revision = pod.annotations().get(Injection.REVISION_LABEL);
        boolean asksIstiod = pod.callsThroughEnvoy() || "ztunnel".equals(pod.labels().get("app"));
        if (revision != null && !pod.terminated() && asksIstiod) {
          revisions.merge(
              revision,
              pod.namespace() + "/" + pod.name(),
              (one, other) -> one.compareTo(other) <= 0 ? one : other);
        }
      }
    }
    return revisions;
  }

  /** Returns the cluster-scoped objects; the same list until one of them changes. */
  synchronized List<OtherObject> clusterObjects() {
    NamespaceTables tables = namespaces.get(CLUSTER);
    return tables == null ? List.of() : tables.others();
  }

  /** Returns the cluster-scoped objects that could not be read. */
  synchronized List<Unreadable> clusterUnreadable() {
    NamespaceTables tables = namespaces.get(CLUSTER);
    return tables == null ? List.of() : tables.unreadable();
  }

  /** Returns whether the next facts would differ from the last. */
  boolean dirty() {
    return dirty;
  }

  private void mark(String namespace) {
    changed.add(namespace);
    dirty = true;
  }

  /**
   * The state outside of namespaces that their facts depend on.
   *
   * @param root the root namespace
   * @param unreadable kinds and objects that cannot be read and belong to no namespace; they are
   *     attributed to the root namespace
   * @param onlyKnown true to leave out namespaces whose own object has not been seen: they are
   *     being created or deleted, and have no UID
   */
  record Surroundings(String root, List<Unreadable> unreadable, boolean onlyKnown) {}

  /**
   * Returns the facts of every namespace. Unchanged facts are the same objects as before, and so is
   * the map when nothing has changed.
   */
  synchronized NavigableMap<String, NamespaceFacts> facts(Surroundings now) {
    if (!now.equals(surroundings)) {
      changed.add(surroundings.root);
      changed.add(now.root);
      if (now.onlyKnown != surroundings.onlyKnown) {
        changed.addAll(namespaces.keySet());
      }
      surroundings = now;
    }
    dirty = false;
    changed.remove(CLUSTER);
    if (!changed.isEmpty()) {
      NavigableMap<String, NamespaceFacts> next = new TreeMap<>(facts);
      changed.forEach(name -> renew(name, next));
      changed.clear();
      facts = Collections.unmodifiableNavigableMap(next);
    }
    return facts;
  }

  private void renew(String name, NavigableMap<String, NamespaceFacts> next) {
    NamespaceTables tables = namespaces.getOrDefault(name, new NamespaceTables(name));
    List<Unreadable> more =
        name.equals(surroundings.root) ? surroundings.unreadable : List.<Unreadable>of();
    if (tables.isEmpty()) {
      namespaces.remove(name);
    }
    boolean shown =
        !more.isEmpty() || tables.isKnown() || (!surroundings.onlyKnown && !tables.isEmpty());
    if (shown) {
      next.put(name, tables.facts(more));
    } else {
      next.remove(name);
    }
  }
}
