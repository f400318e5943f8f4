// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The servers recently asked about, whose proxies' logs are worth reading. Thread-safe. When there
 * are too many, a namespace with more than its share ({@link Shares}) gets no more, and gives up
 * what others need; the lines of a server that is not taken count as not read.
 */
final class Asked {

  /** The time after the last question at which reading stops. */
  private static final Duration INTEREST = Duration.ofMinutes(10);

  static final int MAX_SERVERS = 5_000;

  private final Map<WorkloadRef, Interest> servers = new ConcurrentHashMap<>();

  private final Shares shares = new Shares(MAX_SERVERS);

  private volatile Set<String> first = Set.of();

  /** The first and the last question of those that followed soon enough. */
  private record Interest(Instant since, Instant latest) {}

  /** Servers of these namespaces are taken however many others there are. */
  void first(Set<String> namespaces) {
    first = Set.copyOf(namespaces);
  }

  void about(WorkloadRef server, Instant now) {
    if (servers.computeIfPresent(server, (s, known) -> new Interest(known.since, now)) == null) {
      take(server, now);
    }
  }

  private synchronized void take(WorkloadRef server, Instant now) {
    String namespace = server.namespace();
    if (servers.putIfAbsent(server, new Interest(now, now)) != null) {
      return;
    }
    shares.add(namespace);
    String over = shares.over(first);
    if (over == null || first.contains(over)) {
      return;
    }
    if (over.equals(namespace)) {
      drop(server);
      return;
    }
    servers.entrySet().stream()
        .filter(known -> known.getKey().namespace().equals(over))
        .min(Comparator.comparing(known -> known.getValue().latest))
        .ifPresent(known -> drop(known.getKey()));
  }

  /** Returns since when a server has been asked about; the future when it is not. */
  Instant since(WorkloadRef server) {
    Interest interest = servers.get(server);
    return interest == null ? Instant.MAX : interest.since;
  }

  private synchronized void drop(WorkloadRef server) {
    if (servers.remove(server) != null) {
      shares.remove(server.namespace());
    }
  }

  /**
   * Returns the proxies in front of these servers.
   *
   * @param ztunnels the namespace that ztunnel runs in
   */
  WatchedServers watch(MeshSnapshot snapshot, String ztunnels, Instant now) {
    Instant old = now.minus(INTEREST);
    servers.forEach(
        (server, interest) -> {
          if (interest.latest.isBefore(old)) {
            drop(server);
          }
        });
    Set<String> namespaces = new HashSet<>();
    servers.keySet().forEach(server -> namespaces.add(server.namespace()));
    return WatchedServers.of(
        snapshot,
        new WatchedServers.Scope(namespaces, ztunnels),
        pod -> servers.containsKey(pod.workload()));
  }
}
