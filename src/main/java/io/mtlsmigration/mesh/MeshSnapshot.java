// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The mesh at one instant.
 *
 * @param observedAt when the facts were last known to be complete, not when they were read from
 *     memory
 * @param namespaces by name, in name order
 * @param clusterObjects objects outside any namespace
 */
public record MeshSnapshot(
    MeshSettings settings,
    Instant observedAt,
    NavigableMap<String, NamespaceFacts> namespaces,
    List<OtherObject> clusterObjects,
    List<SourceHealth> sources) {

  public MeshSnapshot {
    clusterObjects = List.copyOf(clusterObjects);
    namespaces = Collections.unmodifiableNavigableMap(namespaces);
    sources = List.copyOf(sources);
  }

  public static MeshSnapshot of(
      MeshSettings settings, Instant observedAt, Iterable<NamespaceFacts> namespaces) {
    return of(settings, observedAt, namespaces, List.of());
  }

  public static MeshSnapshot of(
      MeshSettings settings,
      Instant observedAt,
      Iterable<NamespaceFacts> namespaces,
      List<OtherObject> clusterObjects) {
    NavigableMap<String, NamespaceFacts> byName = new TreeMap<>();
    namespaces.forEach(ns -> byName.put(ns.name(), ns));
    return new MeshSnapshot(settings, observedAt, byName, clusterObjects, List.of());
  }

  /** Returns the mesh with one namespace replaced or added. The rest is shared, not copied. */
  public MeshSnapshot with(NamespaceFacts namespace) {
    NavigableMap<String, NamespaceFacts> next = new TreeMap<>(namespaces);
    next.put(namespace.name(), namespace);
    return new MeshSnapshot(settings, observedAt, next, clusterObjects, sources);
  }

  /** Returns the same mesh, known to be complete at another time. Everything is shared. */
  public MeshSnapshot observed(Instant asOf, List<SourceHealth> health) {
    return new MeshSnapshot(settings, asOf, namespaces, clusterObjects, health);
  }

  /** Returns false until anything was read: the absence of objects then means nothing. */
  public boolean known() {
    return !observedAt.equals(Instant.EPOCH) || !namespaces.isEmpty();
  }

  /**
   * Returns true when the other snapshot holds the same facts, so that nothing has to be resolved
   * anew: cheap, because it does not compare contents. False means nothing. Lists have to be
   * immutable ({@code List.copyOf}), or each snapshot has its own copy.
   */
  @SuppressWarnings("ReferenceEquality")
  public boolean sharesFacts(MeshSnapshot other) {
    return namespaces == other.namespaces
        && clusterObjects == other.clusterObjects
        && settings.equals(other.settings);
  }

  public @Nullable NamespaceFacts namespace(String name) {
    return namespaces.get(name);
  }

  /** Returns the facts of the root namespace; empty facts when it does not exist (yet). */
  public NamespaceFacts root() {
    NamespaceFacts root = namespaces.get(settings.rootNamespace());
    return root == null ? NamespaceFacts.empty(settings.rootNamespace()) : root;
  }

  public boolean isRoot(String namespace) {
    return settings.rootNamespace().equals(namespace);
  }
}
