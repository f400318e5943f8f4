// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The events that a plan's history keeps, by their ids. Evidence that comes and goes may change a
 * gate at every tick, and a receiver of hooks may fail for days: neither displaces how a namespace
 * came to be locked, who agreed to it, or how it was opened again. Bounded: {@link #NEWEST} and
 * {@link #OLDER}, and {@link #CHANGES} and {@link #REQUESTS} for each namespace. Not thread-safe.
 */
public final class History {

  /** The number of the newest events, whatever they tell. */
  public static final int NEWEST = 200;

  /** The number of events before these that do not merely repeat. */
  static final int OLDER = 100;

  /** The number of events about one subject before all these that tell what was done to it. */
  static final int CHANGES = 6;

  /** The number of such events that tell what people asked for. */
  static final int REQUESTS = 4;

  private final NavigableMap<Long, Event> newest = new TreeMap<>();
  private final NavigableMap<Long, Event> older = new TreeMap<>();
  private final Map<Room, NavigableMap<Long, Event>> oldest = new HashMap<>();

  private record Room(String subject, boolean asked) {
    int size() {
      return asked ? REQUESTS : CHANGES;
    }
  }

  /** Adds an event, in any order and any number of times; forgets what there is no room for. */
  public void add(Event event) {
    if (contains(event)) {
      return;
    }
    newest.put(event.id(), event);
    while (newest.size() > NEWEST) {
      Event next = newest.pollFirstEntry().getValue();
      if (!repeats(next)) {
        older.put(next.id(), next);
      }
    }
    while (older.size() > OLDER) {
      Event next = older.pollFirstEntry().getValue();
      Room room = room(next);
      NavigableMap<Long, Event> kept = oldest.computeIfAbsent(room, r -> new TreeMap<>());
      kept.put(next.id(), next);
      if (kept.size() > room.size()) {
        kept.pollFirstEntry();
      }
    }
  }

  public void addAll(Collection<Event> events) {
    events.forEach(this::add);
  }

  /** Returns whether an event of that id is kept. */
  public boolean contains(Event event) {
    return newest.containsKey(event.id())
        || older.containsKey(event.id())
        || oldest.getOrDefault(room(event), new TreeMap<>()).containsKey(event.id());
  }

  /** Removes an event; returns whether it was kept. */
  public boolean remove(Event event) {
    return newest.remove(event.id()) != null
        || older.remove(event.id()) != null
        || oldest.getOrDefault(room(event), new TreeMap<>()).remove(event.id()) != null;
  }

  public boolean isEmpty() {
    return newest.isEmpty() && older.isEmpty() && oldest.values().stream().allMatch(Map::isEmpty);
  }

  /** Returns the events, newest first. */
  public List<Event> events() {
    NavigableMap<Long, Event> all = new TreeMap<>(older);
    oldest.values().forEach(all::putAll);
    all.putAll(newest);
    return new ArrayList<>(all.descendingMap().values());
  }

  private static Room room(Event event) {
    return switch (event.type()) {
      case APPROVED, OVERRIDDEN, REQUESTED, PLAN_CHANGED -> new Room(event.subject(), true);
      default -> new Room(event.subject(), false);
    };
  }

  /** Returns whether such events may come at every tick without a change of what is in force. */
  public static boolean repeats(Event event) {
    return switch (event.type()) {
      case GATE_CHANGED, WRITE_FAILED, HOOK_DELIVERED, HOOK_FAILED -> true;
      case PHASE_CHANGED ->
          event.from().equals(event.to())
              || switch (event.to()) {
                case "PENDING", "OBSERVING", "AUDITING", "READY", "AWAITING_APPROVAL", "BLOCKED" ->
                    !event.from().equals(Phase.LOCKED.name());
                default -> false;
              };
      case PLAN_CHANGED,
          POLICY_WRITTEN,
          APPROVED,
          OVERRIDDEN,
          REQUESTED,
          DRIFT_FOUND,
          RATCHET_LIFTED ->
          false;
    };
  }
}
