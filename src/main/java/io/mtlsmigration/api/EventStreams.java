package io.mtlsmigration.api;

import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.api.problem.ProblemDetail.FieldError;
import io.mtlsmigration.api.view.EventView;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.RolloutLedger;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.subscription.MultiEmitter;
import jakarta.inject.Singleton;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Follows events live (server-sent events, WHATWG HTML §9.2). Whoever reconnects with {@code
 * Last-Event-ID} gets what it missed, as far as it is kept. Bounded in streams and, for each, in
 * events that a slow reader leaves waiting: beyond that its stream ends, and it reconnects.
 */
@Singleton
final class EventStreams {

  static final String LAST_EVENT_ID = "Last-Event-ID";

  private static final Logger LOG = Logger.getLogger(EventStreams.class);
  private static final int MAX_STREAMS = 200;
  private static final int MAX_WAITING = 1_000;

  private final RolloutLedger ledger;
  private final Duration heartbeat;
  private final Duration lifetime;
  private final AtomicInteger open = new AtomicInteger();

  /**
   * @param heartbeat between comments that keep proxies from closing a quiet stream, and that find
   *     out that a reader has gone
   * @param lifetime after which a stream ends: who may read is asked when it is opened, and a token
   *     that has been revoked since must not read on for ever
   */
  EventStreams(
      RolloutLedger ledger,
      @ConfigProperty(name = "mtls-migration.events.heartbeat", defaultValue = "15s")
          Duration heartbeat,
      @ConfigProperty(name = "mtls-migration.events.lifetime", defaultValue = "30m")
          Duration lifetime) {
    this.ledger = ledger;
    this.heartbeat = heartbeat;
    this.lifetime = lifetime;
  }

  /**
   * Events of a plan, of all plans when it is empty.
   *
   * @param lastEventId null to begin with what happens from now on
   */
  Multi<OutboundSseEvent> follow(String plan, @Nullable String lastEventId, Sse sse) {
    long after = known(id(lastEventId));
    if (open.incrementAndGet() > MAX_STREAMS) {
      open.decrementAndGet();
      throw ApiException.busy("There are " + MAX_STREAMS + " streams already", 30);
    }
    Multi<OutboundSseEvent> events =
        Multi.createFrom()
            .<Event>emitter(emitter -> subscribe(plan, after, emitter), MAX_WAITING)
            .map(event -> outbound(event, sse));
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
        .streams(hello, Multi.createBy().merging().streams(events, beats))
        .select()
        .first(lifetime)
        .onTermination()
        .invoke(() -> open.decrementAndGet());
  }

  /**
   * An id that nobody has given comes from before a restart, which counts anew: then all is new.
   */
  private long known(long after) {
    boolean given =
        after == Long.MAX_VALUE || ledger.events("").stream().anyMatch(e -> e.id() >= after);
    return given ? after : -1;
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
   * Subscribes first and reads what was missed second, so that nothing falls between; what comes
   * both ways is told by its id.
   */
  private void subscribe(String plan, long after, MultiEmitter<? super Event> emitter) {
    Relay relay = new Relay(plan, after == Long.MAX_VALUE ? -1 : after, emitter);
    AutoCloseable subscription = ledger.subscribe(relay::live);
    emitter.onTermination(() -> close(subscription));
    List<Event> missed = after == Long.MAX_VALUE ? List.of() : ledger.events(plan).reversed();
    relay.begin(missed);
  }

  private static void close(AutoCloseable subscription) {
    try {
      subscription.close();
    } catch (Exception e) {
      LOG.warn("An event subscription could not be closed", e);
    }
  }

  private static OutboundSseEvent outbound(Event event, Sse sse) {
    return sse.newEventBuilder()
        .id(Long.toString(event.id()))
        .name(event.type().name())
        .data(EventView.class, EventView.of(event))
        .build();
  }

  /** Puts what was missed before what is live, each event once. */
  private static final class Relay {
    private final String plan;
    private final MultiEmitter<? super Event> emitter;
    private final List<Event> early = new ArrayList<>();
    private boolean begun;
    private long last;

    Relay(String plan, long last, MultiEmitter<? super Event> emitter) {
      this.plan = plan;
      this.last = last;
      this.emitter = emitter;
    }

    synchronized void live(Event event) {
      if (!plan.isEmpty() && !plan.equals(event.plan())) {
        return;
      }
      if (begun) {
        emit(event);
      } else {
        early.add(event);
      }
    }

    synchronized void begin(List<Event> missed) {
      missed.forEach(this::emit);
      early.forEach(this::emit);
      early.clear();
      begun = true;
    }

    private void emit(Event event) {
      if (event.id() > last) {
        last = event.id();
        emitter.emit(event);
      }
    }
  }
}
