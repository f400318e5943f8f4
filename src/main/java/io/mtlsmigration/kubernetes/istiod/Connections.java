// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.istiod;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The connections of all istiods, grouped by proxy. Not thread-safe. */
final class Connections {

  private static final String ZTUNNEL = "ztunnel";

  private final Optional<String> cluster;
  private final String ztunnelNamespace;
  private final Set<String> clusters = new TreeSet<>();
  private final Map<String, Map<String, Shown>> sidecars = new HashMap<>();
  private final Map<String, Map<String, Shown>> ztunnels = new HashMap<>();
  private final Map<String, Set<String>> elsewhere = new HashMap<>();

  /**
   * Creates an empty record.
   *
   * @param ztunnelNamespace the namespace of ztunnel's DaemonSet: any pod may connect to istiod as
   *     a ztunnel, and would speak for its node
   */
  Connections(Optional<String> cluster, String ztunnelNamespace) {
    this.cluster = cluster;
    this.ztunnelNamespace = ztunnelNamespace;
  }

  void add(IstiodAnswer answer) {
    for (SyncPage.Connection connection : answer.connections()) {
      // A namespace has no dot in its name; a pod may have one.
      int dot = connection.proxy().lastIndexOf('.');
      if (cluster.isPresent() && !cluster.get().equals(connection.cluster())) {
        if (dot > 0 && !connection.ztunnel()) {
          elsewhere
              .computeIfAbsent(connection.proxy().substring(dot + 1), n -> new HashSet<>())
              .add(connection.cluster());
        }
        continue;
      }
      if (!connection.cluster().isEmpty()) {
        clusters.add(connection.cluster());
      }
      if (connection.ztunnel() && answer.silentOnZtunnels()) {
        continue;
      }
      if (dot > 0) {
        (connection.ztunnel() ? ztunnels : sidecars)
            .computeIfAbsent(connection.proxy().substring(dot + 1), n -> new HashMap<>())
            .merge(
                connection.proxy().substring(0, dot),
                connection.shown().byOurClock(answer.ahead()),
                Shown::and);
      }
    }
  }

  /** Returns the other clusters with sidecars in a namespace, by namespace. */
  Map<String, Set<String>> elsewhere() {
    return elsewhere;
  }

  /** Returns the sidecars by namespace and pod. */
  Map<String, Map<String, Shown>> sidecars() {
    return sidecars;
  }

  /**
   * Returns the ztunnels by node and pod, without those whose pod is not known yet. While one is
   * being replaced, both handle connections: one that no istiod shows is left out only if it is not
   * ready, and so has yet to start, or ends.
   *
   * @param whole whether every istiod answered
   */
  Map<String, Map<String, Shown>> ztunnels(MeshSnapshot snapshot, boolean whole) {
    Map<String, Map<String, Shown>> byNode = new HashMap<>();
    Map<String, Shown> shown = ztunnels.getOrDefault(ztunnelNamespace, Map.of());
    NamespaceFacts facts = snapshot.namespace(ztunnelNamespace);
    for (Pod pod : facts == null ? List.<Pod>of() : facts.pods()) {
      boolean handles = ZTUNNEL.equals(pod.labels().get("app")) && (pod.ready() || !whole);
      Shown ztunnel = shown.get(pod.name());
      if (!pod.terminated() && (ztunnel != null || handles)) {
        byNode
            .computeIfAbsent(pod.node(), node -> new HashMap<>())
            .put(pod.name(), ztunnel == null ? Shown.NOWHERE : ztunnel);
      }
    }
    return byNode;
  }

  /** Adds the clusters that an istiod may serve which does not answer now. */
  void mayServe(Set<String> others) {
    clusters.addAll(others);
  }

  Set<String> clusters() {
    return clusters;
  }

  /** Returns why the proxies cannot be attributed to this cluster; empty when they can. */
  String obstacle() {
    return clusters.size() < 2
        ? ""
        : "istiod serves proxies of several clusters ("
            + String.join(", ", clusters)
            + "), whose pods may have the same names: say which one is this by"
            + " mtls-migration.istiod.cluster-id";
  }
}
