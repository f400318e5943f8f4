// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The servers recently asked about, whose proxies' logs are worth reading. Thread-safe. */
final class Asked {

  /** The time after the last question at which reading stops. */
  private static final Duration INTEREST = Duration.ofMinutes(10);

  private static final int MAX_SERVERS = 5_000;

  private final Map<WorkloadRef, Instant> servers = new ConcurrentHashMap<>();

  private volatile Set<String> first = Set.of();

  /** Servers of these namespaces are taken however many others there are. */
  void first(Set<String> namespaces) {
    first = Set.copyOf(namespaces);
  }

  void about(WorkloadRef server, Instant now) {
    if (servers.size() < MAX_SERVERS
        || first.contains(server.namespace())
        || servers.containsKey(server)) {
      servers.put(server, now);
    }
  }

  /**
   * Returns the proxies in front of these servers.
   *
   * @param ztunnels the namespace that ztunnel runs in
   */
  WatchedServers watch(MeshSnapshot snapshot, String ztunnels, Instant now) {
    servers.values().removeIf(at -> at.isBefore(now.minus(INTEREST)));
    Set<String> namespaces = new HashSet<>();
    servers.keySet().forEach(server -> namespaces.add(server.namespace()));
    return WatchedServers.of(
        snapshot,
        new WatchedServers.Scope(namespaces, ztunnels),
        pod -> servers.containsKey(pod.workload()));
  }
}
