// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import io.mtlsmigration.mesh.WorkloadRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Port: connections that clients without a proxy hold open at sidecars. A sidecar counts and logs
 * an HTTP request when it ends: a stream (WebSocket, server-sent events, gRPC) shows only in its
 * connection until then.
 */
public interface ConnectionRecord {

  /** Returns what is known now. From memory, never blocks. */
  Reading read();

  /** The state at one time. */
  interface Reading {
    /** Returns false where no pod has been read, so that nobody is known to be connected. */
    boolean any(String namespace);

    Connections of(String namespace);

    /**
     * Has the pods of a namespace read, for as long as this is said again.
     *
     * @param soon whether a gate waits for that alone
     */
    void wanted(String namespace, boolean soon);
  }

  /**
   * The connections to the servers of one namespace. Without a word of a server, all of its pods
   * have been read, again and again.
   *
   * @param held by server: clients without a proxy, with the number of their connections that stay
   *     open; port 0 where it is not known
   * @param seenOnce the same of connections that the last list shows, and none before it: they may
   *     be calls, or stay open
   * @param unread servers with a pod that has yet to be read, with the reason: it may hold a
   *     connection
   * @param failing servers with a pod that cannot be read at present, with the reason
   * @param unreadable servers with a pod that cannot be read until somebody changes something, with
   *     the reason
   * @param strangers servers at which others than pods are connected: whether they have a proxy
   *     nobody knows
   */
  record Connections(
      Map<WorkloadRef, List<SeenCaller>> held,
      Map<WorkloadRef, List<SeenCaller>> seenOnce,
      Map<WorkloadRef, String> unread,
      Map<WorkloadRef, String> failing,
      Map<WorkloadRef, String> unreadable,
      Set<WorkloadRef> strangers) {

    /** Of a source that reads no connections. */
    public static final Connections NONE =
        new Connections(Map.of(), Map.of(), Map.of(), Map.of(), Map.of(), Set.of());

    /** The source of {@link #edges}. */
    public static final String SOURCE = "connections";

    public Connections {
      held = Map.copyOf(held);
      seenOnce = Map.copyOf(seenOnce);
      unread = Map.copyOf(unread);
      failing = Map.copyOf(failing);
      unreadable = Map.copyOf(unreadable);
      strangers = Set.copyOf(strangers);
    }

    /** Returns what is held open as plaintext traffic. */
    public List<Edge> edges() {
      return edges(held);
    }

    /** Returns what may be held open, as plaintext traffic. */
    public List<Edge> doubtful() {
      return edges(seenOnce);
    }

    private static List<Edge> edges(Map<WorkloadRef, List<SeenCaller>> connections) {
      List<Edge> edges = new ArrayList<>();
      connections.forEach(
          (server, clients) -> clients.forEach(seen -> edges.add(edge(server, seen))));
      return edges;
    }

    private static Edge edge(WorkloadRef server, SeenCaller seen) {
      return new Edge(
          seen.client(),
          server,
          seen.port(),
          "tcp",
          Edge.Security.PLAINTEXT,
          seen.count(),
          0,
          seen.firstSeen(),
          seen.lastSeen(),
          SOURCE,
          seen.count());
    }
  }
}
