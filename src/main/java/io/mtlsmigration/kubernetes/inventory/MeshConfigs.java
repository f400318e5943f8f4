package io.mtlsmigration.kubernetes.inventory;

import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.SourceHealth;
import io.mtlsmigration.mesh.Unreadable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;

/**
 * istiod's configurations, one a revision. That of the default revision counts ({@code istio}), or
 * the first by name where there is no default: the core knows one root namespace and one setting of
 * auto mTLS for the whole mesh. Where pods belong to a revision that says otherwise, it holds.
 *
 * @param byName understood ones, by ConfigMap
 * @param any true when there is one at all, understood or not
 */
record MeshConfigs(String namespace, NavigableMap<String, MeshSettings> byName, boolean any) {

  /** Those that count; {@code before} while there are none. */
  MeshSettings settings(MeshSettings before) {
    return byName.isEmpty() ? before : byName.firstEntry().getValue();
  }

  /**
   * Without a configuration nobody knows which namespace is the root, or whether clients use mutual
   * TLS by themselves. That Istio's defaults hold is likely; it is not evidence.
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

  /** Whether any says otherwise than the one that counts what all of them have to agree on. */
  boolean differ() {
    return byName.values().stream().anyMatch(this::differs);
  }

  private boolean differs(MeshSettings other) {
    MeshSettings counts = byName.firstEntry().getValue();
    return !other.rootNamespace().equals(counts.rootNamespace())
        || !other.trustDomain().equals(counts.trustDomain())
        || !other.trustDomainAliases().equals(counts.trustDomainAliases())
        || !other.discoverySelectors().equals(counts.discoverySelectors())
        || other.autoMtls() != counts.autoMtls();
  }

  /**
   * Each pod's own istiod decides by its own configuration which policies are the mesh's, and
   * whether a client uses mutual TLS. Where those in use disagree, nothing that is told here of the
   * whole mesh holds for all of it.
   *
   * @param revisions that pods belong to; {@code default} has the ConfigMap {@code istio}
   */
  List<Unreadable> contradicting(Set<String> revisions) {
    return revisions.stream()
        .map(revision -> revision.equals("default") ? "istio" : "istio-" + revision)
        .filter(name -> byName.containsKey(name) && differs(byName.get(name)))
        .sorted()
        .map(
            name ->
                Unreadable.kind(
                    "ConfigMap",
                    "Pods belong to the revision of "
                        + name
                        + ", which is configured otherwise than "
                        + byName.firstKey()
                        + " (root namespace, trust domain or its aliases, discoverySelectors or auto"
                        + " mTLS): let both say the same, move those pods first, or delete "
                        + byName.firstKey()
                        + " where no istiod reads it any more."))
        .toList();
  }

  /** The health of the ConfigMaps as a source, in view of what they say. */
  SourceHealth judged(SourceHealth health) {
    if (health.asOf() == null || !health.problem().isEmpty()) {
      return health;
    }
    if (!any) {
      return new SourceHealth(health.source(), null, missing().get(0).reason());
    }
    return new SourceHealth(health.source(), health.asOf(), difference());
  }

  /** Which revisions are configured otherwise than the one that counts. */
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
