// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.ServerTelemetry;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.LineLoss;
import io.mtlsmigration.traffic.LinesRead;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The time for which every line about each server was read. Recomputed with each reading, by one
 * thread; read by any.
 */
final class LineAccount {

  /** Pods that came and went during a longer pause are unknown. */
  private static final Duration UNSEEN = Duration.ofSeconds(30);

  /** The delay of lines: Envoy flushes once a second, and the kubelet passes them on. */
  private static final Duration LAG = Duration.ofSeconds(3);

  static final String DROPPED =
      "too many clients call it to be kept, or too many of its pods have ended";

  private static final String MUTE =
      "its calls were not logged for a while (no Telemetry, and no accessLogFile, says so)";

  private static final LinesRead NOTHING =
      new LinesRead(null, Instant.EPOCH, Instant.MAX, "the access logs have not been read yet");

  /** How a file ended and how the next one begins may be known one after the other. */
  private static final Duration GAP = Duration.ofMinutes(1);

  /** The time within which proxies follow a change of their logs. */
  private static final Duration FOLLOWED = Duration.ofMinutes(1);

  /** A gap that goes on for longer does not end by itself. */
  private static final Duration LASTING = Duration.ofMinutes(10);

  /** Until when lines have been kept out of a server's logs, and by what. */
  private final Map<WorkloadRef, LinesRead.Gap> filtered = new HashMap<>();

  /** Servers whose calls were logged at some look; all of them where the mesh logs by default. */
  private Set<WorkloadRef> logged = Set.of();

  private boolean allLogged;

  /** Servers whose calls were not logged at the last look. */
  private Set<WorkloadRef> mute = Set.of();

  private final Map<WorkloadRef, Instant> followed = new HashMap<>();
  private final Map<WorkloadRef, Map<LineLoss, Lost>> gaps = new HashMap<>();
  private Instant latest = Instant.MIN;
  private volatile Map<WorkloadRef, LinesRead> known = Map.of();

  /** The latest gap of a kind, and the end of its first sighting. */
  private record Lost(Instant begin, LinesRead.Gap gap) {

    static Lost begins(LinesRead.Gap gap, @Nullable Instant before) {
      return new Lost(gap.since(), new LinesRead.Gap(gap.since(), before, gap.detail()));
    }

    /** Returns it with another sighting, which is the same gap's when it follows soon. */
    Lost with(LinesRead.Gap next) {
      if (!next.since().isAfter(gap.since())) {
        return this;
      }
      if (next.since().isAfter(gap.since().plus(GAP))) {
        return begins(next, gap.since());
      }
      boolean lasts = next.since().isAfter(begin.plus(LASTING));
      Instant before = lasts ? gap.since() : gap.before();
      return new Lost(begin, new LinesRead.Gap(next.since(), before, next.detail()));
    }
  }

  /** Returns the account of one server. */
  LinesRead of(WorkloadRef server) {
    return known.getOrDefault(server, NOTHING);
  }

  /** Looks for calls that are kept out of logs, whether these are read or not. */
  void look(MeshSnapshot snapshot, Instant now, Instant oldest) {
    filtered.values().removeIf(gap -> gap.since().isBefore(oldest));
    if (snapshot.observedAt().equals(Instant.EPOCH)) {
      return; // what the mesh logs has not been read yet
    }
    boolean byDefault = snapshot.settings().accessLogs().byDefault();
    allLogged |= byDefault;
    Set<WorkloadRef> speaking = new HashSet<>();
    Set<WorkloadRef> silent = new HashSet<>();
    ServerTelemetry telemetry = new ServerTelemetry(snapshot);
    for (NamespaceFacts namespace :
        byDefault ? telemetry.namespaces() : snapshot.namespaces().values()) {
      for (Pod pod : namespace.pods()) {
        WorkloadRef server = pod.workload();
        ObjectRef by = telemetry.leavesCallsOut(pod);
        if (by != null) {
          leftOut(
              server,
              by + " keeps calls out of its access log (accessLogging: filter or disabled)",
              now);
        }
        if (pod.dataPlane() != DataPlane.SIDECAR) {
          continue;
        }
        boolean logs = telemetry.logs(pod);
        (logs ? speaking : silent).add(server);
        if (!logs && (allLogged || logged.contains(server))) {
          speaking.add(server);
          leftOut(server, MUTE, now);
        }
      }
    }
    for (WorkloadRef server : mute) {
      if (!speaking.contains(server)) {
        silent.addAll(server.lasting() ? Set.of(server) : Set.of()); // also one scaled to zero
      } else if (!silent.contains(server)) {
        leftOut(server, MUTE, now);
      }
    }
    logged = speaking;
    mute = silent;
  }

  private void leftOut(WorkloadRef server, String why, Instant now) {
    // Proxies follow within seconds when it is changed.
    filtered.put(server, new LinesRead.Gap(now.plus(FOLLOWED), null, why));
  }

