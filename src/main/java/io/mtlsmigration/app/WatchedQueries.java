// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.mtlsmigration.prometheus.QueryMeter;
import io.opentelemetry.api.trace.SpanKind;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;

/** Measures and traces each reading of Prometheus, and each query within it. */
final class WatchedQueries implements QueryMeter {

  private final Spans spans;
  private final MeterRegistry meters;
  private final Clock clock;

  /** The times of the last usable evidence. */
  private final Map<String, Instant> latest = new ConcurrentHashMap<>();

  WatchedQueries(Spans spans, MeterRegistry meters, Clock clock) {
    this.spans = spans;
    this.meters = meters;
    this.clock = clock;
  }

  @Override
  public <T> T reading(String evidence, Supplier<T> reading, Function<? super T, String> problem) {
    latest.computeIfAbsent(evidence, this::shown);
    return watched(
        new What("evidence " + evidence, SpanKind.INTERNAL, Metric.EVIDENCE_READINGS, evidence),
        reading,
        made -> {
          String wrong = problem.apply(made);
          if (wrong.isEmpty()) {
            latest.put(evidence, clock.instant());
          }
          return wrong;
        });
  }

  @Override
  public <T> T query(String name, Supplier<T> query, Function<? super T, String> problem) {
    return watched(
        new What("prometheus " + name, SpanKind.CLIENT, Metric.PROMETHEUS_QUERIES, name),
        query,
        problem);
  }

  /** Registers the age's gauge with the first reading, which has not ended yet. */
  private Instant shown(String evidence) {
    Metric.EVIDENCE_AGE.gauge(
        meters,
        this,
        me -> StateGauges.age(me.latest.getOrDefault(evidence, Instant.EPOCH), me.clock),
        evidence);
    return Instant.EPOCH;
  }

  private record What(String span, SpanKind kind, Metric metric, String label) {}

  private <T> T watched(What what, Supplier<T> work, Function<? super T, String> problem) {
    Timer.Sample time = Timer.start(meters);
    return spans.within(
        what.span(),
        what.kind(),
        span -> {
          T made = work.get();
          String wrong = problem.apply(made);
          if (!wrong.isEmpty()) {
            Spans.failed(span, wrong);
          }
          time.stop(what.metric().timer(meters, what.label(), wrong.isEmpty() ? "ok" : "failed"));
          return made;
        });
  }
}
