// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static io.mtlsmigration.app.OtlpReceiver.hex;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.matchesPattern;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.e2e.SandboxProcess;
import io.opentelemetry.proto.trace.v1.Span;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the packaged service tells a receiver of traces, and that it tells none unless told to. */
@Tag("packaged")
final class TracesIT {

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String CALLER = "b7ad6b7169203331";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir Path folder;
  private final OtlpReceiver receiver = new OtlpReceiver();

  @AfterEach
  void close() {
    receiver.close();
  }

  private SandboxProcess service(Map<String, String> keys) {
    Map<String, String> all = new HashMap<>(keys);
    all.put("quarkus.otel.exporter.otlp.endpoint", receiver.endpoint());
    all.put("quarkus.otel.exporter.otlp.protocol", "http/protobuf");
    all.put("quarkus.otel.bsp.schedule.delay", "200ms");
    all.put("mtls-migration.log.json", "true");
    return SandboxProcess.start(folder.resolve("service.log"), all);
  }

  private SandboxProcess traced() {
    return service(Map.of("quarkus.otel.sdk.disabled", "false"));
  }

  private Span received(Predicate<Span> wanted) {
    return await()
        .atMost(PATIENCE)
        .until(() -> receiver.spans().stream().filter(wanted).findFirst(), Optional::isPresent)
        .orElseThrow();
  }

  private static Predicate<Span> named(String name) {
    return span -> span.getName().equals(name);
  }

  private static long number(Span span, String attribute) {
    return span.getAttributesList().stream()
        .filter(a -> a.getKey().equals(attribute))
        .mapToLong(a -> a.getValue().getIntValue())
        .findFirst()
        .orElse(-1);
  }

  private static void plan(SandboxProcess service) {
    service
        .http()
        .header("Content-Type", "application/json")
        .header("traceparent", "00-" + TRACE + "-" + CALLER + "-01")
        .body("{\"name\": \"foo\", \"scope\": {\"namespaces\": [\"foo\"]}}")
        .post("/plans")
        .then()
        .statusCode(201)
        .header("traceparent", matchesPattern("00-" + TRACE + "-[0-9a-f]{16}-01"));
  }

  @Test
  void aCallIsOneTraceInAnswerLogAndExport() {
    try (SandboxProcess service = traced()) {
      String answered =
          service
              .http()
              .header("Content-Type", "application/json")
              .header("traceparent", "00-" + TRACE + "-" + CALLER + "-01")
              .body("{\"name\": \"foo\", \"scope\": {\"namespaces\": [\"foo\"]}}")
              .post("/plans")
              .then()
              .statusCode(201)
              .extract()
              .header("traceparent");

      Span call = received(named("POST /api/v1/plans"));
      assertEquals(Span.SpanKind.SPAN_KIND_SERVER, call.getKind());
      assertEquals(TRACE, hex(call.getTraceId()));
      assertEquals(CALLER, hex(call.getParentSpanId()));
      assertEquals("00-" + TRACE + "-" + hex(call.getSpanId()) + "-01", answered);
      List<String> audited =
          await()
              .atMost(PATIENCE)
              .until(
                  () -> service.log().lines().filter(line -> line.contains("createPlan")).toList(),
                  lines -> !lines.isEmpty());
      assertTrue(
          audited.getFirst().contains("\"traceId\":\"" + TRACE + "\"")
              && audited.getFirst().contains("\"spanId\":\"" + hex(call.getSpanId()) + "\""),
          audited::getFirst);
    }
  }

  @Test
  void whatTheServiceDoesIsUnderWhatItIsDoneFor() {
    try (SandboxProcess service = traced()) {
      plan(service);
      service.http().post("/plans/foo/start").then().statusCode(202);
      service.http().post("/plans/foo/namespaces/foo/exempt").then().statusCode(202);
      service
          .http()
          .header("Content-Type", "application/json")
          .body("{}")
          .post("/connectivity/probes")
          .then()
          .statusCode(202);
      service
          .http()
          .header("Content-Type", "application/json")
          .body("{\"namespace\": \"foo\", \"workload\": \"httpbin\", \"duration\": \"1s\"}")
          .post("/wire-checks")
          .then()
          .statusCode(202);

      Span write = received(named("policy write"));
      Span tick = received(span -> span.getSpanId().equals(write.getParentSpanId()));
      assertEquals("tick", tick.getName());
      assertTrue(tick.getParentSpanId().isEmpty());
      assertEquals(1, number(tick, "mtls_migration.plans"));
      assertEquals(1, number(tick, "mtls_migration.writes"));
      Span run = received(named("probe run"));
      assertEquals(
          received(named("POST /api/v1/connectivity/probes")).getSpanId(), run.getParentSpanId());
      assertTrue(number(run, "mtls_migration.probes") > 0);
      Span check = received(named("wire check"));
      assertEquals(
          received(named("POST /api/v1/wire-checks")).getSpanId(), check.getParentSpanId());
      received(named("probe round"));
    }
  }

  @Test
  void aCallerThatDoesNotRecordIsNotRecorded() {
    try (SandboxProcess service = traced()) {
      service
          .http()
          .header("traceparent", "00-" + TRACE + "-" + CALLER + "-00")
          .get("/mesh")
          .then()
          .header("traceparent", matchesPattern("00-" + TRACE + "-[0-9a-f]{16}-00"));
      service.http().get("/namespaces").then().statusCode(200);

      received(named("GET /api/v1/namespaces"));

      assertTrue(receiver.spans().stream().noneMatch(named("GET /api/v1/mesh")));
    }
  }

  @Test
  void tellsNobodyUnlessSwitchedOn() {
    try (SandboxProcess service = service(Map.of())) {
      plan(service);
      service.http().post("/plans/foo/start").then().statusCode(202);
      service.http().post("/plans/foo/namespaces/foo/exempt").then().statusCode(202);
      await()
          .atMost(PATIENCE)
          .until(() -> service.http().get("/policies").asString().contains("PERMISSIVE"));
    }

    assertEquals(0, receiver.requests());
  }
}
