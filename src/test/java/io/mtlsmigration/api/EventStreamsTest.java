// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Reason;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What a reader of a stream is told. */
final class EventStreamsTest {

  private final AtomicReference<EventStreams.Relay> relay = new AtomicReference<>();

  private AssertSubscriber<EventStreams.Told> reader(long after) {
    return Multi.createFrom()
        .<EventStreams.Told>emitter(
            emitter -> relay.set(new EventStreams.Relay("", after, 10, emitter, () -> {})))
        .subscribe()
        .withSubscriber(AssertSubscriber.create(10));
  }

  private static Event event(long id) {
    return new Event(
        id,
        Instant.EPOCH,
        "plan",
        "foo",
        Event.Type.DRIFT_FOUND,
        "",
        "",
        Reason.WEAKENED_BY_OTHER,
        "",
        "",
        Map.of());
  }

  /** Each event, and whether it is late. */
  private static List<String> told(AssertSubscriber<EventStreams.Told> reader) {
    return reader.getItems().stream()
        .map(told -> told.event().id() + (told.late() ? " late" : ""))
        .toList();
  }

  /** The leader stores each with the object that it is about, in any order. */
  @Test
  void tellsAnEventOfAnotherReplicaThatComesAfterALaterOne() {
    AssertSubscriber<EventStreams.Told> reader = reader(-1);
    relay.get().begin(List.of());

    List.of(5L, 3L, 7L).forEach(id -> relay.get().live(event(id)));

    assertEquals(List.of("5", "3 late", "7"), told(reader));
  }

  @Test
  void tellsOnceWhatHappensWhileTheMissedEventsAreRead() {
    AssertSubscriber<EventStreams.Told> reader = reader(3);

    List.of(6L, 2L, 4L).forEach(id -> relay.get().live(event(id)));
    relay.get().begin(List.of(event(1), event(2), event(3), event(5), event(6)));

    assertEquals(List.of("5", "6", "2 late", "4 late"), told(reader));
  }
}
