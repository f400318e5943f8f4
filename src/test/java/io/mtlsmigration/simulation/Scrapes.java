package io.mtlsmigration.simulation;

import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.Refusal;
import io.mtlsmigration.traffic.Refusals;
import io.mtlsmigration.traffic.TrafficReading;
import io.mtlsmigration.traffic.Watch;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What Prometheus and the access logs hold of the calls: what was scraped, and what was read. */
final class Scrapes {

  /** Seconds between two scrapes. */
  static final long INTERVAL = 60;

  private final World world;

  /** Times in which a workload's pods were not scraped; {@code *} is all of them. */
  private final Map<String, List<long[]>> holes = new HashMap<>();

  /** What is older is not kept. */
  private long youngest = Long.MIN_VALUE;

  private boolean down;
  private boolean logsDown;

  Scrapes(World world) {
    this.world = world;
  }

  void hole(String target) {
    holes
        .computeIfAbsent(target, t -> new ArrayList<>())
        .add(new long[] {world.now(), Long.MAX_VALUE});
  }

  void mend() {
    holes.values().forEach(all -> all.forEach(h -> h[1] = Math.min(h[1], world.now())));
    down = false;
    logsDown = false;
  }

  void down() {
    down = true;
    hole("*");
  }

  void logsDown() {
    logsDown = true;
  }

  /** Another Prometheus is asked from now on, and knows nothing of before. */
  void younger() {
    youngest = world.now();
  }

  /** The last scrape of a workload's pod up to a time; -1 when there was none. */
  long scraped(String workload, Workload.Life life, long to) {
    long end = Math.min(to, life.to() - 1);
    long at = end - Math.floorMod(end, INTERVAL);
    while (at >= life.from() && at >= youngest) {
      long hole = beginOfHole(workload, at);
      if (hole == Long.MAX_VALUE) {
        return at;
      }
      at = hole - 1 - Math.floorMod(hole - 1, INTERVAL);
    }
    return -1;
  }

  private long beginOfHole(String workload, long at) {
    long begin = Long.MAX_VALUE;
    for (String target : List.of("*", workload)) {
      for (long[] hole : holes.getOrDefault(target, List.of())) {
        if (hole[0] <= at && at < hole[1]) {
          begin = Math.min(begin, hole[0]);
        }
      }
    }
    return begin;
  }

  /** The longest time up to {@code to} in which every pod of a workload was watched, in seconds. */
  private long coveredSince(Workload workload, long to) {
    long since = Long.MIN_VALUE;
    boolean any = false;
    long born = Long.MAX_VALUE;
    for (Workload.Life life : workload.lives.values()) {
      if (life.captured() && life.to() > to) {
        any = true;
      }
      born = Math.min(born, life.from());
      since = Math.max(since, life.captured() ? lost(workload, life, to) : ended(life, to));
    }
    // Whoever called it under its name before it was there would be forgotten; at the beginning of
    // time there was nobody.
    long begin = born == 0 ? Long.MIN_VALUE : born;
    return any ? Math.max(Math.max(since, begin), youngest) : to;
  }

  private static long ended(Workload.Life life, long to) {
    return Math.min(life.to(), to);
  }

  /** Until when something of a captured pod's life was not seen for longer than a scrape or two. */
  private long lost(Workload workload, Workload.Life life, long to) {
    long end = Math.min(life.to(), to);
    long last = scraped(workload.id(), life, end);
    if (end - Math.max(last, life.from()) > 2 * INTERVAL || (last < 0 && life.to() <= to)) {
      return end;
    }
    long since = Long.MIN_VALUE;
    for (String target : List.of("*", workload.id())) {
      for (long[] hole : holes.getOrDefault(target, List.of())) {
        boolean meets = hole[0] < end && hole[1] > life.from();
        boolean isLong = Math.min(hole[1], end) - Math.max(hole[0], life.from()) > 600;
        if (meets && isLong) {
          since = Math.max(since, Math.min(hole[1], end));
        }
      }
    }
    return since;
  }

  TrafficReading read(Replica replica, Duration window) {
    world.calls().advance(world.now());
    return new Reading(replica, window);
  }

  private final class Reading implements TrafficReading {
    private final Duration window;
    private final long to;
    private final long from;

