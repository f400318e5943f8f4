// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.traffic.TrafficReading;
import io.mtlsmigration.traffic.TrafficRecord;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/**
 * Traffic from Prometheus. One set of queries for the whole mesh, made in the background and shared
 * ({@link SharedReading}).
 */
public final class PrometheusTraffic implements TrafficRecord, UnseenEnds, AutoCloseable {

  /** The maximum number of windows requested; more are a mistake or an attack. */
  private static final int MAX_WINDOWS = 64;

  private final PrometheusHttp api;
  private final PrometheusTrafficQuery survey;
  private final PrometheusOptions options;
  private final Clock clock;
  private final QueryMeter meter;
  private final ExecutorService background =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("prometheus-", 0).factory());
  private final Map<Duration, SharedReading<TrafficReading>> slots = new ConcurrentHashMap<>();

  /** Creates a source; {@code speakers} are those of {@link PrometheusTrafficQuery}. */
  public PrometheusTraffic(
      PrometheusOptions options,
      Inventory inventory,
      Duration scrapeInterval,
      Clock clock,
      QueryMeter meter,
      Set<String> speakers) {
    this.options = options;
    this.clock = clock;
    this.meter = meter;
    this.api = new PrometheusHttp(options, meter);
    this.survey = new PrometheusTrafficQuery(api, inventory, scrapeInterval, speakers);
  }

  @Override
  public TrafficReading read(Instant now, Duration window) {
    return slot(window, now).read(now, () -> survey(window), reading -> true);
  }

  /** Looks at the pods alone: what becomes of them between two readings is not known later. */
  public void look() {
    survey.look(clock.instant());
  }

  @Override
  public Function<String, Instant> endedUnseen(Instant now, Duration window) {
    return survey.endedUnseen(now, window);
  }

  private TrafficReading survey(Duration window) {
    return meter.reading(
        "traffic",
        () -> survey.read(clock.instant(), window),
        reading -> reading instanceof UnreadTraffic unread ? unread.detail() : "");
  }

  /** Returns whether no query is running. */
  boolean settled() {
    return slots.values().stream().allMatch(SharedReading::settled);
  }

  private SharedReading<TrafficReading> slot(Duration window, Instant now) {
    SharedReading<TrafficReading> slot =
        slots.computeIfAbsent(
            window,
            w ->
                new SharedReading<>(
                    new SharedReading.Kind<>(
                        TrafficReading::asOf,
                        reading -> reading instanceof UnreadTraffic,
                        why -> new UnreadTraffic(clock.instant(), w, why)),
                    options.refresh(),
                    clock,
                    background));
    if (slots.size() > MAX_WINDOWS) {
      slots.entrySet().removeIf(e -> !e.getKey().equals(window) && e.getValue().idle(now));
    }
    return slot;
  }

  @Override
  public void close() {
    background.shutdownNow();
    api.close();
  }
}
