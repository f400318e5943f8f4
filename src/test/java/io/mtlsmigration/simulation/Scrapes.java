// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.Refusal;
import io.mtlsmigration.traffic.Refusals;
import io.mtlsmigration.traffic.TrafficReading;
import io.mtlsmigration.traffic.TrafficRecord;
import io.mtlsmigration.traffic.TrafficWithCallers;
import io.mtlsmigration.traffic.TrafficWithConnections;
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

  /**
   * Times in which a workload's pods were not scraped; {@code *} is all of them, and {@code shard0}
   * those of one of several Prometheus.
   */
  private final Map<String, List<long[]>> holes = new HashMap<>();

  /** How many Prometheus share the pods, behind one that is asked; each scrapes a gateway, too. */
  private int shards = 1;

  /** What is older is not kept. */
  private long youngest = Long.MIN_VALUE;

  /** The same of a second replica behind the same address. */
  private long second = Long.MAX_VALUE;

  /** Whether the second one answers just now. */
  private boolean asksSecond;

  /** Of a hundred questions, so many are answered in part, which says so. */
  private long partial;

  private long questions;
  private long parts;

  /** By window, how many readings of leaders an answer that was partial has cost. */
  private final Map<Duration, Long> torn = new HashMap<>();

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

  void shards(int count) {
    shards = count;
  }

  int shards() {
    return shards;
  }

  private String shard(int number) {
    return shards == 1 ? "" : "shard" + number;
  }

  /** Who scrapes a pod: by its address, as if by chance. */
  private String shard(Workload.Life life) {
    long chance = shards == 1 ? 0 : mixed(life.pod().hashCode() + life.from());
    return shard((int) Math.floorMod(chance, (long) shards));
  }

  /** Two of different age stand behind one address. */
  void pair() {
    second = world.now();
  }

  void partial(long percent) {
    partial = percent;
  }

  /** Who is asked next, and whether the answer is a whole one: as if by chance. */
  boolean answers() {
    long chance = mixed(++questions);
    asksSecond = second != Long.MAX_VALUE && (chance & 1) == 1;
    boolean whole = Math.floorMod(chance >> 1, 100L) >= partial;
    parts += whole ? 0 : 1;
    return whole;
  }

  /** SplittableRandom's way to mix a sequence. */
  static long mixed(long number) {
    long z = number * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** How many readings a plan had not, by whoever led, for answers that were no whole ones. */
  long torn(PlanSpec spec) {
    Duration window = spec.gates().plaintextWindow();
    Duration verification = spec.verification().duration();
    return torn.getOrDefault(window, 0L)
        + (verification.equals(window) ? 0 : torn.getOrDefault(verification, 0L));
  }

  void answered() {
    asksSecond = false;
  }

  private long oldest() {
    return asksSecond ? second : youngest;
  }

  /** Whether some target is not scraped now. */
  boolean broken() {
    return holes.values().stream().flatMap(List::stream).anyMatch(hole -> hole[1] > world.now());
  }

  void mend() {
    holes.values().forEach(all -> all.forEach(h -> h[1] = Math.min(h[1], world.now())));
    down = false;
    logsDown = false;
    partial = 0;
  }

  void down() {
    down = true;
    hole("*");
  }

  void logsDown() {
    logsDown = true;
  }

  boolean areLogsDown() {
    return logsDown;
  }

  /** Another Prometheus is asked from now on, and knows nothing of before. */
  void younger() {
    youngest = world.now();
  }

  /** The last scrape of a workload's pod up to a time; {@link #NEVER} when there was none. */
  long scraped(String workload, Workload.Life life, long to) {
    return last(workload, shard(life), life.from(), Math.min(to, life.to() - 1));
  }

  /** The last time from {@code from} to {@code to} at which anything was asked; {@link #NEVER}. */
  long asked(long from, long to) {
    long asked = NEVER;
    for (int i = 0; i < shards; i++) {
      asked = Math.max(asked, asked(i, from, to));
    }
    return asked;
  }

  /** The same of what one of several Prometheus scrapes. */
  long asked(int shard, long from, long to) {
    return last("", shard(shard), from, to);
  }

  /** The same of a pod. */
  long asked(Workload.Life life, long from, long to) {
    return last("", shard(life), from, to);
  }

  private long last(String target, String shard, long from, long to) {
    long at = to - Math.floorMod(to, INTERVAL);
    while (at >= from && at >= oldest()) {
      long hole = beginOfHole(target, shard, at);
      if (hole == Long.MAX_VALUE) {
        return at;
      }
      at = hole - 1 - Math.floorMod(hole - 1, INTERVAL);
    }
    return NEVER;
  }

  private long beginOfHole(String target, String shard, long at) {
    return holes.isEmpty()
        ? Long.MAX_VALUE
        : Math.min(within("*", at), Math.min(within(target, at), within(shard, at)));
  }

  private long within(String target, long at) {
    List<long[]> known = holes.get(target);
    if (known == null) {
      return Long.MAX_VALUE;
    }
    long begin = Long.MAX_VALUE;
    for (long[] hole : known) {
      if (hole[0] <= at && at < hole[1]) {
        begin = Math.min(begin, hole[0]);
      }
    }
    return begin;
  }

  /** Whether no scrape of a pod can have failed from one time to another. */
  boolean unbroken(String workload, Workload.Life life, long from, long to) {
    return oldest() <= from
        && !broken("*", from, to)
        && !broken(workload, from, to)
        && !broken(shard(life), from, to);
  }

  private boolean broken(String target, long from, long to) {
    List<long[]> known = holes.get(target);
    return known != null && known.stream().anyMatch(hole -> hole[0] <= to && hole[1] > from);
  }

  /** Whether a scrape of a pod was tried at a time. */
  boolean asks(Workload.Life life, long at) {
    return at >= oldest() && beginOfHole("", shard(life), at) == Long.MAX_VALUE;
  }

  /** Whether a scrape of a workload's pod succeeds at a time. */
  boolean succeeds(String workload, Workload.Life life, long at) {
    return at >= oldest() && beginOfHole(workload, shard(life), at) == Long.MAX_VALUE;
  }

  boolean isDown() {
    return down;
  }

  /** By the real reader, from answers of {@link Metrics}; what the access logs tell beside. */
  TrafficReading read(Replica replica, Duration window) {
    world.calls().advance(world.now());
    TrafficReading counted = new Reading(replica, window);
    return world.streams.listed
        ? new TrafficWithConnections((now, w) -> counted, replica.connections)
            .read(counted.asOf(), window)
        : counted;
  }

  private final class Reading implements TrafficReading {
    private final Replica replica;
    private final TrafficReading metrics;
    private final Map<String, Evidence<NamespaceTraffic>> named = new HashMap<>();
    private final long from;

    Reading(Replica replica, Duration window) {
      // Asked for by the replica's clock; what is scraped and logged bears true times.
      Instant asked = replica.clock().instant();
      this.replica = replica;
      long before = parts;
      this.metrics = replica.survey.read(asked, window);
      if (parts > before && replica.ticking) {
        torn.merge(window, 1L, Long::sum);
      }
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
      return named.computeIfAbsent(name, world.logs.callers ? this::named : metrics::of);
    }

    /** Whoever is asked about is read of every few seconds, though ticks be sparse here. */
    private Evidence<NamespaceTraffic> named(String name) {
      TrafficRecord counts = (now, window) -> metrics;
      TrafficRecord record =
          new TrafficWithCallers(counts, replica.callers, Duration.ofSeconds(INTERVAL));
      Evidence<NamespaceTraffic> first = record.read(asOf(), window()).of(name);
      if (!replica.leads()
          || !(metrics.of(name) instanceof Evidence.Measured(var counted, var at))) {
        return first;
      }
      counted.plaintext().forEach(edge -> replica.follows(edge.server()));
      return record.read(asOf(), window()).of(name);
    }

    @Override
    public Refusals refusals(String name) {
      return world.logs.refusals
          ? replica.refusals.since(name, replica.clock().instant().minus(window()))
          : told(name);
    }

    /** As if every line were read at once. */
    private Refusals told(String name) {
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
            seen.add(new Refusal(at(last), caller(flow), server.ref(), flow.port, false));
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
