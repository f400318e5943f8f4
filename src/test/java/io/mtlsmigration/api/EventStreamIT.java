// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Events as they happen, and again from where a reader left off. */
@QuarkusTest
final class EventStreamIT {

  private static final Duration SOON = Duration.ofSeconds(20);

  @TestHTTPResource("/api/v1/")
  URI api;

  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeEach
  void draft() {
    Plan.draft("streamed", "{'scope':{'namespaces':['bar']},'gates':{'plaintextWindow':'P7D'}}");
  }

  @AfterEach
  void delete() {
    Plan.end("streamed");
    client.close();
  }

  @Test
  void followsWhatHappensAndResumesAfterTheLastSeenEvent() throws Exception {
    List<String> seen;
    try (Follower follower = follow("plans/streamed/events", null)) {
      await().atMost(SOON).until(() -> follower.comments.contains("following"));
      Plan.act("streamed", "start");
      Plan.act("streamed", "abort");
      await().atMost(SOON).until(() -> follower.data.toString().contains("ABORTED"));
      seen = List.copyOf(follower.ids);
    }

    try (Follower again = follow("plans/streamed/events", seen.getFirst())) {
      await().atMost(SOON).until(() -> again.ids.containsAll(seen.subList(1, seen.size())));

      assertEquals(seen.subList(1, seen.size()), again.ids.subList(0, seen.size() - 1));
    }
  }

  @Test
  void beginsWithTheOldestAfterZeroAndNamesTypes() throws Exception {
    try (Follower follower = follow("events", "0")) {
      await().atMost(SOON).until(() -> !follower.ids.isEmpty());

      assertTrue(follower.types.contains("PLAN_CHANGED"), follower.types.toString());
      assertTrue(follower.data.getFirst().startsWith("{\"id\":"), follower.data.getFirst());
    }
  }

  @Test
  void tellsEverythingAfterAnIdFromBeforeARestart() throws Exception {
    try (Follower follower = follow("events", "999999999")) {
      await().atMost(SOON).until(() -> !follower.ids.isEmpty());
    }
  }

  /** Its id is above all that are kept, and is not one from before a restart. */
  @Test
  void tellsNothingAgainOnceThePlanOfTheLastEventIsDeleted() throws Exception {
    Plan.draft("forgotten", "{'scope':{'namespaces':['bar']}}");
    String last;
    try (Follower follower = follow("plans/forgotten/events", "0")) {
      await().atMost(SOON).until(() -> !follower.ids.isEmpty());
      last = follower.ids.getLast();
    }
    Plan.end("forgotten");

    try (Follower again = follow("events", last)) {
      Plan.act("streamed", "start");
      await().atMost(SOON).until(() -> !again.ids.isEmpty());

      assertTrue(Long.parseLong(again.ids.getFirst()) > Long.parseLong(last), again.ids::toString);
    }
  }

  @Test
  void keepsAQuietStreamAlive() throws Exception {
    try (Follower follower = follow("plans/streamed/events", null)) {
      await().atMost(SOON).until(() -> follower.comments.contains("heartbeat"));
    }
  }

  @Test
  void refusesAnIdThatIsNone() throws Exception {
    HttpResponse<String> response =
        client.send(request("events", "yesterday").build(), HttpResponse.BodyHandlers.ofString());

    assertEquals(400, response.statusCode());
    assertTrue(response.body().contains("Last-Event-ID"), response.body());
  }

  private HttpRequest.Builder request(String path, String lastEventId) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(api.resolve(path)).header("Accept", "text/event-stream");
    return lastEventId == null ? request : request.header("Last-Event-ID", lastEventId);
  }

  private Follower follow(String path, String lastEventId) throws Exception {
    HttpResponse<InputStream> response =
        client.send(request(path, lastEventId).build(), HttpResponse.BodyHandlers.ofInputStream());
    assertEquals(200, response.statusCode());
    return new Follower(response.body());
  }

  /** Reads a stream until it is closed. */
  private static final class Follower implements AutoCloseable {
    final List<String> ids = new CopyOnWriteArrayList<>();
    final List<String> types = new CopyOnWriteArrayList<>();
    final List<String> data = new CopyOnWriteArrayList<>();
    final List<String> comments = new CopyOnWriteArrayList<>();
    private final InputStream body;

    Follower(InputStream body) {
      this.body = body;
      Thread.ofVirtual().start(this::read);
    }

    private void read() {
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8))) {
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          take(line);
        }
      } catch (IOException e) {
        // The test has closed the stream.
      }
    }

    private void take(String line) {
      int colon = line.indexOf(':');
      if (colon < 0) {
        return;
      }
      String value = line.substring(colon + 1).strip();
      switch (line.substring(0, colon)) {
        case "id" -> ids.add(value);
        case "event" -> types.add(value);
        case "data" -> data.add(value);
        case "" -> comments.add(value);
        default -> throw new AssertionError(line);
      }
    }

    @Override
    public void close() throws IOException {
      body.close();
    }
  }
}
