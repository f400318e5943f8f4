// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The gaps of a history, in words. */
record HistoryLimits(
    PlaintextCalls history,
    List<ClientCalls> clients,
    @Nullable Instant knownFrom,
    List<Hole> holes) {

  private static final int NAMED = 10;

  List<HistoryLimit> all(boolean strict) {
    List<HistoryLimit> limits = new ArrayList<>();
    if (knownFrom == null || knownFrom.isAfter(history.from())) {
      limits.add(new HistoryLimit(LimitKind.HISTORY_SHORT, tooShort()));
    }
    if (!holes.isEmpty()) {
      limits.add(new HistoryLimit(LimitKind.HOLES, unwatched()));
    }
    if (clients.isEmpty()) {
      limits.add(
          new HistoryLimit(
              LimitKind.NOBODY_SEEN,
              "nobody was seen to send plaintext, so there is no period to go by: a client that"
                  + " calls less often than this history is long may be in none of it"));
    }
    add(
        limits,
        LimitKind.SEEN_ONCE,
        ClientCalls::once,
        " called in one hour alone: how often is not known, and the window does not count them");
    if (clients.stream().anyMatch(client -> client.client().nameless())) {
      limits.add(
          new HistoryLimit(
              LimitKind.UNKNOWN_CLIENTS,
              "clients outside the mesh are counted together as unknown: each of them may call"
                  + " less often than all of them do, and the service's own probes are among them"
                  + " where the source only counts"));
    }
    if (clients.stream().anyMatch(client -> client.client().equals(Caller.OTHERS))) {
      limits.add(
          new HistoryLimit(
              LimitKind.OTHERS,
              "there are more clients than are told apart: some are counted together as others, of"
                  + " whom each may call less often than all of them do; whoever calls can have"
                  + " made up their names"));
    }
    add(
        limits,
        LimitKind.UNDATED_CALLS,
        client -> client.undatedBefore() != null,
        " also called while nobody watched, at a time that is not known: such calls end no"
            + " silence");
    limits.add(
        new HistoryLimit(
            LimitKind.STRICT,
            strict
                ? "plaintext is refused here now, and whom a proxy refuses it does not count: since"
                    + " then clients look silent that may call in vain"
                : "whom a proxy refuses it does not count: while a server was STRICT, clients look"
                    + " silent that may have called in vain"));
    limits.add(
        new HistoryLimit(
            LimitKind.RESOLUTION,
            "times are known to "
                + history.step()
                + ": a silence is that much longer or shorter at most, and the window has room for"
                + " the longer one"));
    return limits;
  }

  private String tooShort() {
    Instant end = history.begin(history.watched().size());
    return knownFrom == null
        ? "no whole hour from %s to %s was watched: the source keeps data for too short a time, is younger, was down, or has never asked who counts the calls to this namespace"
            .formatted(history.from(), end)
        : "nothing is known from %s to %s: the source keeps data for too short a time, or is younger; a client that calls less often than every %s may not be seen"
            .formatted(history.from(), knownFrom, Duration.between(knownFrom, end));
  }

  private String unwatched() {
    Duration all =
        holes.stream()
            .map(hole -> Duration.between(hole.from(), hole.until()))
            .reduce(Duration.ZERO, Duration::plus);
    return "%s in all were not watched, the last time from %s to %s: somebody may have called then, so a silence around it is not known to be one; it counts in full all the same"
        .formatted(all, holes.getLast().from(), holes.getLast().until());
  }

  /** Adds a limit that concerns some clients, if there are any. */
  private void add(
      List<HistoryLimit> limits, LimitKind kind, Predicate<ClientCalls> concerned, String what) {
    List<String> ids =
        clients.stream().filter(concerned).map(client -> client.client().id()).sorted().toList();
    if (ids.isEmpty()) {
      return;
    }
    int more = ids.size() - NAMED;
    limits.add(
        new HistoryLimit(
            kind,
            ids.stream().limit(NAMED).collect(Collectors.joining(", "))
                + (more > 0 ? " and " + more + " more" : "")
                + what));
  }
}
