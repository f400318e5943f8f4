// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.inventory;

import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.SourceHealth;
import io.mtlsmigration.mesh.Unreadable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * istiod's configurations, one per revision. The one in force is that of the default revision
 * ({@code istio}), or the first by name where there is no default: the core knows one root
 * namespace and one auto mTLS setting for the whole mesh. Where pods belong to a revision that
 * contradicts it, the mesh is reported as unreadable and gates hold.
 *
 * @param byName parsed configurations, by ConfigMap
 * @param any true when there is at least one, parsed or not
 * @param unreadable those that could not be parsed
 */
record MeshConfigs(
    String namespace,
    NavigableMap<String, MeshSettings> byName,
    boolean any,
    List<Unreadable> unreadable) {

  /** Returns the settings in force; {@code before} while there are none, or they are not known. */
  MeshSettings settings(MeshSettings before) {
    return byName.isEmpty()
            || unreadable.stream()
                .anyMatch(one -> one.ref().name().compareTo(byName.firstKey()) < 0)
        ? before
        : byName.firstEntry().getValue();
  }

  /** Returns what cannot be read and is not in the root namespace, though it is for every one. */
  List<Unreadable> outside(String root) {
    return root.equals(namespace) ? List.of() : unreadable;
  }

  /**
   * Returns what is unreadable without a configuration: the root namespace, and whether clients use
   * auto mTLS. Istio's defaults are likely, but they are not evidence.
   */
  List<Unreadable> missing() {
    return any
        ? List.of()
        : List.of(
            Unreadable.kind(
                "ConfigMap",
                "The namespace "
                    + namespace
                    + " has no ConfigMap istio, nor istio-REVISION, with a mesh configuration in"
                    + " data.mesh: name the namespace that istiod runs in."));
  }

  /** Returns whether any differs from the one in force in a setting that all must share. */
  boolean differ() {
    return byName.values().stream().anyMatch(this::differs);
  }

  private boolean differs(MeshSettings other) {
    MeshSettings counts = byName.firstEntry().getValue();
    return !other.rootNamespace().equals(counts.rootNamespace())
        || !other.trustDomain().equals(counts.trustDomain())
        || !other.trustDomainAliases().equals(counts.trustDomainAliases())
        || !other.discoverySelectors().equals(counts.discoverySelectors())
        || !other.exports().equals(counts.exports())
        || other.autoMtls() != counts.autoMtls();
  }

  /**
   * Returns the contradictions between configurations in use. Each pod's istiod decides by its own
   * configuration which policies are mesh-wide and whether a client uses mutual TLS; where those in
   * use disagree, no fact about the whole mesh holds for all of it.
   *
   * @param revisions that pods belong to, each with one of them; {@code default} has the ConfigMap
   *     {@code istio}
   */
  List<Unreadable> contradicting(Map<String, String> revisions) {
    SortedMap<String, String> pods = new TreeMap<>();
    revisions.forEach(
        (revision, pod) ->
            pods.put(revision.equals("default") ? "istio" : "istio-" + revision, pod));
    return pods.keySet().stream()
        .filter(name -> byName.containsKey(name) && differs(byName.get(name)))
        .map(
            name ->
                Unreadable.kind(
                    "ConfigMap",
                    "Pods such as "
                        + pods.get(name)
                        + " belong to the revision of "
                        + name
                        + ", which is configured otherwise than "
                        + byName.firstKey()
                        + " (root namespace, trust domain or its aliases, discoverySelectors,"
                        + " exports by default or auto mTLS): let both say the same, move those"
                        + " pods first, or delete "
                        + byName.firstKey()
                        + " where no istiod reads it any more."))
        .toList();
  }

  /** Returns the health of the ConfigMaps as a source, given their content. */
  SourceHealth judged(SourceHealth health) {
    if (health.asOf() == null || !health.problem().isEmpty()) {
      return health;
    }
    if (!any) {
      return new SourceHealth(health.source(), null, missing().get(0).reason());
    }
    return new SourceHealth(health.source(), health.asOf(), difference());
  }

  /** Returns the revisions that are configured differently from the one in force. */
  private String difference() {
    if (byName.size() < 2) {
      return "";
    }
    Map.Entry<String, MeshSettings> first = byName.firstEntry();
    List<String> others = new ArrayList<>();
    byName
        .tailMap(first.getKey(), false)
        .forEach(
            (name, settings) -> {
              if (!settings.equals(first.getValue())) {
                others.add(name);
              }
            });
    return others.isEmpty()
        ? ""
        : "The ConfigMap "
            + first.getKey()
            + " counts for the whole mesh; differently configured (root namespace, trust domain,"
            + " auto mTLS or outbound traffic policy): "
            + String.join(", ", others)
            + ".";
  }
}
