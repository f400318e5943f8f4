// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.RolloutLedger;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Streams of events with more readers, and with worse ones, than anybody would wish for. */
@QuarkusTest
@TestProfile(ManyReadersIT.Bounds.class)
final class ManyReadersIT {

  private static final int STREAMS = 500;

  /** Of an answer that has ended, on a connection that is kept. */
  private static final String LAST_CHUNK = "0";

  private static final Duration SOON = Duration.ofSeconds(30);

  public static final class Bounds implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "mtls-migration.events.max-streams", "" + STREAMS,
          "mtls-migration.events.max-waiting", "100",
          "mtls-migration.events.grace", "3s",
          // The console would print sixty megabytes.
          "quarkus.log.category.\"io.mtlsmigration.story\".level", "WARN");
    }
  }

  @TestHTTPResource("/")
  URI service;

  @Inject RolloutLedger ledger;

  @Test
  void tellsFiveHundredReadersAndRefusesOneMore() throws Exception {
    List<Reader> readers = new ArrayList<>();
    try {
      for (int i = 0; i < STREAMS; i++) {
        readers.add(new Reader(64 * 1024));
      }
      readers.forEach(Reader::begin);
      await().atMost(SOON).until(() -> readers.stream().allMatch(r -> r.said(": following")));

      given()
          .accept("text/event-stream")
          .get("/api/v1/events")
          .then()
          .statusCode(429)
          .header("Retry-After", notNullValue())
          .body("code", equalTo("TOO_MANY_REQUESTS"));
      long id = happened("to all", 1);

      await().atMost(SOON).until(() -> readers.stream().allMatch(r -> r.said("id: " + id)));
      given().get("/api/v1/mesh").then().statusCode(200);
    } finally {
      for (Reader reader : readers) {
        reader.close();
      }
    }
    await()
        .atMost(SOON)
        .until(
            () -> {
              try (Reader again = new Reader(64 * 1024)) {
                again.begin();
                await().atMost(SOON).until(() -> !again.lines.isEmpty());
                return again.said("HTTP/1.1 200 OK");
              }
            });
  }

  @Test
  void dropsASlowReaderAndTellsItSo() throws Exception {
    try (Reader slow = new Reader(4 * 1024)) {
      await().atMost(SOON).until(slow::isThere);
      happened("x".repeat(20_000), 1_500);
      slow.begin();

      await().atMost(SOON).until(() -> slow.ended);

      assertTrue(slow.said("event: " + EventStreams.DROPPED), () -> slow.lines.size() + " lines");
      long last = slow.lastId();
      long told = slow.lines.stream().filter(line -> line.startsWith("id: ")).count();
      assertTrue(told < 1_500, "nothing was left out: " + told);
      assertEquals(1, slow.lines.stream().filter(line -> line.equals("id: " + last)).count());
    }
  }

  @Test
  void closesTheConnectionOfAReaderThatHasStopped() throws Exception {
    try (Reader stopped = new Reader(4 * 1024)) {
      await().atMost(SOON).until(stopped::isThere);
      happened("x".repeat(20_000), 1_500);

      Thread.sleep(15_000); // five times the grace: a busy machine notices late
      stopped.begin();
      await().atMost(SOON).until(() -> stopped.ended);

      assertTrue(
          !stopped.said("event: " + EventStreams.DROPPED),
          "it was told, so it had been waited for");
    }
  }

  /** Appends events and answers the id of the last. */
  private long happened(String message, int times) {
    long id = 0;
    for (int i = 0; i < times; i++) {
      id =
          ledger
              .append(
                  new Event(
                      0,
                      Instant.EPOCH,
                      "read-by-many",
                      "",
                      Event.Type.PLAN_CHANGED,
                      "",
                      "DRAFT",
                      Reason.REQUESTED,
                      message,
                      "ann",
                      Map.of()))
              .id();
    }
    return id;
  }

  /** A stream over a socket of its own, whose buffer is as small as is asked. */
  private final class Reader implements AutoCloseable {
    final List<String> lines = new CopyOnWriteArrayList<>();
    volatile boolean ended;
    private final Socket socket = new Socket();

    Reader(int buffer) throws IOException {
      socket.setReceiveBufferSize(buffer);
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), service.getPort()));
      socket
          .getOutputStream()
          .write(
              "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"
                  .getBytes(UTF_8));
    }

    /** True when the service has begun to answer. */
    boolean isThere() throws IOException {
      return socket.getInputStream().available() > 0;
    }

    void begin() {
      Thread.ofVirtual().start(this::read);
    }

    private void read() {
      try (BufferedReader in =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8))) {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          lines.add(line.replaceAll("^(\\w*):(?! )", "$1: "));
          if (line.equals(LAST_CHUNK)) {
            ended = true;
          }
        }
      } catch (IOException e) {
        // Closed by either side.
      }
      ended = true;
    }

    boolean said(String line) {
      return lines.contains(line);
    }

    long lastId() {
      return lines.stream()
          .filter(line -> line.startsWith("id: "))
          .mapToLong(line -> Long.parseLong(line.substring(4)))
          .max()
          .orElse(-1);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
