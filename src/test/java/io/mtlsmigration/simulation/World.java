// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.testing.Halted;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.PriorityQueue;
import java.util.TreeMap;

/**
 * The whole system in virtual time: one cluster, its clients and people, and the replicas of the
 * service. Nothing in it is drawn: what happens follows from the list of happenings alone.
 */
final class World {

  static final Instant START = Instant.parse("2026-06-01T00:00:00Z");

  final Cluster cluster;
  final Book book;
  final Policies api;
  final Proxies proxies;
  final Ztunnel ztunnel;
  final Streams streams;
  final DryRuns dryRuns;
  final Scrapes scrapes;
  final Logs logs;
  final Judge judge;
  final Story story;
  final List<Replica> replicas = new ArrayList<>();

  /** How often something was reached, for whoever wants to know what histories are like. */
  final java.util.Map<String, Integer> counts = new java.util.TreeMap<>();

  /** Whether any clock was ever wrong. */
  boolean skewed;

  /** From when nobody led, and until when. */
  private final NavigableMap<Long, Long> vacancies = new TreeMap<>();

  /** Since when nobody leads; negative while somebody does. */
  private long vacantSince = -1;

  private final Calls calls;
  private final PriorityQueue<Due> agenda = new PriorityQueue<>();
  private final List<Armed> armed = new ArrayList<>();
  private long now;
  private long sequence;
  private int nested;

