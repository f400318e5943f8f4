// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.History;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.testing.ManualClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What objects keep of a plan's history. */
final class EventLogTest {

  private static final String PLAN = "uid";

  private final ManualClock clock = new ManualClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final EventLog log = new EventLog(clock, 1);
  private final Map<String, List<Event>> objects = new HashMap<>();

  private Event happens(EventLog at, String namespace, Event.Type type, String message) {
    clock.advance(Duration.ofSeconds(1));
    Event event =
        new Event(
            0,
            clock.instant(),
            "q4",
            namespace,
            type,
            "",
            "",
            Reason.WRITE_DONE,
            message,
            "mtls-migration",
            Map.of());
    return at.append(PLAN, namespace, event::withId);
  }

  /** As a write of the object does. */
  private List<Event> stores(EventLog at, String namespace) {
    return stores(at, namespace, 0);
  }

  /** The same, of an object whose other parts have so many bytes. */
  private List<Event> stores(EventLog at, String namespace, long rest) {
    List<Event> held = objects.getOrDefault(namespace, List.of());
    List<Event> next = at.merged(PLAN, namespace, held, rest);
    objects.put(namespace, next);
    at.seen(PLAN, namespace, held, next, true);
    return next;
  }

  /** The plan has so many namespaces that its own history is full of the others. */
  @Test
  void anObjectTellsOfItsLockHoweverOftenGatesChange() {
    Event lock = happens(log, "foo", Event.Type.POLICY_WRITTEN, "");
    assertEquals(List.of(lock), stores(log, "foo"));
    for (int i = 0; i < 1_000; i++) {
      happens(log, "n" + i, Event.Type.POLICY_WRITTEN, "");
      stores(log, "n" + i);
    }

    for (int i = 0; i < 100; i++) {
      happens(log, "foo", Event.Type.GATE_CHANGED, "");
      stores(log, "foo");
    }

    assertEquals(lock, objects.get("foo").getFirst());
    assertTrue(log.of(List.of(PLAN)).contains(lock), "and so does the plan's history");
  }

  /** Somebody has edited it into something invalid, and put back what was there. */
  @Test
  void anObjectThatCouldNotBeReadForAWhileTellsNothingAgain() {
    EventLog other = new EventLog(clock, 2);
    happens(other, "foo", Event.Type.POLICY_WRITTEN, "");
    List<Event> events = stores(other, "foo");
    List<Event> told = new ArrayList<>();
    AutoCloseable unused = log.subscribe(told::add);
    log.seen(PLAN, "foo", List.of(), events, true);

    log.seen(PLAN, "foo", events, List.of(), true);
    log.seen(PLAN, "foo", List.of(), events, true);

    assertEquals(events, told);
  }

  /** What an older release kept is the newest of any type; nothing of it is lost by reading it. */
  @Test
  void takesInAnObjectOfAnOlderRelease() {
    List<Event> old = new ArrayList<>();
    old.add(happens(log, "foo", Event.Type.POLICY_WRITTEN, ""));
    for (int i = 1; i < EventLog.PER_OBJECT; i++) {
      old.add(happens(log, "foo", Event.Type.GATE_CHANGED, ""));
    }
    EventLog next = new EventLog(clock, 2);
    objects.put("foo", old);
    next.seen(PLAN, "foo", List.of(), old, false);
    Event more = happens(next, "foo", Event.Type.GATE_CHANGED, "");

    assertEquals(Stream.concat(old.stream(), Stream.of(more)).toList(), stores(next, "foo"));
  }

  /** Two that led one after the other: neither takes the other's events away. */
  @Test
  void mergesTheEventsOfTwoReplicas() {
    EventLog other = new EventLog(clock, 2);
    Event one = happens(log, "foo", Event.Type.POLICY_WRITTEN, "");
    Event two = happens(other, "foo", Event.Type.APPROVED, "");
    stores(other, "foo");

    List<Event> merged = stores(log, "foo");

    assertEquals(List.of(one, two), merged);
    assertFalse(log.waits("foo"));
  }

  /** As of a lock that was taken back for ten thousand clients whom it refused. */
  @Test
  void anEventIsKeptHoweverManyFactsAreBehindIt() {
    Map<String, String> refused = new HashMap<>();
    for (int i = 0; i < 10_000; i++) {
      refused.put("legacy/client-%05d to foo/httpbin:8080".formatted(i), "1 refused");
    }
    Event undone =
        log.append(
            PLAN,
            "foo",
            id ->
                new Event(
                    id,
                    clock.instant(),
                    "q4",
                    "foo",
                    Event.Type.PHASE_CHANGED,
                    "VERIFYING",
                    "ROLLING_BACK",
                    Reason.CLIENTS_REFUSED,
                    "",
                    "mtls-migration",
                    refused));

    assertEquals(List.of(undone), stores(log, "foo"));
    assertEquals(
        refused.size() - undone.evidence().size() + 1 + " others",
        undone.evidence().get("and more"));
  }

  /** What was displaced before it was stored must not be written again and again. */
  @Test
  void whatHasNoRoomWaitsNoLonger() {
    EventLog other = new EventLog(clock, 2);
    happens(log, "foo", Event.Type.GATE_CHANGED, "displaced");
    for (int i = 0; i < History.NEWEST; i++) {
      happens(other, "foo", Event.Type.GATE_CHANGED, "");
    }
    stores(other, "foo");

    List<Event> merged = stores(log, "foo");

    assertTrue(merged.stream().noneMatch(event -> event.message().equals("displaced")));
    assertFalse(log.waits("foo"));
  }

  /**
   * Each step has its own object, so that 10 plans of 1,000 steps are 10,000 objects: this is the
   * largest. The one of a plan has events of the plan alone.
   */
  @Test
  void anObjectNeverOutgrowsWhatEtcdTakes() throws JsonProcessingException {
    String long16k = "\u0001\"ü字".repeat(4_000);
    Event lock = happens(log, "foo", Event.Type.POLICY_WRITTEN, "short");
    for (int i = 0; i < 400; i++) {
      happens(log, "foo", Event.Type.GATE_CHANGED, long16k);
      happens(log, "foo", Event.Type.APPROVED, long16k);
      stores(log, "foo");
    }

    byte[] json =
        new ObjectMapper()
            .writeValueAsString(EventEntries.write(objects.get("foo"), "foo"))
            .getBytes(StandardCharsets.UTF_8);

    assertTrue(json.length <= EventLog.MOST_BYTES, json.length + " bytes");
    assertTrue(json.length > EventLog.MOST_BYTES / 2, json.length + " bytes");
    assertTrue(objects.get("foo").contains(lock));
    assertFalse(log.waits("foo"));
  }

  /** As that of a step that has changed policies with tens of thousands of ports. */
  @Test
  void eventsMakeRoomForWhatARollbackNeeds() throws JsonProcessingException {
    Event lock = happens(log, "foo", Event.Type.POLICY_WRITTEN, "short");
    for (int i = 0; i < 400; i++) {
      happens(log, "foo", Event.Type.GATE_CHANGED, "x".repeat(8_000));
    }

    stores(log, "foo", 1_300_000);

    String json =
        new ObjectMapper().writeValueAsString(EventEntries.write(objects.get("foo"), "foo"));
    assertTrue(1_300_000 + json.length() < 1_500_000, json.length() + " characters");
    assertTrue(objects.get("foo").contains(lock));
    stores(log, "foo", 2_000_000);
    assertEquals(List.of(), objects.get("foo"));
    assertFalse(log.waits("foo"));
  }
}
