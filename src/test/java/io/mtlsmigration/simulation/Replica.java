// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.Absent;
import io.mtlsmigration.kubernetes.logs.AccessLogCallers;
import io.mtlsmigration.kubernetes.logs.AccessLogRefusals;
import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.plan.PlanLimits;
import io.mtlsmigration.prometheus.DryRunReadings;
import io.mtlsmigration.prometheus.PrometheusTrafficQuery;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutPorts;
import io.mtlsmigration.rollout.commands.PlanCommands;
import io.mtlsmigration.rollout.loop.RolloutLoop;
import io.mtlsmigration.rollout.loop.TickReport;
import io.mtlsmigration.testing.Halted;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One process of the service: its clock, its watch, its belief that it leads, and its loop. */
final class Replica implements Leadership, Inventory {

  /**
   * Nothing is scaled but the pause between two ticks, for ticks are sparse where nothing moves.
   */
  static final Limits LIMITS =
      new Limits(
          Limits.DEFAULT.observationAge(),
          Limits.DEFAULT.evidenceAge(),
          Limits.DEFAULT.probeAge(),
          Limits.DEFAULT.drain(),
          Duration.ofHours(2),
          Limits.DEFAULT.proofAge(),
          Limits.DEFAULT.readBack(),
          Limits.DEFAULT.turns());

  /** Between two looks at the pods alone; a minute in a cluster, which would tell no more here. */
  private static final long LOOKS = 290;

  /** Between two readings of the logs that somebody asks for. */
  private static final long FOLLOWS = 29;

  /**
   * Well below the time for which a reader remembers that somebody has asked; also what is between
   * two readings while nothing changes.
   */
  private static final long INTEREST = 240;

  /** Between two ticks, while nothing changes. */
  private static final long SPARSE = 3600;

  /** The same, while a lock is watched by its refusals. */
  private static final long WATCHES = 60;

  final World world;
  final String name;
  final PlanCommands commands;

  /** How far its clock is from true time, in seconds. */
  long skew;

  /** Whether it was ever wrong while this process has run. */
  boolean skewed;

  /** When its clock was last set forward by less than it can notice. */
  long nudged = Scrapes.NEVER;

  /** How far its watch is behind, in seconds. */
  long lag;

  /** How far its watch of policies is behind beyond that. */
  long policiesLag;

  /** The same of pods. */
  long podsLag;

  /** Since when its watch has stood still; {@link Long#MAX_VALUE} when it does not. */
  long hangs = Long.MAX_VALUE;

  /** Whether its watch is thought to be fresh though it stands still. */
  boolean lies;

  boolean believes;
  boolean stopped;
  boolean ticking;

  /** The plans as its tick found them. */
  Map<String, PlanRecord> found = Map.of();

  /** It stood still in the middle of this tick. */
  boolean interrupted;

  long term;

  /** When somebody led last before its term. */
  private long ledBefore;

  long nextTick;
  private long pause = 1;
  private RolloutLoop loop;

  /** Remembers what it has seen of pods, for as long as the process lives. */
  PrometheusTrafficQuery survey;

  private boolean looks;

  /** The same of access logs. */
  AccessLogCallers callers;

  /** The same of who was refused. */
  AccessLogRefusals refusals;

  /** The same of connections. */
  ConnectionLists connections;

  /** Of which namespaces it reads who was refused, and until when closely. */
  private Set<String> focus = Set.of();

  private long watches;

  /** Whether the next reading is on the agenda. */
  private boolean reads;

  private final Map<WorkloadRef, Long> followed = new HashMap<>();

  /** When it was last said that those are still of interest. */
  private long interested;

  /** The same of what it has probed. */
  Probes probes;

  /** Of which second the facts were on which its tick decides. */
  long viewedAt;

  /** The same of its first tick as this process; {@link Long#MAX_VALUE} before it. */
  long viewedFirst;

  private Cluster.@Nullable Version seen;
  private Cluster.@Nullable Version seenPolicies;
  private Cluster.@Nullable Version seenPods;

  /** Of what the streams of several kinds show at different times. */
  private Cluster.@Nullable Torn torn;

  Replica(World world, String name) {
    this.world = world;
    this.name = name;
    commands =
        new PlanCommands(world.book.of(this), this::observe, clock(), LIMITS, PlanLimits.REAL_MESH);
    loop = begin();
    survey = surveyor();
    callers = world.logs.reader(this);
    refusals = world.logs.refusals(this);
    connections = new ConnectionLists(world, this);
    probes = new Probes(world, this);
  }

  /** Of dry runs, as of now. */
  DryRunReadings shadows() {
    return new DryRunReadings(
        new Metrics(world, this), snapshot(), survey, Duration.ofSeconds(Scrapes.INTERVAL));
  }

  private PrometheusTrafficQuery surveyor() {
    return new PrometheusTrafficQuery(
        new Metrics(world, this), this, Duration.ofSeconds(Scrapes.INTERVAL), Set.of());
  }

  private RolloutLoop begin() {
    viewedFirst = Long.MAX_VALUE;
    return new RolloutLoop(
        new RolloutPorts(
            world.book.of(this),
            world.api.of(this),
            Absent.RATCHET,
            Absent.HOOKS,
            world.dryRuns.of(this),
            this,
            clock(),
            this),
        LIMITS);
  }

  /** Looks at the pods while it leads, also between two ticks. */
  private void look() {
    looks = leads();
    if (looks) {
      survey.look(clock().instant());
      world.later(LOOKS, this::look);
    }
  }

