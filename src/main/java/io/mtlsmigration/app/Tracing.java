package io.mtlsmigration.app;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdkBuilder;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import io.quarkus.opentelemetry.runtime.AutoConfiguredOpenTelemetrySdkBuilderCustomizer;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Tracing, as it is configured: {@code quarkus.otel.*}. */
final class Tracing {

  private static final String SCOPE = "io.mtlsmigration";

  private Tracing() {}

  /** What is off is not even asked for. */
  @Produces
  @Singleton
  static Spans spans(
      Instance<OpenTelemetry> telemetry,
      @ConfigProperty(name = "quarkus.otel.sdk.disabled") boolean off) {
    return off ? Spans.OFF : Spans.of(telemetry.get().getTracer(SCOPE));
  }

  /** Lays {@link AskedFor} around the sampler that is configured. */
  @Singleton
  static final class Sampling implements AutoConfiguredOpenTelemetrySdkBuilderCustomizer {
    @Override
    public void customize(AutoConfiguredOpenTelemetrySdkBuilder builder) {
      builder.addSamplerCustomizer((configured, config) -> new AskedFor(configured));
    }
  }

  /**
   * Drops traces that would begin with a call that the service makes: renewals of its lease (one
   * every two seconds) and watches, which belong to nothing that anybody has asked for. Calls
   * within a tick, a reading or a call of the API are kept.
   */
  record AskedFor(Sampler others) implements Sampler {
    @Override
    public SamplingResult shouldSample(
        Context parent,
        String traceId,
        String name,
        SpanKind kind,
        Attributes attributes,
        List<LinkData> links) {
      boolean root = !Span.fromContext(parent).getSpanContext().isValid();
      return root && kind == SpanKind.CLIENT
          ? SamplingResult.drop()
          : others.shouldSample(parent, traceId, name, kind, attributes, links);
    }

    @Override
    public String getDescription() {
      return "AskedFor{" + others.getDescription() + "}";
    }
  }
}
