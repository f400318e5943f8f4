// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.sandbox.MemoryLedger;
import io.mtlsmigration.testing.AroundLedger;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.helpers.test.AssertSubscriber;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.core.SecurityContext;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jboss.resteasy.reactive.server.jaxrs.SseImpl;
import org.jspecify.annotations.Nullable;
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

  /** It may act at once, and wait for what comes of that. */
  @Test
  void followsBeforeAReaderIsToldSo() {
    AtomicBoolean subscribed = new AtomicBoolean();
    AtomicReference<Boolean> whenTold = new AtomicReference<>();
    RolloutLedger ledger =
        new AroundLedger(new MemoryLedger()) {
          @Override
          public AutoCloseable subscribe(Consumer<Event> listener) {
            subscribed.set(true);
            return () -> {};
          }
        };
    EventStreams streams =
        new EventStreams(
            ledger, Duration.ofDays(1), Duration.ofDays(1), Duration.ofDays(1), 10, 10);

    streams
        .follow("", null, nobody(), new SseImpl(), getting())
        .onItem()
        .invoke(
            told -> {
              if ("following".equals(told.getComment())) {
                whenTold.set(subscribed.get());
              }
            })
        .subscribe()
        .withSubscriber(AssertSubscriber.create(10))
        .cancel();

    assertEquals(true, whenTold.get());
  }

  private static SecurityContext nobody() {
    return stub(SecurityContext.class, method -> null);
  }

  private static RoutingContext getting() {
    HttpServerRequest request = stub(HttpServerRequest.class, method -> HttpMethod.GET);
    return stub(RoutingContext.class, method -> request);
  }

  private static <T> T stub(Class<T> type, Function<String, @Nullable Object> answers) {
    return type.cast(
        Proxy.newProxyInstance(
            EventStreamsTest.class.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> answers.apply(method.getName())));
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