  /** What is to be done at a time, in the order in which it was put down. */
  private record Due(long at, long order, Runnable what) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      int c = Long.compare(at, other.at);
      return c != 0 ? c : Long.compare(order, other.order);
    }
  }

  /** A happening that waits for an effect. */
  private static final class Armed {
    final Happening happening;
    final boolean write;
    boolean counting;
    int left;

    Armed(Happening happening, boolean write, int left) {
      this.happening = happening;
      this.write = write;
      this.counting = !write;
      this.left = left;
    }
  }

  World(Story story) {
    this.story = story;
    judge = new Judge(this);
    calls = new Calls(this);
    cluster = new Cluster(this);
    book = new Book(this);
    api = new Policies(this);
    proxies = new Proxies(this);
    ztunnel = new Ztunnel(this);
    streams = new Streams(this);
    dryRuns = new DryRuns(this);
    scrapes = new Scrapes(this);
    logs = new Logs(this);
    for (int i = 1; i <= 3; i++) {
      replicas.add(new Replica(this, "r" + i));
    }
    replicas.getFirst().lead();
  }

  long now() {
    return now;
  }

  Instant instant() {
    return START.plusSeconds(now);
  }

  Calls calls() {
    return calls;
  }

  void later(long seconds, Runnable what) {
    agenda.add(new Due(now + Math.max(0, seconds), ++sequence, what));
  }

  void happen(List<Happening> happenings) {
    for (Happening happening : happenings) {
      agenda.add(new Due(happening.at(), ++sequence, () -> begin(happening)));
    }
  }

  private void begin(Happening happening) {
    String when = happening.when();
    if (when.isEmpty()) {
      deed(happening);
    } else if (when.startsWith("@w")) {
      armed.add(new Armed(happening, true, Integer.parseInt(when.substring(2))));
    } else if (when.startsWith("@")) {
      armed.add(new Armed(happening, false, Integer.parseInt(when.substring(1))));
    } else {
      armed.add(new Armed(happening, false, -1));
    }
  }

  private void deed(Happening happening) {
    story.person(now, happening);
    Deeds.act(this, happening.words());
    judge.changedAt(now);
    wake();
  }

  /** A step has come into a phase: whatever waits for that happens a little later. */
  void reached(Event event) {
    if (!event.to().isEmpty()) {
      counts.merge(event.to(), 1, Integer::sum);
    }
    for (Armed one : List.copyOf(armed)) {
      String when = one.happening.when();
      boolean any = when.startsWith("on:" + event.to() + "+");
      if (one.left < 0
          && (any || when.startsWith("on:" + event.subject() + ":" + event.to() + "+"))) {
        armed.remove(one);
        later(Long.parseLong(when.substring(when.indexOf('+') + 1)), () -> deed(one.happening));
      }
    }
  }

  /**
   * A replica is about to have an effect, or has just had one. It may die here, or stand still
   * while others go on.
   */
  void point(Replica replica, String where, boolean write) {
    for (Armed one : List.copyOf(armed)) {
      if (one.left < 0) {
        continue;
      }
      one.counting |= one.write && write;
      if (one.counting && one.left-- == 0) {
        armed.remove(one);
        String verb = one.happening.words().getFirst();
        story.tell(now, "   " + where + " of " + replica.name + ":");
        if (verb.equals("kill")) {
          story.person(now, one.happening);
          replica.die();
          throw new Halted(where);
        } else if (verb.equals("stop")) {
          story.person(now, one.happening);
          stop(replica, one.happening);
        } else {
          deed(one.happening);
        }
      }
    }
  }

  /** The replica stands still; somebody else leads, until it goes on where it was. */
  private void stop(Replica replica, Happening happening) {
    if (nested > 0) {
      replica.die();
      throw new Halted("stopped twice");
    }
    nested++;
    try {
      replica.stopped = true;
      replica.interrupted = true;
      boolean knows = happening.words().size() < 3;
      long until = now + Long.parseLong(happening.words().get(1));
      later(15, () -> successor(replica).lead());
      try {
        run(until);
      } finally {
        replica.stopped = false; // also when it dies meanwhile
      }
      replica.believes = !knows;
      if (!knows) {
        later(20, () -> replica.believes &= replica.term == lastTerm());
      }
      story.tell(
          now, "   " + replica.name + " goes on" + (knows ? "" : ", and believes that it leads"));
    } finally {
      nested--;
    }
  }

  /**
   * Nobody leads for a while, as without an API server; {@code next} leads then. If it led before,
   * its lease goes on, as that of a Lease which nobody else has taken.
   */
  void vacate(long seconds, Replica next) {
    boolean again = next.believes;
    replicas.forEach(replica -> replica.believes = false);
    vacantSince = now;
    long began = now;
    later(
        seconds,
        () -> {
          if (vacantSince == began) {
            if (again && !next.stopped) {
              next.leadOn();
            } else {
              (next.stopped ? successor(next) : next).lead();
            }
          }
        });
  }

  /** Somebody begins to lead; returns when somebody did last. */
  long filled() {
    long led = vacantSince < 0 ? now : vacantSince;
    vacantSince = -1;
    if (led < now) {
      vacancies.put(led, now);
    }
    return led;
  }

  /** For how long nobody led, where nobody did from a time up to another one; otherwise 0. */
  long vacant(long from, long to) {
    Map.Entry<Long, Long> vacancy = vacancies.floorEntry(from);
    return vacancy != null && vacancy.getValue() >= to ? vacancy.getValue() - vacancy.getKey() : 0;
  }

  Replica leader() {
    return replicas.stream()
        .filter(r -> r.believes && !r.stopped)
        .max(java.util.Comparator.comparingLong(r -> r.term))
        .orElse(replicas.getFirst());
  }

  /** Returns who leads after a replica; itself, started again, when all others stand still. */
  Replica successor(Replica of) {
    return replicas.stream().filter(r -> r != of && !r.stopped).findFirst().orElse(of);
  }

  private long lastTerm() {
    return replicas.stream().mapToLong(r -> r.term).max().orElse(0);
  }

  long nextTerm() {
    return lastTerm() + 1;
  }

  /** Something has changed: replicas look soon. */
  void wake() {
    replicas.forEach(Replica::wake);
  }

  void run(long until) {
    while (true) {
      long due = agenda.isEmpty() ? Long.MAX_VALUE : agenda.peek().at;
      Replica next = null;
      for (Replica replica : replicas) {
        boolean ticks = replica.believes && !replica.stopped && !replica.ticking;
        if (ticks && (next == null || replica.nextTick < next.nextTick)) {
          next = replica;
        }
      }
      long tick = next == null ? Long.MAX_VALUE : next.nextTick;
      // Whoever flaps goes on for ever: that is judged no further.
      if (Math.min(due, tick) > until || judge.flaps()) {
        now = Math.max(now, until);
        return;
      }
      now = Math.max(now, Math.min(due, tick));
      if (due <= tick) {
        agenda.remove().what.run();
      } else {
        counts.merge("ticks", 1, Integer::sum);
        next.tick();
      }
    }
  }
}
