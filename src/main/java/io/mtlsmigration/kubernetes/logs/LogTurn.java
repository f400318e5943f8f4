// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.LineLoss;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
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
  private final Map<WorkloadRef, Served> served = new HashMap<>();

  /** By address, the servers that have it, or had it when lines were written that are unread. */
  private final Map<String, List<Had>> addresses = new HashMap<>();

  /** The time when it was last told whom it serves. */
  private Instant told = Instant.MIN;

  /**
   * The time in which a server's lines are taken.
   *
   * @param since lines before may have been left
   */
  private record Served(Instant since, Instant latest) {}

  /** A pod's possession of an address, from its creation until it was last seen. */
  private record Had(Pod pod, Instant at) {

    boolean mayHave(Instant line, boolean now) {
      return (now || !line.isAfter(at.plus(AFTER))) && !before(line, pod);
    }
  }

  /**
   * Returns whether a line is from before a pod that has an address now: a ztunnel writes of all
   * pods that had it.
   */
  static boolean before(Instant line, Pod pod) {
    return line.isBefore(pod.createdAt().minus(ClusterNodes.MOST_APART));
  }

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

  /**
   * Records whom it serves now.
   *
   * @param pods that were asked about, by their addresses
   */
  void serves(Map<String, Pod> pods, Asked asked, AddressHistory history, Instant now) {
    boolean shared = WatchedServers.ztunnel(proxy);
    pods.forEach(
        (ip, pod) -> {
          WorkloadRef server = pod.workload();
          served.compute(server, (s, before) -> served(server, before, asked, history, now));
          List<Had> had = addresses.computeIfAbsent(ip, i -> new ArrayList<>(1));
          had.removeIf(one -> one.pod.uid().equals(pod.uid()));
          had.add(new Had(pod, now));
        });
    if (shared) {
      // Of pods that came and went unseen nobody knows which lines were theirs.
      served.replaceAll(
          (server, one) ->
              new Served(later(one.since, history.since(server.namespace())), one.latest));
    }
    told = now;
    Instant read = later(until(), first);
    Instant done = (read.isBefore(now) ? read : now).minus(AFTER);
    addresses.values().forEach(had -> had.removeIf(one -> one.at.isBefore(done)));
    addresses.values().removeIf(List::isEmpty);
  }

  /**
   * Returns since when a server's lines are taken. Those that were read of a log of several servers
   * before somebody asked about this one are left, and so are those of its pods that had ended.
   */
  private Served served(
      WorkloadRef server,
      @Nullable Served before,
      Asked asked,
      AddressHistory history,
      Instant now) {
    boolean shared = WatchedServers.ztunnel(proxy);
    if (!shared || (before != null && !asked.since(server).isAfter(before.latest))) {
      return new Served(before == null ? Instant.MIN : before.since, now);
    }
    boolean unread = before == null ? first.equals(now) : !told.isAfter(before.latest);
    Instant since = unread ? before == null ? Instant.MIN : before.since : now;
    return new Served(
        history
            .lastEnd(
                List.of(server.namespace()),
                0,
                pod -> pod.workload().equals(server) && pod.node().equals(proxy.node()))
            .map(end -> later(since, end.at()))
            .orElse(since),
        now);
  }

  private static Instant later(Instant one, Instant other) {
    return one.isAfter(other) ? one : other;
  }

  /** Returns the servers behind the proxy, past ones included. */
  Set<WorkloadRef> servers() {
    return served.keySet();
  }

  /** Returns since when no line about a server was left. */
  Instant since(WorkloadRef server) {
    Served one = served.get(server);
    return one == null ? Instant.MAX : one.since;
  }

  /**
   * Returns the server that had an address when a line was written; null when it is none that was
   * asked about. Of several, the youngest that existed by then, or else the oldest.
   */
  @Nullable WorkloadRef server(String ip, Instant line) {
    Instant made = line.plus(AddressHistory.SKEW);
    return addresses.getOrDefault(ip, List.of()).stream()
        .filter(had -> had.mayHave(line, had.at.equals(told)))
        .min(
            Comparator.comparing((Had had) -> had.pod.createdAt().isAfter(made))
                .thenComparing(
                    had -> had.pod.createdAt(),
                    (one, other) ->
                        one.isAfter(made) ? one.compareTo(other) : other.compareTo(one)))
        .map(had -> had.pod.workload())
        .orElse(null);
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
