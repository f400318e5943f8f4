// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.kubernetes.resource.EventEntry;
import io.mtlsmigration.kubernetes.resource.ResourceJson.MalformedException;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Reason;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Converts events to and from the form stored in objects. */
final class EventEntries {

  /** Names of fields, id, time, type, reason and phases, in bytes. */
  private static final int FIXED = 320;

  /** Quotes, a colon and a comma. */
  private static final int SEPARATORS = 6;

  private EventEntries() {}

  /**
   * Returns the entries of events.
   *
   * @param own the subject of the object, which most of its events share
   */
  static List<EventEntry> write(List<Event> events, String own) {
    return events.stream().map(event -> write(event, own)).toList();
  }

  private static EventEntry write(Event event, String own) {
    return new EventEntry(
        event.id(),
        event.at().toString(),
        event.subject().equals(own) ? null : event.subject(),
        event.type().name(),
        event.from(),
        event.to(),
        event.reason().name(),
        event.message(),
        event.actor(),
        new TreeMap<>(event.evidence()));
  }

  /** Returns no less than the size of an event in its object, in bytes of JSON. */
  static long bytes(Event event) {
    long texts =
        json(event.message()) + json(event.actor()) + json(event.subject()) + json(event.plan());
    for (Map.Entry<String, String> one : event.evidence().entrySet()) {
      texts += json(one.getKey()) + json(one.getValue()) + SEPARATORS;
    }
    return texts + FIXED;
  }

  /** Returns the size of a text; a control character is escaped in six bytes. */
  private static long json(String text) {
    long size = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      size += c < ' ' ? 6 : c == '"' || c == '\\' ? 2 : c < 0x80 ? 1 : 3;
    }
    return size;
  }

  /** Returns the events of entries, without unreadable ones: history decides nothing. */
  static List<Event> read(@Nullable List<EventEntry> entries, String plan, String own) {
    return Values.list(entries).stream()
        .flatMap(entry -> lenient(entry, plan, own).stream())
        .toList();
  }

  private static Optional<Event> lenient(EventEntry entry, String plan, String own) {
    try {
      return Optional.of(read(entry, plan, own));
    } catch (MalformedException e) {
      return Optional.empty();
    }
  }

  private static Event read(EventEntry entry, String plan, String own) throws MalformedException {
    return new Event(
        Values.required(entry.id(), "/id"),
        Values.instant(entry.at(), "/at"),
        plan,
        entry.subject() == null ? own : entry.subject(),
        Values.choice(Event.Type.class, entry.type(), "/type"),
        Values.text(entry.from()),
        Values.text(entry.to()),
        Values.choice(Reason.class, entry.reason(), "/reason"),
        Values.text(entry.message()),
        Values.text(entry.actor()),
        Values.map(entry.evidence()));
  }
}
