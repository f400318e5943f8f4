// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.MatcherAssert.assertThat;
import static org.hamcrest.Matchers.startsWith;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.e2e.SandboxProcess;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Connections on which the head of a call comes a byte now and then. Against the packaged service:
 * Netty finds what bounds heads where Netty itself was loaded from, which in {@code @QuarkusTest}
 * is elsewhere.
 */
@Tag("packaged")
final class SlowHeadsIT {

  private static final int SLOW = 400;
  private static final Duration ALLOWED = Duration.ofSeconds(3);
  private static final String HEAD = "GET /api/v1/mesh HTTP/1.1\r\nHost: localhost\r\n";

  /** Long enough for any test here. */
  private static final String TRICKLE = "X-Slow: " + "s".repeat(1000);

  @TempDir static Path folder;

  private static SandboxProcess sandbox;
  private static URI service;
  private static URI management;

  @BeforeAll
  static void start() {
    sandbox =
        SandboxProcess.start(
            folder.resolve("service.log"),
            Map.of(
                "mtls-migration.head.timeout", "3s", "mtls-migration.events.heartbeat", "500ms"));
    service = sandbox.address();
    management = sandbox.management();
  }

  @AfterAll
  static void stop() {
    sandbox.close();
  }

  @Test
  void closesHundredsOfSlowOnesAndServesOthersMeanwhile() throws Exception {
    List<Wire> slow = new ArrayList<>();
    try {
      long begun = System.nanoTime();
      for (int i = 0; i < SLOW; i++) {
        Wire wire = new Wire(service);
        slow.add(wire);
        wire.send(HEAD);
      }
      int at = 0;
      while (slow.stream().anyMatch(wire -> !wire.over())) {
        assertTrue(since(begun).compareTo(ALLOWED.multipliedBy(4)) < 0, "some are still held");
        for (Wire wire : slow) {
          wire.trickle(TRICKLE.substring(at, at + 1));
        }
        at++;
        given().get(service.resolve("/api/v1/mesh")).then().statusCode(200);
        Thread.sleep(200);
      }

      assertTrue(since(begun).compareTo(ALLOWED) >= 0, "closed before its time");
      assertTrue(at > 2, "only " + at + " bytes were sent");
    } finally {
      slow.forEach(Wire::close);
    }
  }

  @Test
  void boundsTheHeadOfASecondCallAsWell() throws Exception {
    try (Wire wire = new Wire(service)) {
      wire.send(HEAD + "\r\n");
      await().atMost(ALLOWED).until(() -> wire.text().startsWith("HTTP/1.1 200 "));

      wire.send("GET /api/v1");

      await().atMost(ALLOWED.multipliedBy(3)).until(wire::over);
    }
  }

  @Test
  void boundsHeadsOnTheManagementPort() throws Exception {
    try (Wire wire = new Wire(management)) {
      wire.send("GET /q/health HTTP/1.1\r\nHost: localhost\r\n\r\n");
      await().atMost(ALLOWED).until(() -> wire.text().startsWith("HTTP/1.1 200 "));
      wire.send("GET /q/he");

      await().atMost(ALLOWED.multipliedBy(3)).until(wire::over);
    }
  }

  @Test
  void leavesQuietConnectionsAndStreamsAlone() throws Exception {
    try (Wire kept = new Wire(service);
        Wire fresh = new Wire(service);
        Wire stream = new Wire(service)) {
      kept.send(HEAD + "\r\n");
      stream.send(
          "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n");
      await().atMost(ALLOWED).until(() -> kept.text().startsWith("HTTP/1.1 200 "));

      Thread.sleep(ALLOWED.plusSeconds(1).toMillis());

      assertFalse(kept.over() || fresh.over() || stream.over());
      int heard = stream.text().length();
      await().atMost(ALLOWED).until(() -> stream.text().length() > heard);
      kept.send(HEAD + "\r\n");
      fresh.send(HEAD + "\r\n");
      await().atMost(ALLOWED).until(() -> kept.text().split("HTTP/1.1 200 ", -1).length == 3);
      await().atMost(ALLOWED).until(() -> fresh.text().startsWith("HTTP/1.1 200 "));
    }
  }

  @Test
  void leavesSlowBodiesToTheirOwnBound() throws Exception {
    try (Wire wire = new Wire(service)) {
      int bytes = 20;
      wire.send(
          "POST /api/v1/analyses HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/yaml\r\n"
              + "Content-Length: "
              + bytes
              + "\r\n\r\n");
      long begun = System.nanoTime();
      for (int i = 0; i < bytes; i++) {
        wire.send(" ");
        Thread.sleep(ALLOWED.multipliedBy(2).toMillis() / bytes);
      }
      assertTrue(since(begun).compareTo(ALLOWED) > 0, "the body came too fast");

      await().atMost(ALLOWED).until(() -> !wire.text().isEmpty());
      assertThat(wire.text(), startsWith("HTTP/1.1 200 "));
    }
  }

  @Test
  void leavesConnectionsOfHttp2ToTheIdleTimeout() throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(service.resolve("/api/v1/events"))
              .header("Accept", "text/event-stream")
              .build();
      HttpResponse<InputStream> stream =
          client.send(request, HttpResponse.BodyHandlers.ofInputStream());
      assertEquals(HttpClient.Version.HTTP_2, stream.version());

      Thread.sleep(ALLOWED.plusSeconds(1).toMillis());

      try (InputStream body = stream.body()) {
        assertTrue(body.readNBytes(20).length == 20, "the stream has ended");
      }
    }
  }

  private static Duration since(long begun) {
    return Duration.ofNanos(System.nanoTime() - begun);
  }
}
