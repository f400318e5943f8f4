// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The order in which logs are read: namespaces take turns, the one whose logs were read least
 * recently first, and so do the logs of each. Nobody can delay another namespace's logs with pods
 * of their own, and a log that has just begun comes last, because pods can be made faster than logs
 * are read. A ztunnel has its own turn, since it serves many namespaces.
 */
final class ReadingOrder {

  private ReadingOrder() {}

  /** A log to be read, and the proxy that writes it. */
  record Waiting(LogTurn turn, WatchedServers.Proxy proxy) {

    boolean isOf(Set<String> namespaces) {
      return proxy.servers().values().stream()
          .anyMatch(pod -> namespaces.contains(pod.namespace()));
    }

    private String owner() {
      return proxy.format() instanceof ZtunnelFormat
          ? "ztunnel " + proxy.pod().uid()
          : proxy.pod().namespace();
    }
  }

  /** The logs of one namespace, the one that waits longest first. */
  private record Queue(Deque<Waiting> logs, Instant served) {
    static Queue of(List<Waiting> logs) {
      logs.sort(
          Comparator.comparing((Waiting log) -> log.turn().waitsSince())
              .thenComparing(log -> log.turn().last));
      Instant served =
          logs.stream()
              .map(log -> log.turn().last)
              .max(Comparator.naturalOrder())
              .filter(last -> last.isAfter(Instant.MIN))
              .orElse(logs.getFirst().turn().waitsSince());
      return new Queue(new ArrayDeque<>(logs), served);
    }
  }

  static Deque<Waiting> of(List<Waiting> waiting) {
    Map<String, List<Waiting>> byOwner =
        waiting.stream()
            .collect(Collectors.groupingBy(Waiting::owner, HashMap::new, Collectors.toList()));
    Deque<Queue> queues =
        byOwner.values().stream()
            .map(Queue::of)
            .sorted(Comparator.comparing(Queue::served))
            .collect(Collectors.toCollection(ArrayDeque::new));
    Deque<Waiting> order = new ArrayDeque<>(waiting.size());
    while (!queues.isEmpty()) {
      Queue next = queues.remove();
      order.add(next.logs().remove());
      if (!next.logs().isEmpty()) {
        queues.add(next);
      }
    }
    return order;
  }
}
