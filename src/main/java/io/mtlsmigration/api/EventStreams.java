// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.api.problem.ProblemDetail.FieldError;
import io.mtlsmigration.api.view.EventView;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.RolloutLedger;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.operators.multi.processors.BroadcastProcessor;
import io.smallrye.mutiny.subscription.MultiEmitter;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Follows events live (server-sent events, WHATWG HTML §9.2). Whoever reconnects with {@code
 * Last-Event-ID} gets what it missed, as far as it is kept. Bounded in streams and, for each, in
 * events that a slow reader leaves waiting: beyond that it is told so by an event named {@code
 * dropped}, without an id, and its stream ends. A reader that has stopped cannot even be told: its
 * connection is closed after the grace. When the service stops, all end first: it waits for calls
 * that are under way, and these would never end by themselves.
 */
@Singleton
final class EventStreams {

  static final String LAST_EVENT_ID = "Last-Event-ID";

  private static final Logger LOG = Logger.getLogger(EventStreams.class);

  /** The name of the event that tells a slow reader that its stream ends. */
  static final String DROPPED = "dropped";

  private final RolloutLedger ledger;
  private final Duration heartbeat;
  private final Duration lifetime;
  private final Duration grace;
  private final int maxWaiting;
  private final StreamShares shares;

  /** Fails once: then nothing is followed any more. */
  private final BroadcastProcessor<OutboundSseEvent> stop = BroadcastProcessor.create();

  /**
   * Creates the streams.
   *
   * @param heartbeat the interval between comments that keep proxies from closing a quiet stream,
   *     and that detect readers that have gone
   * @param lifetime after which a stream ends: authorization is checked when it is opened, and a
   *     token that has been revoked since must not read on for ever
   * @param grace after which the connection of a dropped reader is closed, unless it has read on
   *     until then
   * @param maxStreams at once; a stream takes some 10 kB, and each event is written once for each
   * @param maxWaiting events that a stream may leave unread
   */
  EventStreams(
      RolloutLedger ledger,
      @ConfigProperty(name = "mtls-migration.events.heartbeat", defaultValue = "15s")
          Duration heartbeat,
      @ConfigProperty(name = "mtls-migration.events.lifetime", defaultValue = "30m")
          Duration lifetime,
      @ConfigProperty(name = "mtls-migration.events.grace", defaultValue = "30s") Duration grace,
      @ConfigProperty(name = "mtls-migration.events.max-streams", defaultValue = "1000")
          int maxStreams,
      @ConfigProperty(name = "mtls-migration.events.max-waiting", defaultValue = "1000")
          int maxWaiting) {
    this.ledger = ledger;
    this.heartbeat = heartbeat;
    this.lifetime = lifetime;
    this.grace = grace;
    this.shares = new StreamShares(maxStreams);
    this.maxWaiting = maxWaiting;
  }

  /**
   * Streams the events of a plan; of all plans when it is empty.
   *
   * @param lastEventId null to begin with the next event
   * @throws ApiException a 429 when there are too many, or too many of this caller
   */
  Multi<OutboundSseEvent> follow(
      String plan,
      @Nullable String lastEventId,
      SecurityContext security,
      Sse sse,
      RoutingContext routing) {
    long after = known(id(lastEventId));
    if (routing.request().method().equals(HttpMethod.HEAD)) {
      return Multi.createFrom().empty();
    }
    String caller = Actor.name(security);
    String refusal = shares.take(caller);
    if (refusal != null) {
      throw ApiException.busy(refusal, 30);
    }
    AtomicBoolean ended = new AtomicBoolean();
    Multi<OutboundSseEvent> events =
        Multi.createFrom()
            .<Told>emitter(emitter -> subscribe(plan, after, emitter, routing, ended))
            .map(told -> outbound(told, sse));
    Multi<OutboundSseEvent> beats =
        Multi.createFrom()
            .ticks()
            .every(heartbeat)
            .onOverflow()
            .drop()
            .map(tick -> sse.newEventBuilder().comment("heartbeat").build());
    Multi<OutboundSseEvent> hello =
        Multi.createFrom().item(sse.newEventBuilder().comment("following").build());
    return Multi.createBy()
        .concatenating()
        .streams(hello, Multi.createBy().merging().streams(events, beats, stop))
        .onFailure(SlowReaderException.class)
        .recoverWithItem(() -> dropped(sse))
        .onFailure(StoppingException.class)
        .recoverWithItem(() -> sse.newEventBuilder().comment("the service is stopping").build())
        .select()
        .first(lifetime)
        .onTermination()
        .invoke(() -> end(caller, ended));
  }

  /** Whoever follows is free to reconnect to another replica, and to miss nothing. */
  void stop(@Observes ShutdownDelayInitiatedEvent stopping) {
    stop.onError(new StoppingException());
  }

  /** How many are open. */
  int open() {
    return shares.open();
  }

  private void end(String caller, AtomicBoolean ended) {
    if (!ended.getAndSet(true)) {
      shares.give(caller);
    }
  }

  /**
   * Returns the id to resume after. An id that was never assigned predates a restart, which counts
   * anew: then all events are new.
   */
  private long known(long after) {
    return after == Long.MAX_VALUE || after <= ledger.lastEvent() ? after : -1;
  }

