// SPDX-License-Identifier: Apache-2.0
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

/** Tracing as configured by {@code quarkus.otel.*}. */
final class Tracing {

  private static final String SCOPE = "io.mtlsmigration";

  private Tracing() {}

  /** Returns the spans; a disabled tracer is not resolved. */
  @Produces
  @Singleton
  static Spans spans(
      Instance<OpenTelemetry> telemetry,
      @ConfigProperty(name = "quarkus.otel.sdk.disabled") boolean off) {
    return off ? Spans.OFF : Spans.of(telemetry.get().getTracer(SCOPE));
  }

  /** Wraps the configured sampler in {@link AskedFor}. */
  @Singleton
  static final class Sampling implements AutoConfiguredOpenTelemetrySdkBuilderCustomizer {
    @Override
    public void customize(AutoConfiguredOpenTelemetrySdkBuilder builder) {
      builder.addSamplerCustomizer((configured, config) -> new AskedFor(configured));
    }
  }

  /**
   * A sampler that drops traces that would begin with one of the service's own calls: renewals of
   * its lease (one every two seconds) and watches, which belong to no request. Calls within a tick,
   * a reading or a call of the API are kept.
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
