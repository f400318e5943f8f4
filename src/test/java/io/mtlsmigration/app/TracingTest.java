// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.mtlsmigration.app.Tracing.AskedFor;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.rollout.PolicyWriter;
import io.mtlsmigration.rollout.WriteIntent;
import io.mtlsmigration.rollout.WriteResult;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Which spans there are, and what they say. */
final class TracingTest {

  private static final ObjectRef POLICY = new ObjectRef("PeerAuthentication", "foo", "default");
  private static final PeerAuthentication.Spec STRICT =
      new PeerAuthentication.Spec(Map.of(), MtlsMode.STRICT, Map.of());

  private final InMemorySpanExporter exported = InMemorySpanExporter.create();
  private final SdkTracerProvider tracing =
      SdkTracerProvider.builder()
          .setSampler(new AskedFor(Sampler.parentBased(Sampler.alwaysOn())))
          .addSpanProcessor(SimpleSpanProcessor.create(exported))
          .build();
  private final MeterRegistry meters = new SimpleMeterRegistry();
  private final Spans spans = Spans.of(tracing.get("test"));

  @AfterEach
  void close() {
    tracing.close();
  }

  private List<String> names() {
    return exported.getFinishedSpanItems().stream().map(SpanData::getName).toList();
  }

  @Test
  void callsThatBelongToNothingAreDroppedWithWhatIsUnderThem() {
    spans.within(
        "renewal of the lease",
        SpanKind.CLIENT,
        renewal -> spans.within("connection", SpanKind.CLIENT, connection -> "done"));

    assertEquals(List.of(), names());
  }

  @Test
  void callsWithinSomethingAreKept() {
    spans.within("tick", tick -> spans.within("PATCH", SpanKind.CLIENT, call -> "done"));

    assertEquals(List.of("PATCH", "tick"), names());
  }

  static Stream<Arguments> results() {
    return Stream.of(
        argumentSet("applied", new WriteResult.Applied(null), StatusCode.UNSET, ""),
        argumentSet("conflict", new WriteResult.Conflict("moved on"), StatusCode.ERROR, "moved on"),
        argumentSet(
            "owned", new WriteResult.OwnedByOther("helm", "mode"), StatusCode.ERROR, "helm: mode"),
        argumentSet("refused", new WriteResult.Refused("no"), StatusCode.ERROR, "no"),
        argumentSet("unknown", new WriteResult.Unknown("away"), StatusCode.ERROR, "away"));
  }

  @ParameterizedTest
  @MethodSource("results")
  void aWriteTellsWhichPolicyAndWhatBecameOfIt(WriteResult result, StatusCode code, String why) {
    PolicyWriter writer = new WatchedWriter(new Answering(result), spans, meters);

    WriteResult given =
        writer.apply(
            new WriteIntent(
                new PolicyChange(POLICY, null, STRICT, PolicyChange.Purpose.LOCK, false, ""),
                "",
                "",
                "",
                1,
                Instant.EPOCH),
            false);

    assertEquals(result, given);
    SpanData span = exported.getFinishedSpanItems().getFirst();
    assertEquals("policy write", span.getName());
    assertEquals("foo", span.getAttributes().get(AttributeKey.stringKey("k8s.namespace.name")));
    assertEquals(
        "lock", span.getAttributes().get(AttributeKey.stringKey("mtls_migration.purpose")));
    assertEquals(code, span.getStatus().getStatusCode());
    assertEquals(why, span.getStatus().getDescription());
  }

  private record Answering(WriteResult result) implements PolicyWriter {
    @Override
    public WriteResult apply(WriteIntent intent, boolean adopt) {
      return result;
    }

    @Override
    public WriteResult dryRun(WriteIntent intent, boolean adopt) {
      return result;
    }

    @Override
    public Optional<PeerAuthentication> read(ObjectRef ref) {
      return Optional.empty();
    }

    @Override
    public Map<ObjectRef, String> versions(String namespace) {
      return Map.of();
    }

    @Override
    public Map<ObjectRef, String> versions() {
      return Map.of();
    }

    @Override
    public String namespaceUid(String name) {
      return "";
    }
  }

  @Test
  void queriesAreUnderTheirReadingAndSayWhatWentWrong() {
    WatchedQueries queries = new WatchedQueries(spans, meters, Clock.systemUTC());

    queries.reading(
        "traffic",
        () -> queries.query("coverage", () -> "Prometheus is away", problem -> problem),
        made -> "");

    List<SpanData> ended = exported.getFinishedSpanItems();
    assertEquals(List.of("prometheus coverage", "evidence traffic"), names());
    assertEquals(ended.get(1).getSpanId(), ended.get(0).getParentSpanId());
    assertEquals("Prometheus is away", ended.get(0).getStatus().getDescription());
    assertEquals(StatusCode.UNSET, ended.get(1).getStatus().getStatusCode());
  }
}