  /** As often as anybody looks; where logs are whole also between two ticks. */
  private void readRefusals() {
    if (!world.logs.refusals || !leads()) {
      return;
    }
    world.calls().advance(world.now());
    refusals.read();
    Set<String> watched = world.logs.watched(this);
    world.judge.refusals.read(this, watched);
    if (!watched.equals(focus)) {
      focus = watched;
      watches = world.now() + SPARSE;
    }
    if (closely() && !reads) {
      reads = true;
      world.later(
          FOLLOWS,
          () -> {
            reads = false;
            readRefusals();
          });
    }
  }

  private boolean closely() {
    return world.logs.whole && !focus.isEmpty() && world.now() < watches;
  }

  /** Somebody asks about a server: its logs are read from now on, until long after. */
  void follows(WorkloadRef server) {
    if (followed.isEmpty()) {
      world.later(FOLLOWS, this::follow);
    }
    followed.put(server, world.now());
    callers.read();
  }

  /** Every few seconds, also between two ticks, which are sparse here. */
  private void follow() {
    followed.values().removeIf(asked -> !leads() || asked < world.now() - 2 * SPARSE);
    if (!followed.isEmpty()) {
      world.calls().advance(world.now());
      Instant now = clock().instant();
      if (world.now() - interested >= INTEREST) {
        interested = world.now();
        followed.keySet().forEach(server -> callers.plaintext(server, now, now));
      }
      callers.read();
      world.later(calm() ? INTEREST : FOLLOWS, this::follow);
    }
  }

  /** Nothing has changed for as long as ticks are as rare as they become. */
  boolean calm() {
    return pause >= SPARSE;
  }

  void lead() {
    ledBefore = world.filled();
    for (Replica other : world.replicas) {
      // A stopped one does not hear of it.
      other.believes &= other.stopped;
    }
    term = world.nextTerm();
    believes = true;
    world.story.tell(world.now(), "   " + name + " leads");
    wake();
  }

  /** Leads again in the same term: its lease had lapsed, and nobody has taken it. */
  void leadOn() {
    world.filled();
    believes = true;
    world.story.tell(world.now(), "   " + name + " leads again");
    wake();
  }

  /** Leads beside another one, that does not know it yet. */
  void usurp() {
    ledBefore = world.filled();
    term = world.nextTerm();
    believes = true;
    wake();
  }

  void setClock(long next) {
    if (next > skew && next - skew < LIMITS.watchGap().toSeconds()) {
      nudged = world.now();
    }
    skew = next;
    skewed |= skew != 0;
    world.skewed |= skew != 0;
  }

  /** Dies; it is started again, and somebody leads soon. */
  void die() {
    loop = begin();
    survey = surveyor();
    callers = world.logs.reader(this);
    refusals = world.logs.refusals(this);
    connections = new ConnectionLists(world, this);
    probes = new Probes(world, this);
    skewed = skew != 0;
    believes = false;
    world.later(
        20,
        () -> {
          if (world.replicas.stream().noneMatch(r -> r.believes && !r.stopped)) {
            world.successor(this).lead();
          }
        });
  }

  void wake() {
    pause = 1;
    nextTick = Math.min(nextTick, world.now() + 1);
  }

  /** Looks once more, soon, and then as rarely as before. */
  void glance() {
    nextTick = Math.min(nextTick, world.now() + 1);
  }

  void tick() {
    ticking = true;
    interrupted = false;
    if (!looks) {
      look();
    }
    try {
      readRefusals();
      Seen observation = observe();
      viewedAt = Math.min(world.now(), hangs) - lag - Math.max(policiesLag, podsLag);
      viewedFirst = Math.min(viewedFirst, viewedAt);
      found = world.book.plans();
      TickReport report = loop.tick(observation);
      boolean moved = report.writes() + report.transitions() > 0;
      pause = moved ? 1 : Math.min(closely() ? WATCHES : SPARSE, pause * 3);
      world.judge.ticked(this, report);
    } catch (Halted e) {
      pause = 1;
    } finally {
      ticking = false;
      nextTick = world.now() + pause;
      world.judge.counted();
    }
  }

  /** The version that its watch shows. */
  Cluster.Version view() {
    long until = Math.min(world.now(), hangs) - lag;
    seen = later(seen, until);
    seenPolicies = later(seenPolicies, until - policiesLag);
    seenPods = later(seenPods, until - podsLag);
    if (seenPolicies == seen && seenPods == seen) {
      return seen;
    }
    if (torn == null || !torn.is(seen, seenPolicies, seenPods)) {
      torn = Cluster.Torn.of(seen, seenPolicies, seenPods);
    }
    return torn.whole();
  }

  /** A watch does not go back. */
  private Cluster.Version later(Cluster.@Nullable Version known, long until) {
    Cluster.Version next = world.cluster.at(until);
    return known == null || next.at >= known.at ? next : known;
  }

  Instant observedAt() {
    boolean old = hangs != Long.MAX_VALUE && !lies;
    return clock().instant().minusSeconds(old ? world.now() - hangs : 0);
  }

  @Override
  public MeshSnapshot snapshot() {
    return view().facts.observed(observedAt(), java.util.List.of());
  }

  Seen observe() {
    return new Seen(world, this);
  }

  Clock clock() {
    InstantSource source = () -> world.instant().plusSeconds(skew);
    return source.withZone(ZoneOffset.UTC);
  }

  @Override
  public boolean leads() {
    return believes && !stopped;
  }

  @Override
  public long term() {
    return term;
  }

  @Override
  public Optional<Instant> ledBefore() {
    return Optional.of(World.START.plusSeconds(ledBefore));
  }

  @Override
  public Optional<String> address() {
    return Optional.empty();
  }
}
