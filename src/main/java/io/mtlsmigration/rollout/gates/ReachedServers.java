// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.rollout.MeshReach;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.TrafficReading;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Traffic within the window to servers outside the root namespace that have the mesh's mode. Only a
 * proxy reports it, so each server was captured within the window, and will be again when it has
 * pods again: labels of pods may ask for a proxy where nothing about the namespace does.
 *
 * @param edges those that count
 * @param asleep namespaces with such a server that has no pods now
 * @param old whether that was read too long ago, of some of them
 * @param unknown why nobody can say what some of them took; null when that is known of all
 */
record ReachedServers(
    List<Edge> edges,
    SortedSet<String> asleep,
    boolean old,
    Evidence.@Nullable Unavailable<NamespaceTraffic> unknown) {

  /** Returns them for the mesh step; a namespace's step reaches no others. */
  static ReachedServers of(GateContext context) {
    List<Edge> edges = new ArrayList<>();
    SortedSet<String> asleep = new TreeSet<>();
    boolean old = false;
    Evidence.Unavailable<NamespaceTraffic> unknown = null;
    TrafficReading reading =
        context.observation().traffic(context.spec().gates().plaintextWindow());
    for (NamespaceFacts facts : inheriting(context)) {
      switch (reading.of(facts.name())) {
        case Evidence.Measured<NamespaceTraffic>(var traffic, var asOf) -> {
          old |= context.isOld(asOf);
          for (Edge edge : traffic.edges()) {
            if (counts(context, facts, edge)) {
              edges.add(edge);
              if (ExceptionCover.servers(facts, edge.server(), edge.port()).isEmpty()) {
                asleep.add(facts.name());
              }
            }
          }
        }
        case Evidence.NoSamples<NamespaceTraffic> none -> {
          // nothing there was captured, or nobody called
        }
        case Evidence.Unavailable<NamespaceTraffic> unavailable -> unknown = unavailable;
      }
    }
    return new ReachedServers(edges, asleep, old, unknown);
  }

  /** Returns whether it counts: what has lost its proxies since accepts plaintext for good. */
  private static boolean counts(GateContext context, NamespaceFacts facts, Edge edge) {
    List<Pod> pods = ExceptionCover.servers(facts, edge.server(), edge.port());
    return edge.count() > 0
        && (pods.isEmpty() || pods.stream().anyMatch(pod -> pod.dataPlane().captured()))
        && GovernedServers.counts(facts, context.spec().exceptions(), edge.server(), edge.port());
  }

  private static List<NamespaceFacts> inheriting(GateContext context) {
    MeshModes modes = context.observation().modes();
    return context.isMesh()
        ? modes.snapshot().namespaces().values().stream()
            .filter(facts -> !modes.snapshot().isRoot(facts.name()))
            .filter(facts -> MeshReach.inherits(modes, facts.name()))
            .toList()
        : List.of();
  }

  List<Edge> plaintext() {
    return edges.stream().filter(edge -> edge.security() == Edge.Security.PLAINTEXT).toList();
  }
}
