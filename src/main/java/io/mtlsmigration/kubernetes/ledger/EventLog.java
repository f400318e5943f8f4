// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.History;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jboss.logging.Logger;

/**
 * The history of all plans in memory: the last events of each plan, those not yet stored in their
 * object, and the listeners. Each event is published once, whichever replica it comes from: an
 * object's new events are those that its last state did not have.
 */
final class EventLog {

  /** The number of events that an object keeps however much happens elsewhere in the plan. */
  static final int PER_OBJECT = 20;

  /** The most bytes of an object's events. */
  static final long MOST_BYTES = 512L << 10;

  /** The most bytes of an object with its events; etcd takes 1.5 MiB, which has more around it. */
  static final long OBJECT_BYTES = 1400L << 10;

  /**
   * The number of slots that tell replicas apart: they count in the same microseconds, and the
   * remainder is the slot. Two replicas that have drawn the same slot must still hit the same
   * millisecond to produce the same id.
   */
  static final int SLOTS = 1024;

  private static final Logger LOG = Logger.getLogger(EventLog.class);

  private final Clock clock;
  private final long slot;
  private final Map<String, History> books = new HashMap<>();
  private final Map<String, History> pending = new HashMap<>();
  private final List<Consumer<Event>> listeners = new CopyOnWriteArrayList<>();
  private long last;

  /**
   * Creates an empty log.
   *
   * @param slot of this replica, below {@link #SLOTS}
   */
  EventLog(Clock clock, long slot) {
    this.clock = clock;
    this.slot = slot;
  }

  /**
   * Gives the event its id, keeps and publishes it.
   *
   * @param object that will keep it
   */
  synchronized Event append(String planUid, String object, LongFunction<Event> event) {
    Event kept = event.apply(nextId());
    book(planUid, kept);
    pending.computeIfAbsent(object, o -> new History()).add(kept);
    tell(kept);
    return kept;
  }

  /** Publishes an event that no longer belongs to a plan. */
  synchronized Event pass(LongFunction<Event> event) {
    Event told = event.apply(nextId());
    tell(told);
    return told;
  }

  /** Returns the highest id that any replica may have given by now, as far as clocks agree. */
  synchronized long newest() {
    return Math.max(last, micros());
  }

  private long micros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
  }

  /** Returns the next id; below 2^53, JavaScript's largest exact integer, until the year 2255. */
  private long nextId() {
    long now = micros();
    long next = now - now % SLOTS + slot;
    while (next <= last) {
      next = last - last % SLOTS + SLOTS + slot;
    }
    last = next;
    return next;
  }

  private void tell(Event event) {
    // Under the lock, so that every listener sees this replica's events in order.
    for (Consumer<Event> listener : listeners) {
      try {
        listener.accept(event);
      } catch (RuntimeException e) {
        // What reads along neither undoes what was stored, nor keeps it from being known.
        LOG.warnf(e, "A listener could not take an event plan=%s", event.plan());
      }
    }
  }

  /** Returns whether it is known already: an object may have been unreadable for a while. */
  private boolean booked(String planUid, Event event) {
    History book = books.get(planUid);
    return book != null && book.contains(event);
  }

  private void book(String planUid, Event event) {
    books.computeIfAbsent(planUid, p -> new History()).add(event);
  }

  /**
   * Records that an object was read.
   *
   * @param before events of its last state
   * @param tell false while the ledger is first read: earlier events are not published
   */
  synchronized void seen(
      String planUid, String object, List<Event> before, List<Event> now, boolean tell) {
    if (now.isEmpty()) {
      return;
    }
    Set<Long> known = new HashSet<>();
    before.forEach(event -> known.add(event.id()));
    History waiting = pending.getOrDefault(object, new History());
    for (Event event : now) {
      last = Math.max(last, event.id());
      boolean mine = waiting.remove(event);
      if (!mine && known.add(event.id())) {
        boolean told = booked(planUid, event);
        book(planUid, event);
        if (tell && !told) {
          tell(event);
        }
      }
    }
    if (waiting.isEmpty()) {
      pending.remove(object);
    }
  }

  /**
   * Returns the events that an object should keep, oldest first: of those that it has and those
   * that are pending, what its plan keeps and the newest, in at most {@link #MOST_BYTES}, and no
   * more than the rest of the object leaves room for: whoever decides reads that, and nothing could
   * be recorded any more of an object that has outgrown etcd. Beyond that the oldest of those go
   * that only repeat, then the oldest.
   *
   * <p>Each step is an object of its own. Objects of releases that kept the newest, whatever they
   * told, are read and completed alike.
   *
   * @param rest bytes of the object without its events
   */
  synchronized List<Event> merged(String planUid, String object, List<Event> held, long rest) {
    History all = new History();
    all.addAll(held);
    all.addAll(pending.getOrDefault(object, new History()).events());
    History book = books.get(planUid);
    List<Event> newestFirst = all.events();
    List<Event> kept = new ArrayList<>();
    for (int i = 0; i < newestFirst.size(); i++) {
      Event event = newestFirst.get(i);
      if (i < PER_OBJECT || book == null || book.contains(event)) {
        kept.add(event);
      }
    }
    List<Event> fitting = fitting(kept, Math.min(MOST_BYTES, OBJECT_BYTES - rest));
    settle(object, fitting);
    return fitting.reversed();
  }

  /** What will not be stored waits no longer: it would be tried again for ever. */
  private void settle(String object, List<Event> stored) {
    History waiting = pending.get(object);
    if (waiting != null) {
      Set<Long> ids = new HashSet<>();
      stored.forEach(event -> ids.add(event.id()));
      waiting.events().stream().filter(event -> !ids.contains(event.id())).forEach(waiting::remove);
      if (waiting.isEmpty()) {
        pending.remove(object);
      }
    }
  }

  /** Returns those for which there is room, in the same order. */
  private static List<Event> fitting(List<Event> newestFirst, long room) {
    Set<Long> fit = new HashSet<>();
    long left = room;
    for (boolean repeating : new boolean[] {false, true}) {
      for (Event event : newestFirst) {
        long size = EventEntries.bytes(event);
        if (History.repeats(event) == repeating && size <= left) {
          fit.add(event.id());
          left -= size;
        }
      }
    }
    return newestFirst.stream().filter(event -> fit.contains(event.id())).toList();
  }

  /** Returns the objects with events that are not stored yet. */
  synchronized List<String> waiting() {
    return List.copyOf(pending.keySet());
  }

  synchronized boolean waits(String object) {
    return pending.containsKey(object);
  }

  synchronized void forget(String planUid, Collection<String> objects) {
    books.remove(planUid);
    pending.keySet().removeAll(objects);
  }

  /** Returns the events of plans, newest first. */
  synchronized List<Event> of(Collection<String> planUids) {
    List<Event> events = new ArrayList<>();
    planUids.forEach(uid -> events.addAll(books.getOrDefault(uid, new History()).events()));
    events.sort((a, b) -> Long.compare(b.id(), a.id()));
    return List.copyOf(events);
  }

  AutoCloseable subscribe(Consumer<Event> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
