package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.rollout.Event;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/**
 * The history of all plans in memory: the last events of each plan, those that are not kept in
 * their object yet, and who wants to be told. Each event is told once, whichever replica it comes
 * from: an object's new events are those that its last state did not have.
 */
final class EventLog {

  /** Events of a plan that stay in memory, and, while they are among these, in their objects. */
  static final int PER_PLAN = 200;

  /** Events that an object keeps however much happens elsewhere in the plan. */
  static final int PER_OBJECT = 20;

  /**
   * Replicas count in the same microseconds; the remainder tells them apart. Two that have drawn
   * the same one of these still need the same millisecond to give an id twice.
   */
  static final int SLOTS = 1024;

  private final Clock clock;
  private final long slot;
  private final Map<String, NavigableMap<Long, Event>> books = new HashMap<>();
  private final Map<String, NavigableMap<Long, Event>> pending = new HashMap<>();
  private final List<Consumer<Event>> listeners = new CopyOnWriteArrayList<>();
  private long last;

  /**
   * @param slot of this replica, below {@link #SLOTS}
   */
  EventLog(Clock clock, long slot) {
    this.clock = clock;
    this.slot = slot;
  }

  /**
   * Gives the event its id, keeps and tells it.
   *
   * @param object that will keep it
   */
  synchronized Event append(String planUid, String object, LongFunction<Event> event) {
    Event kept = event.apply(nextId());
    book(planUid, kept);
    NavigableMap<Long, Event> waiting = pending.computeIfAbsent(object, o -> new TreeMap<>());
    waiting.put(kept.id(), kept);
    if (waiting.size() > PER_PLAN) {
      waiting.pollFirstEntry();
    }
    tell(kept);
    return kept;
  }

  /** Tells what belongs to no plan any more. */
  synchronized Event pass(LongFunction<Event> event) {
    Event told = event.apply(nextId());
    tell(told);
    return told;
  }

  /** Below 2^53 until the year 2255, so that JavaScript can count them. */
  private long nextId() {
    long now = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant());
    long next = now - now % SLOTS + slot;
    while (next <= last) {
      next = last - last % SLOTS + SLOTS + slot;
    }
    last = next;
    return next;
  }

  private void tell(Event event) {
    // Told under the lock, so that every listener sees this replica's events in order.
    listeners.forEach(listener -> listener.accept(event));
  }

  private void book(String planUid, Event event) {
    NavigableMap<Long, Event> book = books.computeIfAbsent(planUid, p -> new TreeMap<>());
    book.put(event.id(), event);
    if (book.size() > PER_PLAN) {
      book.pollFirstEntry();
    }
  }

  /**
   * An object was read.
   *
   * @param before events of its last state
   * @param tell false while the ledger is first read: what happened before is no news
   */
  synchronized void seen(
      String planUid, String object, List<Event> before, List<Event> now, boolean tell) {
    if (now.isEmpty()) {
      return;
    }
    Set<Long> known = new HashSet<>();
    before.forEach(event -> known.add(event.id()));
    NavigableMap<Long, Event> waiting = pending.getOrDefault(object, new TreeMap<>());
    for (Event event : now) {
      last = Math.max(last, event.id());
      boolean mine = waiting.remove(event.id()) != null;
      if (!mine && known.add(event.id())) {
        book(planUid, event);
        if (tell) {
          tell(event);
        }
      }
    }
    if (waiting.isEmpty()) {
      pending.remove(object);
    }
  }

  /** What an object is to keep: what it has, what waits for it; the newest of it. */
  synchronized List<Event> merged(String planUid, String object, List<Event> held) {
    NavigableMap<Long, Event> all = new TreeMap<>();
    held.forEach(event -> all.put(event.id(), event));
    all.putAll(pending.getOrDefault(object, new TreeMap<>()));
    NavigableMap<Long, Event> book = books.getOrDefault(planUid, new TreeMap<>());
    while (all.size() > PER_PLAN
        || (all.size() > PER_OBJECT && !book.isEmpty() && all.firstKey() < book.firstKey())) {
      all.pollFirstEntry();
    }
    return List.copyOf(all.values());
  }

  /** Objects that have yet to be written because something happened to them. */
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

  /** Newest first. */
  synchronized List<Event> of(Collection<String> planUids) {
    List<Event> events = new ArrayList<>();
    planUids.forEach(uid -> events.addAll(books.getOrDefault(uid, new TreeMap<>()).values()));
    events.sort((a, b) -> Long.compare(b.id(), a.id()));
    return List.copyOf(events);
  }

  AutoCloseable subscribe(Consumer<Event> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
