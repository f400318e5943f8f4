// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.ShadowDenial;
import io.mtlsmigration.traffic.ShadowRecord;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The denials of STRICT's dry runs in Prometheus: Envoy's shadow counters of RBAC filters, which
 * Istio's sidecars export by default (istio.io, "Dry Run" of authorization). One set of queries
 * serves all namespaces in demand, however many ({@link SharedReading}); without demand there is
 * none.
 *
 * <p>The counters do not tell dry runs apart: denials of somebody else's dry run in the namespace
 * count as well, and hold.
 */
public final class PrometheusShadows implements ShadowRecord, AutoCloseable {

  /** The least time that a reading reaches back. */
  private static final Duration LEAST = Duration.ofMinutes(1);

  private final PrometheusHttp api;
  private final Inventory inventory;
  private final UnseenEnds ends;
  private final Duration scrapeInterval;
  private final Duration refresh;
  private final Clock clock;
  private final QueryMeter meter;
  private final ExecutorService background =
      Executors.newThreadPerTaskExecutor(
          Thread.ofVirtual().name("prometheus-shadows-", 0).factory());
  private final SharedReading<ShadowReading> shared;
  private final Map<String, Asked> asked = new ConcurrentHashMap<>();

  /** The demand for a namespace: the earliest time of interest, and when it was last stated. */
  private record Asked(Instant from, Instant at) {}

  /**
   * Creates the record.
   *
   * @param scrapeInterval of the proxies
   */
  public PrometheusShadows(
      PrometheusOptions options,
      Inventory inventory,
      UnseenEnds ends,
      Duration scrapeInterval,
      Clock clock,
      QueryMeter meter) {
    this.api = new PrometheusHttp(options, meter);
    this.inventory = inventory;
    this.ends = ends;
    this.scrapeInterval = scrapeInterval;
    this.refresh = options.refresh();
    this.clock = clock;
    this.meter = meter;
    this.shared =
        new SharedReading<>(
            new SharedReading.Kind<>(
                ShadowReading::asOf,
                reading -> reading instanceof ShadowReading.Unread,
                why -> new ShadowReading.Unread(clock.instant(), why)),
            options.refresh(),
            clock,
            background);
  }

  @Override
  public Evidence<List<ShadowDenial>> denials(String namespace, Instant from, Instant now) {
    return reading(namespace, from, now).of(namespace, from, from.isBefore(now));
  }

  @Override
  public Instant countedSince(String namespace, Instant from, Instant now) {
    return reading(namespace, from, now).countedSince(namespace, from);
  }

  private ShadowReading reading(String namespace, Instant from, Instant now) {
    asked.put(namespace, new Asked(from, now));
    return shared.read(now, this::survey, reading -> reading.reachesBackTo(from));
  }

  private ShadowReading survey() {
    Instant now = clock.instant();
    asked
        .values()
        .removeIf(one -> one.at().plus(refresh.multipliedBy(2)).plus(LEAST).isBefore(now));
    Instant from = now.minus(LEAST);
    for (Asked one : asked.values()) {
      from = one.from().isBefore(from) ? one.from() : from;
    }
    Instant earliest = from;
    return meter.reading(
        "shadows",
        () -> ShadowReading.make(api, inventory.snapshot(), ends, scrapeInterval, earliest, now),
        reading -> reading instanceof ShadowReading.Unread unread ? unread.detail() : "");
  }

  @Override
  public void close() {
    background.shutdownNow();
    api.close();
  }
}
