// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Spans (OpenTelemetry) of the service's own work; those of calls to its API are Quarkus'. While
 * tracing is off no span is created, and work runs unchanged.
 */
final class Spans {

  static final Spans OFF = new Spans(null);

  private final @Nullable Tracer tracer;

  private Spans(@Nullable Tracer tracer) {
    this.tracer = tracer;
  }

  static Spans of(Tracer tracer) {
    return new Spans(tracer);
  }

  /**
   * Runs work within a span, under the current one. An exception is recorded as the span's error
   * and rethrown.
   *
   * @param work receives the span; while tracing is off, one that ignores everything
   */
  <T> T within(String name, Function<Span, T> work) {
    return within(name, SpanKind.INTERNAL, work);
  }

  <T> T within(String name, SpanKind kind, Function<Span, T> work) {
    if (tracer == null) {
      return work.apply(Span.getInvalid());
    }
    Span span = tracer.spanBuilder(name).setSpanKind(kind).startSpan();
    Supplier<T> within = () -> work.apply(span);
    try {
      return Context.current().with(span).wrapSupplier(within).get();
    } catch (RuntimeException | Error e) {
      span.recordException(e);
      failed(span, e.toString());
      throw e;
    } finally {
      span.end();
    }
  }

  /** Marks a span as failed. */
  static void failed(Span span, String why) {
    span.setStatus(StatusCode.ERROR, why);
  }

  /** Returns the work for another thread, continuing under the current span. */
  Runnable carried(Runnable work) {
    return tracer == null ? work : Context.current().wrap(work);
  }
}
