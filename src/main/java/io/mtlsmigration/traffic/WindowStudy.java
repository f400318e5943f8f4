// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The length that a plaintext window needs so that no client that is known from history would have
 * been taken for silent. Missing evidence never shortens it: a time between two calls counts in
 * full, whether or not somebody watched.
 *
 * @param clients whose window is longest first
 * @param knownFrom since when anything is known; null when nothing is
 * @param holes times after that of which nothing is known, the oldest first
 * @param longest the client that decides the window; null when no client's period is known
 * @param limits what this history cannot tell
 */
public record WindowStudy(
    PlaintextCalls history,
    List<ClientCalls> clients,
    @Nullable Instant knownFrom,
    List<Hole> holes,
    @Nullable ClientCalls longest,
    List<HistoryLimit> limits) {

  public WindowStudy {
    clients = List.copyOf(clients);
    holes = List.copyOf(holes);
    limits = List.copyOf(limits);
  }

  /** Returns the shortest round window that would have missed nobody; null when none is known. */
  public @Nullable Duration window() {
    return longest == null ? null : longest.window();
  }

  /**
   * Returns the clients alone that were seen to be silent and to call again, without their calls.
   */
  public WindowStudy silences() {
    return new WindowStudy(
        new PlaintextCalls(history.from(), history.step(), List.of(), List.of()),
        clients.stream().filter(c -> c.seen() != null).map(ClientCalls::brief).toList(),
        knownFrom,
        holes,
        longest == null ? null : longest.brief(),
        limits);
  }

  /** Returns the same with a limit that something else than the history tells of. */
  public WindowStudy with(HistoryLimit limit) {
    List<HistoryLimit> all = new ArrayList<>(limits);
    all.addFirst(limit);
    return new WindowStudy(history, clients, knownFrom, holes, longest, all);
  }

  /**
   * Calls within a longer time.
   *
   * @param calls null when none was counted and nobody watched
   */
  public record Bucket(Instant from, @Nullable Long calls) {}

  /** Returns a client's calls in buckets that begin at multiples of their length since 1970. */
  public List<Bucket> buckets(ClientCalls client, Duration length) {
    List<Bucket> buckets = new ArrayList<>();
    int steps = history.watched().size();
    int i = 0;
    while (i < steps) {
      long bucket = Math.floorDiv(history.begin(i).getEpochSecond(), length.toSeconds());
      Instant begin = Instant.ofEpochSecond(bucket * length.toSeconds());
      long calls = 0;
      boolean watched = false;
      for (; i < steps && history.begin(i).isBefore(begin.plus(length)); i++) {
        calls += client.calls().get(i);
        watched |= history.watched().get(i);
      }
      buckets.add(new Bucket(begin, calls == 0 && !watched ? null : (Long) calls));
    }
    return buckets;
  }

  /**
   * Computes it.
   *
   * @param strict whether a server refuses plaintext now
   */
  public static WindowStudy of(PlaintextCalls history, Instant now, boolean strict) {
    Map<String, List<PlaintextCalls.Row>> rows = new LinkedHashMap<>();
    for (PlaintextCalls.Row row : history.rows()) {
      rows.computeIfAbsent(row.client().id(), id -> new ArrayList<>()).add(row);
    }
    List<ClientCalls> clients =
        rows.values().stream()
            .map(own -> ClientCalls.of(history, own, now))
            .sorted(
                Comparator.comparing(
                        ClientCalls::window,
                        Comparator.nullsLast(Comparator.<Duration>reverseOrder()))
                    .thenComparing(client -> client.client().id()))
            .toList();
    int first = history.watched().indexOf(true);
    List<Hole> holes = first < 0 ? List.of() : holes(history, first);
    ClientCalls longest =
        clients.isEmpty() || clients.getFirst().window() == null ? null : clients.getFirst();
    Instant knownFrom = first < 0 ? null : history.begin(first);
    return new WindowStudy(
        history,
        clients,
        knownFrom,
        holes,
        longest,
        new HistoryLimits(history, clients, knownFrom, holes).all(strict));
  }

  private static List<Hole> holes(PlaintextCalls history, int first) {
    List<Hole> holes = new ArrayList<>();
    int begun = -1;
    for (int i = first; i <= history.watched().size(); i++) {
      boolean watched = i == history.watched().size() || history.watched().get(i);
      if (!watched && begun < 0) {
        begun = i;
      } else if (watched && begun >= 0) {
        holes.add(new Hole(history.begin(begun), history.begin(i)));
        begun = -1;
      }
    }
    return holes;
  }
}
