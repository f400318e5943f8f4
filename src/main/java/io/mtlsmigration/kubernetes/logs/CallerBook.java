// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.SeenCaller;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The observed senders of plaintext by server, in bounded memory: of a namespace that fills more
 * than its share ({@link Shares}), the one silent for longest is dropped first.
 */
final class CallerBook {

  /**
   * The maximum number of clients of one server, counted by port; a flood of one server must not
   * displace the clients of others.
   */
  static final int OF_ONE_SERVER = 200;

  /** The maximum for all servers; some 12 KiB each when they have called every minute of a day. */
  static final int OF_ALL = 2_000;

  private final Duration retained;
  private final Map<WorkloadRef, Map<Key, Entry>> servers = new HashMap<>();
  private final Map<WorkloadRef, Instant> lost = new HashMap<>();
  private final Shares shares = new Shares(OF_ALL);
  private Set<String> kept = Set.of();

  CallerBook(Duration retained) {
    this.retained = retained;
  }

  private record Key(Caller client, int port, boolean http, boolean own) {}

  private static final class Entry {
    private final MinuteCounts counts;
    private Instant first;
    private Instant last;

    Entry(Duration retained, Instant at) {
      this.counts = new MinuteCounts(retained);
      this.first = at;
      this.last = at;
    }
  }

  /**
   * Records a call.
   *
   * @param own whether it was one of the service's probes
   */
  synchronized void add(WorkloadRef server, Caller client, PlaintextLine line, boolean own) {
    Map<Key, Entry> callers = servers.computeIfAbsent(server, s -> new HashMap<>());
    Key key = new Key(client, line.server().port(), line.http(), own);
    Entry entry = callers.get(key);
    if (entry == null) {
      entry = new Entry(retained, line.at());
      callers.put(key, entry);
      shares.add(server.namespace());
      if (callers.size() > OF_ONE_SERVER) {
        forgetOneOf(server, callers);
      }
      String over = shares.over(kept);
      if (over != null) {
        forgetOne(over);
      }
    }
    entry.counts.add(line.at());
    entry.first = line.at().isBefore(entry.first) ? line.at() : entry.first;
    entry.last = line.at().isAfter(entry.last) ? line.at() : entry.last;
  }

  /** Callers of these namespaces are forgotten last, of those that fill more than their share. */
  synchronized void keep(Set<String> namespaces) {
    kept = Set.copyOf(namespaces);
  }

  private void forgetOne(String namespace) {
    servers.entrySet().stream()
        .filter(callers -> callers.getKey().namespace().equals(namespace))
        .filter(callers -> !callers.getValue().isEmpty())
        .min(Comparator.comparing(callers -> oldest(callers.getValue())))
        .ifPresent(callers -> forgetOneOf(callers.getKey(), callers.getValue()));
  }

  private static Instant oldest(Map<Key, Entry> callers) {
    return callers.values().stream().map(entry -> entry.last).min(Instant::compareTo).orElseThrow();
  }

  private void forgetOneOf(WorkloadRef server, Map<Key, Entry> callers) {
    Map.Entry<Key, Entry> silent =
        callers.entrySet().stream()
            .min(Comparator.comparing(entry -> entry.getValue().last))
            .orElseThrow();
    callers.remove(silent.getKey());
    shares.remove(server.namespace());
    Instant last = silent.getValue().last;
    lost.merge(server, last, (one, other) -> one.isAfter(other) ? one : other);
  }

  /** Returns until when callers of a server were read, but have been dropped since. */
  synchronized Instant lost(WorkloadRef server) {
    return lost.getOrDefault(server, Instant.MIN);
  }

  /** Returns until when each server's callers were read, but have been dropped since. */
  synchronized Map<WorkloadRef, Instant> lost() {
    return Map.copyOf(lost);
  }

  /** Drops callers before a time. */
  synchronized void forget(Instant before) {
    lost.values().removeIf(at -> at.isBefore(before));
    servers
        .entrySet()
        .removeIf(
            server -> {
              Map<Key, Entry> callers = server.getValue();
              int known = callers.size();
              callers.values().removeIf(entry -> entry.last.isBefore(before));
              for (int i = callers.size(); i < known; i++) {
                shares.remove(server.getKey().namespace());
              }
              return callers.isEmpty();
            });
  }

  /** Returns the callers in the order of ports and names. */
  synchronized List<SeenCaller> of(WorkloadRef server, Instant from, Instant to) {
    List<SeenCaller> seen = new ArrayList<>();
    servers
        .getOrDefault(server, Map.of())
        .forEach(
            (key, entry) -> {
              long count = entry.counts.sum(from, to);
              if (count > 0) {
                seen.add(
                    new SeenCaller(
                        key.client(),
                        key.port(),
                        key.http(),
                        key.own(),
                        count,
                        entry.first.isBefore(from) ? from : entry.first,
                        entry.last.isAfter(to) ? to : entry.last));
              }
            });
    seen.sort(
        Comparator.comparingInt(SeenCaller::port)
            .thenComparing(caller -> caller.client().id())
            .thenComparing(caller -> caller.client().address()));
    return seen;
  }
}