  /**
   * Updates the accounts after a reading.
   *
   * @param turns all that are remembered, by the UID of the proxy's pod
   * @param lost until when lines of a server were read and forgotten
   * @param waiting when the oldest line with an unknown caller was written, by server
   */
  void read(
      Map<String, LogTurn> turns,
      WatchedServers watch,
      Map<WorkloadRef, Instant> lost,
      Map<WorkloadRef, Instant> waiting,
      Instant now) {
    Map<WorkloadRef, Sum> sums = sums(watch, now);
    turns.forEach(
        (uid, turn) -> {
          boolean there = watch.proxies().containsKey(uid);
          missed(turn, there, now);
          for (WorkloadRef server : turn.servers()) {
            Sum sum = sums.get(server);
            if (sum != null) {
              sum.add(turn, there, now);
              sum.from(
                  turn.since(server),
                  "lines about it were read before and left, since nobody had asked about it, or"
                      + " of which pods they were is not known");
            }
          }
        });
    Map<WorkloadRef, LinesRead> next = new HashMap<>();
    sums.forEach(
        (server, sum) -> {
          sum.lost(LineLoss.TOO_MANY_CLIENTS, lost.getOrDefault(server, Instant.MIN), DROPPED);
          LinesRead.Gap out = filtered.get(server);
          if (out != null) {
            sum.lost(LineLoss.LEFT_OUT, out.since(), out.detail());
          }
          sum.to(waiting.getOrDefault(server, now));
          next.put(server, sum.told(followed.getOrDefault(server, now), gaps(server, sum)));
        });
    known = Map.copyOf(next);
  }

  private Map<WorkloadRef, Sum> sums(WatchedServers watch, Instant now) {
    if (latest.isBefore(now.minus(UNSEEN))) {
      followed.clear(); // pods that came and went meanwhile are unknown
    }
    latest = now;
    Map<WorkloadRef, Sum> sums = new HashMap<>();
    for (List<WatchedServers.Server> servers : watch.byNamespace().values()) {
      for (WatchedServers.Server server : servers) {
        Sum sum = sums.computeIfAbsent(server.pod().workload(), w -> new Sum(now));
        if (server.proxy() == null) {
          sum.blind("no ztunnel is known on the node of pod " + server.pod().name());
        }
      }
    }
    Set<WorkloadRef> gone = new HashSet<>(followed.keySet());
    gone.removeAll(sums.keySet());
    gone.forEach(followed::remove);
    gaps.keySet().retainAll(sums.keySet());
    sums.keySet().forEach(server -> followed.putIfAbsent(server, now));
    return sums;
  }

  /**
   * Records that a pod does not exist any more, or was not asked about for a while. Nobody reads
   * what it wrote after the last reading, however short that was: at its end it logs every
   * connection that was open until then, which may have been counted long before.
   */
  private static void missed(LogTurn turn, boolean there, Instant now) {
    if (there) {
      turn.ended = null;
      turn.gap = Instant.MIN;
    } else if (turn.ended == null) {
      turn.ended = now;
      turn.gap = turn.log.neverServed() ? Instant.MIN : now;
    }
  }

  /** Returns the latest gap of each kind; one that goes on is not another one. */
  private Map<LineLoss, LinesRead.Gap> gaps(WorkloadRef server, Sum sum) {
    Map<LineLoss, Lost> known = gaps.computeIfAbsent(server, s -> new EnumMap<>(LineLoss.class));
    sum.lost.forEach(
        (kind, gap) ->
            known.compute(kind, (k, old) -> old == null ? Lost.begins(gap, null) : old.with(gap)));
    Map<LineLoss, LinesRead.Gap> told = new EnumMap<>(LineLoss.class);
    known.forEach((kind, lost) -> told.put(kind, lost.gap()));
    return told;
  }

  /** The account of one server. */
  private static final class Sum {
    private Instant since = Instant.EPOCH;
    private Instant until;
    private String why = "";
    private @Nullable String blind;
    private final Map<LineLoss, LinesRead.Gap> lost = new EnumMap<>(LineLoss.class);

    Sum(Instant now) {
      this.until = now;
    }

    void add(LogTurn turn, boolean there, Instant now) {
      Pod proxy = turn.proxy;
      String log = "the log of istio-proxy in pod " + proxy.namespace() + "/" + proxy.name();
      if (there) {
        UnreadLog failure = turn.log.failure(now);
        if (failure != null) {
          blind(failure.detail());
        }
        to(turn.until());
      }
      turn.log.losses().forEach((kind, at) -> lost(kind, at, log + words(kind)));
      lost(LineLoss.POD_ENDED, turn.gap, log + " ended before it was read to its end");
      from(turn.log.from(), log + " was not read before");
    }

    private static String words(LineLoss kind) {
      return switch (kind) {
        case NOT_KEPT -> " has lines before that nobody could read: the kubelet has its last file";
        case FORMAT -> " is in a format that does not tell which calls are plaintext, and whose";
        case NAME_ALONE ->
            " has a connection of which only the name that its client asked for says that it was"
                + " mutual TLS";
        case HIDDEN -> " has a line that does not tell who called, or could not be understood";
        case FLOODED -> " was written faster than it is read";
        case LEFT_OUT, POD_ENDED, TOO_MANY_CLIENTS -> " is not complete";
      };
    }

    /** Adds the end of a gap; {@link Instant#MIN} for none. */
    void lost(LineLoss kind, Instant until, String detail) {
      if (until.isAfter(Instant.MIN)) {
        if (kind != LineLoss.NAME_ALONE) {
          from(until, detail); // that one is judged by what was counted
        }
        lost.merge(
            kind,
            new LinesRead.Gap(until, null, detail),
            (one, other) -> other.since().isAfter(one.since()) ? other : one);
      }
    }

    void blind(String detail) {
      blind = detail;
    }

    void from(Instant at, String detail) {
      if (at.isAfter(since)) {
        since = at;
        why = detail;
      }
    }

    void to(Instant at) {
      until = at.isBefore(until) ? at : until;
    }

    LinesRead told(Instant followed, Map<LineLoss, LinesRead.Gap> gaps) {
      return blind != null
          ? new LinesRead(null, gaps, until, followed, blind)
          : new LinesRead(since, gaps, until.minus(LAG), followed, why);
    }
  }
}
