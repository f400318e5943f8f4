// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.LineLoss;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A log, and when it was read last. Kept as long as its callers are, since a line that is read
 * twice would count for a caller whose lines were not read. Used by one thread at a time.
 */
final class LogTurn {

  /** Takes plaintext calls, and reports entries that may be plaintext of an unknown caller. */
  static final ProxyLog.Taker<PlaintextLine> PLAINTEXT =
      new ProxyLog.Taker<>() {
        @Override
        public Optional<PlaintextLine> take(LineFormat format, Instant at, String entry) {
          return format.plaintext(at, entry);
        }

        @Override
        public Optional<LineLoss> missed(LineFormat format, String entry) {
          return format.doubt(entry);
        }
      };

  final Pod proxy;
  final ProxyLog<PlaintextLine> log;

  /**
   * How long the address of an ended pod is kept: ztunnel writes the end of a connection after the
   * pod's, when the pod is no longer listed.
   */
  private static final Duration AFTER = Duration.ofMinutes(2);

  /** The servers behind the proxy, past ones included. */
  final Set<WorkloadRef> servers = new HashSet<>();

  /** The recent servers by their addresses. */
  private final Map<String, Had> addresses = new HashMap<>();

  private record Had(WorkloadRef server, Instant at) {}

  /** The last time it was read. */
  Instant last = Instant.MIN;

  /** The last time it was worth reading. */
  Instant wanted;

  /** The first time its pod was missing; null while it exists. */
  @Nullable Instant ended;

  /** Until when it may have written unread lines, since it ended. */
  Instant gap = Instant.MIN;

  private final Instant first;

  LogTurn(Pod proxy, ProxyLog<PlaintextLine> log, Instant now) {
    this.proxy = proxy;
    this.log = log;
    this.first = now;
    this.wanted = now;
  }

  /**
   * Returns the logs of pods that have ended by which namespaces have more than their share, those
   * that ended first.
   *
   * @param turns all logs, by the UID of the proxy's pod
   * @param most how many there may be
   */
  static Map<String, LogTurn> surplus(Map<String, LogTurn> turns, int most) {
    if (turns.size() <= most) {
      return Map.of();
    }
    Shares shares = new Shares(most);
    Map<String, Queue<Map.Entry<String, LogTurn>>> ended = new HashMap<>();
    for (Map.Entry<String, LogTurn> turn : turns.entrySet()) {
      String namespace = turn.getValue().proxy.namespace();
      shares.add(namespace);
      if (turn.getValue().ended != null) {
        ended
            .computeIfAbsent(
                namespace,
                n -> new PriorityQueue<>(Comparator.comparing(one -> end(one.getValue()))))
            .add(turn);
      }
    }
    Map<String, LogTurn> surplus = new HashMap<>();
    Set<String> empty = new HashSet<>();
    for (String over = shares.over(Set.of(), empty);
        over != null;
        over = shares.over(Set.of(), empty)) {
      Map.Entry<String, LogTurn> first = ended.getOrDefault(over, new ArrayDeque<>()).poll();
      if (first == null) {
        empty.add(over); // its others are of pods that exist
        continue;
      }
      shares.remove(over);
      surplus.put(first.getKey(), first.getValue());
    }
    return surplus;
  }

  private static Instant end(LogTurn turn) {
    return turn.ended == null ? Instant.MAX : turn.ended;
  }

  void serves(Map<String, Pod> pods, Instant now) {
    pods.forEach(
        (ip, pod) -> {
          servers.add(pod.workload());
          addresses.put(ip, new Had(pod.workload(), now));
        });
    addresses.values().removeIf(had -> had.at.isBefore(now.minus(AFTER)));
  }

  /** Returns the server that has, or just had, an address; null when none was asked about. */
  @Nullable WorkloadRef server(String ip) {
    Had had = addresses.get(ip);
    return had == null ? null : had.server;
  }

  /** Returns the time since when it waits to be read. */
  Instant waitsSince() {
    return last.isBefore(first) ? first : last;
  }

  /** Returns the time until which lines have been read. */
  Instant until() {
    Instant asOf = log.asOf();
    return asOf != null ? asOf : log.unborn() ? last : first;
  }
}
