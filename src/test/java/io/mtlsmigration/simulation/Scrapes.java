package io.mtlsmigration.simulation;

import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.Refusal;
import io.mtlsmigration.traffic.Refusals;
import io.mtlsmigration.traffic.TrafficReading;
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

  /** Longer ago than anything that is asked for. */
  static final long NEVER = -100 * Happening.DAY;

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

  /** The last scrape of a workload's pod up to a time; {@link #NEVER} when there was none. */
  long scraped(String workload, Workload.Life life, long to) {
    return last(workload, life.from(), Math.min(to, life.to() - 1));
  }

  /** The last time from {@code from} to {@code to} at which anything was asked; {@link #NEVER}. */
  long asked(long from, long to) {
    return last("*", from, to);
  }

  private long last(String target, long from, long to) {
    long at = to - Math.floorMod(to, INTERVAL);
    while (at >= from && at >= youngest) {
      long hole = beginOfHole(target, at);
      if (hole == Long.MAX_VALUE) {
        return at;
      }
      at = hole - 1 - Math.floorMod(hole - 1, INTERVAL);
    }
    return NEVER;
  }

  private long beginOfHole(String workload, long at) {
    return Math.min(within("*", at), within(workload, at));
  }

  private long within(String target, long at) {
    long begin = Long.MAX_VALUE;
    for (long[] hole : holes.getOrDefault(target, List.of())) {
      if (hole[0] <= at && at < hole[1]) {
        begin = Math.min(begin, hole[0]);
      }
    }
    return begin;
  }

  /** Whether anything was scraped at all, or tried to be, at a time. */
  boolean asks(long at) {
    return at >= youngest && within("*", at) == Long.MAX_VALUE;
  }

  /** Whether a scrape of a workload's pods succeeds at a time. */
  boolean succeeds(String workload, long at) {
    return at >= youngest && beginOfHole(workload, at) == Long.MAX_VALUE;
  }

  boolean isDown() {
    return down;
  }

  /** By the real reader, from answers of {@link Metrics}; what the access logs tell beside. */
  TrafficReading read(Replica replica, Duration window) {
    world.calls().advance(world.now());
    return new Reading(replica, window);
  }

  private final class Reading implements TrafficReading {
    private final TrafficReading metrics;
    private final long from;

    Reading(Replica replica, Duration window) {
      // Asked for by the replica's clock; what is scraped and logged bears true times.
      Instant asked = replica.clock().instant();
      this.metrics = replica.survey.read(asked, window);
      this.from = world.now() + replica.skew - window.toSeconds();
    }

    private Instant at(long second) {
      return World.START.plusSeconds(second);
    }

    @Override
    public Instant asOf() {
      return metrics.asOf();
    }

    @Override
    public Duration window() {
      return metrics.window();
    }

    @Override
    public Evidence<NamespaceTraffic> of(String name) {
      return metrics.of(name);
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
