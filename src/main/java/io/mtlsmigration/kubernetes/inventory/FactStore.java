package io.mtlsmigration.kubernetes.inventory;

import io.mtlsmigration.manifest.ObjectReading;
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
 * The facts of all objects, and which namespaces have changed since they were last asked for.
 * Thread-safe; nobody holds its lock for longer than it takes to put one object, or to make the
 * facts of what changed.
 */
final class FactStore {

  /** In place of a namespace, for objects that are in none. */
  static final String CLUSTER = "";

  private final Map<String, NamespaceTables> namespaces = new HashMap<>();
  private final Set<String> changed = new HashSet<>();
  private final Sharing sharing = new Sharing();

  private NavigableMap<String, NamespaceFacts> facts = Collections.emptyNavigableMap();
  private Surroundings surroundings =
      new Surroundings(MeshSettings.DEFAULT.rootNamespace(), List.of(), false);
  private volatile boolean dirty;

  /** Names an object of a kind; a Namespace is in itself, other cluster-scoped ones in none. */
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

  /** All objects of a kind that are known, understood or not. */
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

  /** istiod's configurations in a namespace. */
  synchronized MeshConfigs meshConfigs(String namespace) {
    NamespaceTables tables = namespaces.get(namespace);
    if (tables == null) {
      return new MeshConfigs(namespace, Collections.emptyNavigableMap(), false);
    }
    Table<MeshSettings> table = tables.table(WatchedKinds.MESH_CONFIGS);
    return new MeshConfigs(namespace, new TreeMap<>(table.byName()), !table.isEmpty());
  }

  /** The revisions that pods were injected by; Istio's webhook annotates each. */
  synchronized Set<String> revisions() {
    Set<String> revisions = new HashSet<>();
    for (NamespaceTables tables : namespaces.values()) {
      for (Pod pod : tables.table(WatchedKinds.PODS).byName().values()) {
        String revision = pod.annotations().get("istio.io/rev");
        if (revision != null && !pod.terminated()) {
          revisions.add(revision);
        }
      }
    }
    return revisions;
  }

  /** Objects outside of namespaces; the same list until one of them changes. */
  synchronized List<OtherObject> clusterObjects() {
    NamespaceTables tables = namespaces.get(CLUSTER);
    return tables == null ? List.of() : tables.others();
  }

  /** Those of them that could not be read. */
  synchronized List<Unreadable> clusterUnreadable() {
    NamespaceTables tables = namespaces.get(CLUSTER);
    return tables == null ? List.of() : tables.unreadable();
  }

  /** True when the next facts would differ from the last. */
  boolean dirty() {
    return dirty;
  }

  private void mark(String namespace) {
    changed.add(namespace);
    dirty = true;
  }

  /**
   * What the facts of namespaces depend on, beside the objects in them.
   *
   * @param root the root namespace
   * @param unreadable what cannot be read and belongs to no namespace, whole kinds among it: it
   *     counts as the root namespace's
   * @param onlyKnown true to leave out namespaces that have not been seen themselves: they are
   *     being born or gone, and have no UID
   */
  record Surroundings(String root, List<Unreadable> unreadable, boolean onlyKnown) {}

  /**
   * The facts of every namespace; those that have not changed are the same objects as before, and
   * so is the map when nothing has.
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
