package io.mtlsmigration.prometheus;

import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.traffic.DirectCall;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.OwnProbes;
import io.mtlsmigration.traffic.TrafficReading;
import io.mtlsmigration.traffic.TrafficRecord;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Traffic as Prometheus knows it. One set of queries for the whole mesh, made in the background and
 * shared: a tick never waits for Prometheus, and works with the last reading, whose age the gates
 * judge. Only the very first reading of a window is waited for, and not for long.
 */
public final class PrometheusTraffic implements TrafficRecord, AutoCloseable {

  /** The first reading of a window is waited for, so that a preview shows evidence at once. */
  private static final Duration FIRST_WAIT = Duration.ofSeconds(3);

  /** Windows that plans, verifications and people ask for; more are a mistake or an attack. */
  private static final int MAX_WINDOWS = 64;

  private final PrometheusApi api;
  private final PrometheusSurvey survey;
  private final PrometheusOptions options;
  private final Clock clock;
  private final ExecutorService background =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("prometheus-", 0).factory());
  private final Map<Duration, Slot> slots = new ConcurrentHashMap<>();

  public PrometheusTraffic(
      PrometheusOptions options, Inventory inventory, OwnProbes probes, Clock clock) {
    this.options = options;
    this.clock = clock;
    this.api = new PrometheusApi(options);
    this.survey = new PrometheusSurvey(api, inventory, probes);
  }

  /** The last reading of one window, and the one that is being made. */
  private static final class Slot {
    private @Nullable TrafficReading last;
    private @Nullable CompletableFuture<TrafficReading> next;
    private Instant asked = Instant.MIN;
  }

  @Override
  public TrafficReading read(Instant now, Duration window) {
    Slot slot = slot(window, now);
    CompletableFuture<TrafficReading> running;
    synchronized (slot) {
      slot.asked = now;
      TrafficReading last = slot.last;
      if (slot.next == null && (last == null || stale(last, now))) {
        slot.next = CompletableFuture.supplyAsync(() -> survey(slot, window), background);
      }
      if (last != null) {
        return last;
      }
      running = slot.next;
    }
    return first(running, now, window);
  }

  private TrafficReading survey(Slot slot, Duration window) {
    TrafficReading reading = null;
    try {
      reading = survey.read(clock.instant(), window);
      return reading;
    } finally {
      done(slot, reading);
    }
  }

  private boolean stale(TrafficReading last, Instant now) {
    return !last.asOf().plus(options.refresh()).isAfter(now);
  }

  /** One failure does not break a soak: the reading before it holds until it has grown old. */
  private void done(Slot slot, @Nullable TrafficReading reading) {
    synchronized (slot) {
      slot.next = null;
      TrafficReading last = slot.last;
      boolean keep =
          reading instanceof Unread
              && last != null
              && !(last instanceof Unread)
              && last.asOf().plus(options.refresh().multipliedBy(2)).isAfter(clock.instant());
      if (reading != null && !keep) {
        slot.last = reading;
      }
    }
  }

  private static TrafficReading first(
      @Nullable CompletableFuture<TrafficReading> running, Instant now, Duration window) {
    try {
      if (running != null) {
        return running.get(FIRST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      return new Unread(now, window, "Prometheus has not answered yet");
    }
    return new Unread(now, window, "Prometheus is being asked");
  }

  /** True when nothing is being asked. */
  boolean settled() {
    for (Slot slot : slots.values()) {
      synchronized (slot) {
        if (slot.next != null) {
          return false;
        }
      }
    }
    return true;
  }

  private Slot slot(Duration window, Instant now) {
    Slot slot = slots.computeIfAbsent(window, w -> new Slot());
    if (slots.size() > MAX_WINDOWS) {
      slots.entrySet().removeIf(e -> e.getValue() != slot && idle(e.getValue(), now));
    }
    return slot;
  }

  private boolean idle(Slot slot, Instant now) {
    synchronized (slot) {
      return slot.next == null && slot.asked.plus(options.refresh().multipliedBy(2)).isBefore(now);
    }
  }

  @Override
  public void close() {
    background.shutdownNow();
    api.close();
  }

  /** Nothing is known, of any namespace. */
  record Unread(Instant asOf, Duration window, Evidence.Reason reason, String detail)
      implements TrafficReading {

    Unread(Instant asOf, Duration window, String detail) {
      this(asOf, window, Evidence.Reason.SOURCE_DOWN, detail);
    }

    @Override
    public Evidence<NamespaceTraffic> of(String namespace) {
      return new Evidence.Unavailable<>(reason, detail);
    }

    @Override
    public Evidence<List<DirectCall>> direct() {
      return new Evidence.Unavailable<>(reason, detail);
    }
  }
}
