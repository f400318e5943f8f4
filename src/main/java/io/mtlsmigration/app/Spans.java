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
 * tracing is off none is made, and work is run as if nobody stood around it.
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
   * Runs work within a span, under the one that is current. An exception is the span's error, and
   * goes on.
   *
   * @param work is given the span; while tracing is off, one that takes anything and keeps nothing
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

  /** Marks a span as one of work that did not do what it was for. */
  static void failed(Span span, String why) {
    span.setStatus(StatusCode.ERROR, why);
  }

  /** The work for another thread, which goes on under the span that is current here. */
  Runnable carried(Runnable work) {
    return tracer == null ? work : Context.current().wrap(work);
  }
}
