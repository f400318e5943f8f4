// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.ShadowDenial;
import io.mtlsmigration.traffic.ShadowRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Readings of dry runs as {@link PrometheusShadows} makes them, when they are asked for. */
public final class DryRunReadings implements ShadowRecord {

  private final PrometheusApi api;
  private final MeshSnapshot facts;
  private final UnseenEnds ends;
  private final Duration interval;
  private @Nullable ShadowReading last;

  public DryRunReadings(PrometheusApi api, MeshSnapshot facts, UnseenEnds ends, Duration interval) {
    this.api = api;
    this.facts = facts;
    this.ends = ends;
    this.interval = interval;
  }

  @Override
  public Evidence<List<ShadowDenial>> denials(String namespace, Instant from, Instant now) {
    return reading(from, now).of(namespace, from, from.isBefore(now));
  }

  @Override
  public Instant countedSince(String namespace, Instant from, Instant now) {
    return reading(from, now).countedSince(namespace, from);
  }

  private ShadowReading reading(Instant from, Instant now) {
    if (last == null || !last.reachesBackTo(from)) {
      Instant least = now.minus(Duration.ofMinutes(1));
      Instant begin = from.isBefore(least) ? from : least;
      last = ShadowReading.make(api, facts, ends, interval, begin, now);
    }
    return last;
  }
}
