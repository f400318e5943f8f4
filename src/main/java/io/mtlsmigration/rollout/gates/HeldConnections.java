// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.TrafficReading;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

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
   * A connection counts as open for so many ages of evidence after its last byte: that its ztunnel
   * is not scraped shows after the five minutes for which Prometheus looks back for a sample, and
   * until then it is as if nothing came.
   */
  private static final int UNNOTICED = 3;

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

  /**
   * Returns what the subject of a step that was found STRICT accepts now; for the mesh, what
   * namespaces accept that inherit its policy. Null when nobody counts it, of which the gate {@code
   * plaintext} says why; that of the mesh passes where those that it reaches were heard.
   */
  public static @Nullable HeldConnections now(GateContext context) {
    MeshModes modes = context.observation().modes();
    TrafficReading reading =
        context.observation().traffic(context.spec().gates().plaintextWindow());
    List<String> open = new ArrayList<>();
    boolean known = true;
    for (String namespace : context.namespaces()) {
      NamespaceFacts facts = modes.snapshot().namespace(namespace);
      if (facts == null || facts.pods().stream().noneMatch(HeldConnections::ambient)) {
        continue;
      }
      if (reading.of(namespace)
          instanceof Evidence.Measured<NamespaceTraffic>(var traffic, var asOf)) {
        Duration age = context.limits().evidenceAge();
        Instant ended = asOf.minus(age.multipliedBy(UNNOTICED));
        open.addAll(of(context, namespace, traffic, ended).open());
        known &= !context.isOld(asOf) && counted(facts, traffic, asOf);
      } else {
        known = false;
      }
    }
    return known || !open.isEmpty() ? new HeldConnections(open, List.of()) : null;
  }

  /** Returns whether what each ambient workload takes is counted now. */
  private static boolean counted(NamespaceFacts facts, NamespaceTraffic traffic, Instant asOf) {
    return facts.pods().stream()
        .filter(HeldConnections::ambient)
        .map(pod -> traffic.watched().get(pod.workload()))
        .allMatch(watch -> watch != null && watch.counts(asOf));
  }

  private static boolean ambient(Pod pod) {
    return !pod.terminated() && pod.dataPlane() == DataPlane.AMBIENT;
  }

  private static boolean ambient(NamespaceFacts facts, Edge edge) {
    return ExceptionCover.servers(facts, edge.server(), edge.port()).stream()
        .anyMatch(HeldConnections::ambient);
  }

  /** Returns what is still open and what ends it, in words. */
  public String words() {
    return "plaintext still comes over connections from before the lock, which ztunnel does not"
        + " end: "
        + Words.list(open)
        + "; restart the client or the server";
  }
}
