// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.e2e.SandboxProcess;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged service takes its leave while it is in use. */
@Tag("packaged")
final class ShutdownIT {

  private static final Duration SOON = Duration.ofSeconds(20);

  /** Less than quarkus.shutdown.timeout and the delay of the test. */
  private static final Duration TO_END = Duration.ofSeconds(14);

  /** As a JVM ends by SIGTERM, and as a native binary may. */
  private static final List<Integer> IN_ORDER = List.of(143, 0);

  @TempDir Path folder;

  private final HttpClient client = HttpClient.newHttpClient();

  @Test
  void endsStreamsCapturesAndAnalysesAndSaysNothingOfAnError() throws Exception {
    try (SandboxProcess service = start()) {
      URI api = service.address().resolve("/api/v1/");
      List<String> lines = new CopyOnWriteArrayList<>();
      CompletableFuture<Void> stream = follow(api.resolve("events"), lines);
      await().atMost(SOON).until(() -> lines.contains(":following"));
      String capture = capture(service);
      CompletableFuture<HttpResponse<String>> analysis = analyse(api.resolve("analyses"));

      service.terminate();

      stream.get(SOON.toSeconds(), TimeUnit.SECONDS);
      assertTrue(lines.contains(":the service is stopping"), lines.toString());
      // Callers that have not learnt yet that it goes are still answered.
      given().get(service.management().resolve("/q/health/ready")).then().statusCode(503);
      awaitFailed(service, capture);
      assertAnswered(analysis.get(SOON.toSeconds(), TimeUnit.SECONDS));
      assertTrue(IN_ORDER.contains(service.exit(TO_END)), service::log);
      assertInOrder(service.log());
    }
  }

  private SandboxProcess start() {
    return SandboxProcess.start(
        folder.resolve("service.log"),
        Map.of("mtls-migration.demo.narrate", "false", "quarkus.shutdown.delay", "3s"));
  }

  /** Completes when the stream has its end, and fails when it is torn off. */
  private CompletableFuture<Void> follow(URI events, List<String> lines) {
    HttpRequest request =
        HttpRequest.newBuilder(events).header("Accept", "text/event-stream").build();
    return client
        .sendAsync(request, HttpResponse.BodyHandlers.ofLines())
        .thenAcceptAsync(response -> response.body().forEach(lines::add));
  }

  private static String capture(SandboxProcess service) {
    return service
        .http()
        .header("Content-Type", "application/json")
        .body("{\"namespace\": \"foo\", \"workload\": \"httpbin\", \"duration\": \"PT30S\"}")
        .post("/wire-checks")
        .then()
        .statusCode(202)
        .extract()
        .path("id");
  }

  /** Of pods and Services that select each other: takes seconds. */
  private CompletableFuture<HttpResponse<String>> analyse(URI analyses) {
    String objects =
        IntStream.range(0, 300)
            .mapToObj(
                i ->
                    """
                    {apiVersion: v1, kind: Service, metadata: {name: s%1$d, namespace: a},
                     spec: {selector: {app: a}, ports: [{port: 80}, {port: 81}]}}
                    ---
                    {apiVersion: v1, kind: Pod, metadata: {name: p%1$d, namespace: a, labels: {app: a}},
                     spec: {containers: [{name: c, image: c}]}}
                    """
                        .formatted(i))
            .collect(Collectors.joining("---\n"));
    return client.sendAsync(
        HttpRequest.newBuilder(analyses).POST(HttpRequest.BodyPublishers.ofString(objects)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static void awaitFailed(SandboxProcess service, String capture) {
    service
        .http()
        .get("/wire-checks/" + capture)
        .then()
        .statusCode(200)
        .body("state", equalTo("FAILED"))
        .body("failure.reason", containsString("stopping"));
  }

  /** To the end, or told that the service goes. */
  private static void assertAnswered(HttpResponse<String> analysis) {
    assertTrue(List.of(200, 503).contains(analysis.statusCode()), analysis::body);
    assertTrue(analysis.body().endsWith("}"), analysis::body);
  }

  private static void assertInOrder(String log) {
    assertFalse(log.contains("\tat "), log);
    assertFalse(log.contains("Timed out"), log);
    assertEquals(List.of(), log.lines().filter(line -> line.contains("ERROR")).toList());
  }
}