    Reading(Replica replica, Duration window) {
      this.window = window;
      // Asked for by the replica's clock; what is scraped and logged bears true times.
      long asked = world.now() + replica.skew;
      long known = Math.min(asked, world.now());
      this.to = known - Math.floorMod(known, INTERVAL);
      this.from = asked - window.toSeconds();
    }

    private Instant at(long second) {
      return World.START.plusSeconds(second);
    }

    @Override
    public Instant asOf() {
      return at(to);
    }

    @Override
    public Duration window() {
      return window;
    }

    @Override
    public Evidence<NamespaceTraffic> of(String name) {
      if (down) {
        return new Evidence.Unavailable<>(Evidence.Reason.SOURCE_DOWN, "connection refused");
      }
      Cluster.Namespace namespace = world.cluster.find(name);
      List<Edge> edges = new ArrayList<>();
      long[] clients = new long[2];
      for (Calls.Flow flow : world.calls().flows()) {
        Workload server = world.cluster.workload(flow.server);
        if (flow.serverNamespace().equals(name) && server != null) {
          edges(flow, server, edges, clients);
        }
      }
      if (edges.isEmpty()) {
        return new Evidence.NoSamples<>(at(to), "no series");
      }
      Map<WorkloadRef, Watch> watched = new HashMap<>();
      if (namespace != null) {
        for (Workload workload : namespace.workloads.values()) {
          boolean sampled = edges.stream().anyMatch(e -> e.server().equals(workload.ref()));
          long since = Math.max(-Happening.DAY * 100, coveredSince(workload, to));
          watched.put(workload.ref(), Watch.from(at(since), sampled));
        }
      }
      NamespaceTraffic traffic = new NamespaceTraffic(edges, clients[0], clients[1], watched);
      return new Evidence.Measured<>(traffic, at(to));
    }

    private void edges(Calls.Flow flow, Workload server, List<Edge> edges, long[] clients) {
      long[] counts = new long[2];
      long last = -1;
      for (Calls.Stretch stretch : flow.stretches) {
        if (stretch.to() <= from) {
          continue;
        }
        for (Calls.Receiver receiver : stretch.receivers()) {
          Workload.Life life = server.lives.get(receiver.pod());
          if (life == null || !receiver.captured()) {
            continue;
          }
          long until = Math.min(stretch.to(), scraped(server.id(), life, to));
          long count = flow.count(Math.max(stretch.from(), from), until);
          boolean mesh = stretch.client() != null && stretch.client().dataPlane().captured();
          clients[0] += mesh ? count : 0;
          clients[1] += mesh && receiver.refused() ? count : 0;
          if (count > 0 && !receiver.refused()) {
            counts[receiver.plaintext() ? 1 : 0] += count;
            last = Math.max(last, flow.last(stretch.from(), until));
          }
        }
      }
      for (int i = 0; i < 2; i++) {
        if (counts[i] > 0) {
          edges.add(
              new Edge(
                  caller(flow),
                  server.ref(),
                  Workload.PORT,
                  "http",
                  i == 0 ? Edge.Security.MUTUAL_TLS : Edge.Security.PLAINTEXT,
                  counts[i],
                  0,
                  at(Math.max(from, flow.first)),
                  at(last),
                  "simulation"));
        }
      }
    }

    @Override
    public Refusals refusals(String name) {
      List<Refusal> seen = new ArrayList<>();
      for (Calls.Flow flow : world.calls().flows()) {
        Workload server = world.cluster.workload(flow.server);
        if (!flow.serverNamespace().equals(name) || server == null) {
          continue;
        }
        for (Calls.Stretch stretch : flow.stretches) {
          boolean refused =
              stretch.receivers().stream()
                  .anyMatch(r -> r.captured() && r.refused() && r.plaintext());
          long last = refused ? flow.last(Math.max(from, stretch.from()), stretch.to()) : -1;
          if (last >= 0) {
            seen.add(new Refusal(at(last), caller(flow), server.ref(), Workload.PORT, false));
          }
        }
      }
      return logsDown
          ? new Refusals.Unreadable(List.of(), Refusals.Reason.SOURCE_DOWN, "logs broke off")
          : new Refusals.Read(seen, Instant.EPOCH, at(world.now()));
    }

    private static Caller caller(Calls.Flow flow) {
      String[] parts = flow.client.split("/");
      return flow.client.startsWith("outside")
          ? new Caller(null, "203.0.113.7")
          : new Caller(new WorkloadRef(parts[0], "Deployment", parts[1]), "");
    }
  }
}
