package io.mtlsmigration.app;

import io.mtlsmigration.prometheus.QueryMeter;
import io.opentelemetry.api.trace.SpanKind;
import java.util.function.Function;
import java.util.function.Supplier;

/** A span around each reading of Prometheus, and under it one around each query. */
record TracedQueries(Spans spans) implements QueryMeter {

  @Override
  public <T> T reading(String evidence, Supplier<T> reading, Function<? super T, String> problem) {
    return traced("evidence " + evidence, SpanKind.INTERNAL, reading, problem);
  }

  @Override
  public <T> T query(String name, Supplier<T> query, Function<? super T, String> problem) {
    return traced("prometheus " + name, SpanKind.CLIENT, query, problem);
  }

  private <T> T traced(
      String name, SpanKind kind, Supplier<T> work, Function<? super T, String> problem) {
    return spans.within(
        name,
        kind,
        span -> {
          T made = work.get();
          String wrong = problem.apply(made);
          if (!wrong.isEmpty()) {
            Spans.failed(span, wrong);
          }
          return made;
        });
  }
}