  private static long id(@Nullable String lastEventId) {
    if (lastEventId == null || lastEventId.isBlank()) {
      return Long.MAX_VALUE;
    }
    try {
      return Long.parseLong(lastEventId.strip());
    } catch (NumberFormatException e) {
      throw ApiException.of(
          ErrorCode.INVALID_PARAMETER,
          List.of(
              FieldError.parameter(
                  LAST_EVENT_ID, "WRONG_VALUE", "Expected is the id of an event, a number")));
    }
  }

  /**
   * Subscribes first and reads missed events second, so that none falls between; duplicates are
   * recognized by their id.
   */
  private void subscribe(
      String plan,
      long after,
      MultiEmitter<? super Told> emitter,
      RoutingContext routing,
      AtomicBoolean ended) {
    Relay relay =
        new Relay(
            plan,
            after == Long.MAX_VALUE ? -1 : after,
            maxWaiting,
            emitter,
            () -> closeUnlessRead(plan, routing, ended));
    AutoCloseable subscription = ledger.subscribe(relay::live);
    emitter.onTermination(() -> close(subscription));
    List<Event> missed = after == Long.MAX_VALUE ? List.of() : ledger.events(plan).reversed();
    relay.begin(missed);
  }

  /**
   * Closes the connection unless the reader reads on: the number of waiting events is bounded
   * elsewhere, the time that they may wait is bounded here.
   */
  private void closeUnlessRead(String plan, RoutingContext routing, AtomicBoolean ended) {
    LOG.infof("A reader of events is too slow and is dropped plan=%s", plan);
    routing
        .vertx()
        .setTimer(
            grace.toMillis(),
            timer -> {
              // HTTP/2 resets the stream alone; over HTTP/1.1 it is the connection's only one.
              if (!ended.get() && !routing.response().reset()) {
                routing.request().connection().close();
              }
            });
  }

  private static void close(AutoCloseable subscription) {
    try {
      subscription.close();
    } catch (Exception e) {
      LOG.warn("An event subscription could not be closed", e);
    }
  }

  /** An event that comes late has no id of the stream, which a reader resumes after. */
  private static OutboundSseEvent outbound(Told told, Sse sse) {
    Event event = told.take();
    OutboundSseEvent.Builder next =
        sse.newEventBuilder().name(event.type().name()).data(EventView.class, EventView.of(event));
    return (told.late() ? next : next.id(Long.toString(event.id()))).build();
  }

  /**
   * Returns the event for a dropped reader. It has no id, so that a reader that reconnects resumes
   * after the last event that it has read.
   */
  private static OutboundSseEvent dropped(Sse sse) {
    return sse.newEventBuilder()
        .name(DROPPED)
        .mediaType(MediaType.TEXT_PLAIN_TYPE)
        .data("too many events were left waiting; reconnect to go on after the last one that came")
        .build();
  }

  /** Thrown when a reader leaves more events waiting than allowed. */
  private static final class SlowReaderException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** The service takes its leave. */
  private static final class StoppingException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * An event on its way to a reader; taken when the reader has asked for it.
   *
   * @param late whether one with a higher id came before
   */
  record Told(Event event, boolean late, AtomicInteger waiting) {
    Event take() {
      waiting.decrementAndGet();
      return event;
    }
  }

  /**
   * Emits missed events before live ones, each event once. Those of another replica are not known
   * here in the order of their ids: each is stored with the object that it is about.
   */
  static final class Relay {
    private final String plan;
    private final int maxWaiting;
    private final MultiEmitter<? super Told> emitter;
    private final List<Event> early = new ArrayList<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final Runnable whenSlow;
    private int allowed;
    private boolean begun;
    private boolean dropped;
    private long last;

    Relay(
        String plan,
        long last,
        int maxWaiting,
        MultiEmitter<? super Told> emitter,
        Runnable whenSlow) {
      this.plan = plan;
      this.last = last;
      this.maxWaiting = maxWaiting;
      this.emitter = emitter;
      this.whenSlow = whenSlow;
    }

    synchronized void live(Event event) {
      if (!plan.isEmpty() && !plan.equals(event.plan())) {
        return;
      }
      if (begun) {
        boundedly(event);
      } else {
        early.add(event);
      }
    }

    /**
     * Emits the missed events and starts the live ones. Missed events are bounded by what is kept;
     * the bound of a stream applies to those that follow.
     */
    synchronized void begin(List<Event> missed) {
      long after = last;
      Set<Long> told = new HashSet<>(Set.of(after));
      missed.stream()
          .filter(event -> event.id() > after && told.add(event.id()))
          .forEach(this::emit);
      early.stream().filter(event -> told.add(event.id())).forEach(this::emit);
      early.clear();
      allowed = maxWaiting + waiting.get();
      begun = true;
    }

    private void boundedly(Event event) {
      if (dropped) {
        return;
      }
      if (waiting.get() >= allowed) {
        dropped = true;
        emitter.fail(new SlowReaderException());
        whenSlow.run();
        return;
      }
      emit(event);
    }

    private void emit(Event event) {
      boolean late = event.id() < last;
      last = Math.max(last, event.id());
      waiting.incrementAndGet();
      emitter.emit(new Told(event, late, waiting));
    }
  }
}
