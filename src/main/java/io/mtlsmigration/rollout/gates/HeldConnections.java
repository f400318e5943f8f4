// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Plaintext connections that ambient pods keep after a lock. ztunnel checks its policies when a
 * connection begins: STRICT refuses new connections but does not end open ones, unlike a sidecar,
 * which drains them. Traffic on them is counted in bytes; a silent one does not show.
 *
 * @param open the connections, client and server in words
 * @param untold workloads with ports that stay open, whose counters do not tell the port
 */
public record HeldConnections(List<String> open, List<String> untold) {

  /**
   * Returns what was counted since old connections of sidecars have drained.
   *
   * @param traffic the traffic of a namespace
   */
  public static HeldConnections of(
      GateContext context, String namespace, NamespaceTraffic traffic, Instant drained) {
    NamespaceFacts facts = context.observation().modes().snapshot().namespace(namespace);
    List<String> open = new ArrayList<>();
    List<String> untold = new ArrayList<>();
    if (facts == null) {
      return new HeldConnections(open, untold);
    }
    ExceptionCover cover = ExceptionCover.of(facts, context.spec().exceptions());
    for (Edge edge : traffic.edges()) {
      WorkloadRef server = edge.server();
      boolean plaintext =
          edge.security() == Edge.Security.PLAINTEXT
              && edge.count() > 0
              && edge.lastSeen().isAfter(drained);
      if (!plaintext || !ambient(facts, edge) || cover.covers(edge.server(), edge.port())) {
        continue;
      }
      if (edge.port() == 0 && cover.touches(edge.server(), edge.port())) {
        if (edge.open() > 0) {
          open.add(
              edge.client().id() + " to " + server.id() + " (ztunnel does not say to which port)");
        } else {
          untold.add(server.id());
        }
      } else {
        open.add(edge.client().id() + " to " + server.id());
      }
    }
    return new HeldConnections(open, untold);
  }

  /** Returns what a namespace that was found STRICT accepts now; empty where nobody counts it. */
  public static HeldConnections now(GateContext context) {
    String namespace = context.facts().name();
    boolean ambient =
        context.facts().pods().stream().anyMatch(pod -> pod.dataPlane() == DataPlane.AMBIENT);
    return ambient
            && context.traffic()
                instanceof Evidence.Measured<NamespaceTraffic>(var traffic, var asOf)
        ? of(context, namespace, traffic, asOf.minus(context.limits().evidenceAge()))
        : new HeldConnections(List.of(), List.of());
  }

  private static boolean ambient(NamespaceFacts facts, Edge edge) {
    return ExceptionCover.servers(facts, edge.server(), edge.port()).stream()
        .anyMatch(pod -> pod.dataPlane() == DataPlane.AMBIENT);
  }

  /** Returns what is still open and what ends it, in words. */
  public String words() {
    return "plaintext still comes over connections from before the lock, which ztunnel does not"
        + " end: "
        + Words.list(open)
        + "; restart the client or the server";
  }
}
