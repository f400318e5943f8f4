// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.restassured.RestAssured.given;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.path.json.JsonPath;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.SubmissionPublisher;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What attackers and accidents send over HTTP: bounded, answered with a problem, and no trouble for
 * the next caller.
 */
@QuarkusTest
final class HostileRequestsIT {

  private static final int MEGABYTE = 1 << 20;
  private static final Duration BEARABLE = Duration.ofSeconds(20);
  private static final String PLANS = "/api/v1/plans";
  private static final String JSON = "application/json";
  private static final String YAML = "application/yaml";

  @TestHTTPResource("/")
  URI service;

  static Stream<Arguments> bodies() {
    return Stream.of(
        argumentSet("20,000 levels", JSON, "{\"a\":" + "[".repeat(20_000), 400, "TOO_DEEP"),
        argumentSet("a key twice", JSON, "{\"name\":\"a\",\"name\":\"b\"}", 400, "DUPLICATE_KEY"),
        argumentSet("no UTF-8", JSON, "{\"name\":\"\u00ff\u00fe\"}", 400, "SYNTAX"),
        argumentSet("no UTF-8 in YAML", YAML, "name: \u00ff\u00fe", 400, "SYNTAX"),
        argumentSet("an anchor that contains itself", YAML, "name: &a [*a]", 400, null),
        argumentSet("a bomb of aliases", YAML, bomb(), 400, null),
        argumentSet(
            "a name of a megabyte", JSON, "{\"name\":\"" + "x".repeat(MEGABYTE) + "\"}", 400, null),
        argumentSet(
            "a number without end", JSON, "{\"a\":" + "9".repeat(MEGABYTE) + "}", 400, null),
        argumentSet("a list", JSON, "[]", 422, null),
        argumentSet("a text", JSON, "\"plan\"", 422, null),
        argumentSet("nothing", JSON, "", 422, null),
        argumentSet("a NUL", JSON, "{\"name\":\"a\\u0000b\"}", 422, null));
  }

  private static String bomb() {
    return IntStream.range(1, 9)
        .mapToObj(i -> "a%d: &a%d [%s]\n".formatted(i, i, ("*a" + (i - 1) + ", ").repeat(9)))
        .collect(Collectors.joining("", "a0: &a0 [x]\n", ""));
  }

  @ParameterizedTest
  @MethodSource("bodies")
  void namesWhatIsWrongWithABody(String type, String body, int status, String code) {
    JsonPath problem =
        assertTimeout(
            BEARABLE,
            () ->
                given()
                    .contentType(type)
                    .body(body.getBytes(ISO_8859_1))
                    .post(PLANS)
                    .then()
                    .statusCode(status)
                    .contentType("application/problem+json")
                    .extract()
                    .jsonPath());

    if (code != null) {
      assertEquals(code, problem.getString("errors[0].code"));
    }
    assertTrue(problem.prettify().length() < 64 * 1024, "the answer is as large as the attack");
  }

  @Test
  void refusesAPlanOf50MegabytesWithoutReadingItAll() throws Exception {
    HttpResponse<String> answer = post(PLANS, JSON, spaces(50));

    assertEquals(413, answer.statusCode());
    assertEquals("application/problem+json", type(answer));
    assertTrue(answer.body().contains("\"TOO_LARGE\""), answer.body());
    given().get("/api/v1/mesh").then().statusCode(200);
  }

  @Test
  void takesAnAnalysisOf50Megabytes() throws Exception {
    HttpResponse<String> answer = post("/api/v1/analyses", YAML, spaces(50));

    assertEquals(200, answer.statusCode(), answer.body());
  }

  @Test
  void refusesAnAnalysisBeyondItsBound() throws Exception {
    HttpResponse<String> answer = post("/api/v1/analyses", YAML, spaces(101));

    assertEquals(413, answer.statusCode(), answer.body());
    assertTrue(answer.body().contains("\"TOO_LARGE\""), answer.body());
  }

  /** So many lines of blanks: read, and nothing in them. */
  private static InputStream spaces(int megabytes) {
    byte[] block = new byte[MEGABYTE];
    Arrays.fill(block, (byte) ' ');
    for (int i = 127; i < block.length; i += 128) {
      block[i] = '\n';
    }
    return new java.io.SequenceInputStream(
        java.util.Collections.enumeration(
            IntStream.range(0, megabytes)
                .mapToObj(i -> (InputStream) new java.io.ByteArrayInputStream(block))
                .toList()));
  }

  private HttpResponse<String> post(String path, String type, InputStream body) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(service.resolve(path))
              .header("Content-Type", type)
              .timeout(Duration.ofMinutes(1))
              .version(HttpClient.Version.HTTP_1_1)
              .expectContinue(true)
              .POST(HttpRequest.BodyPublishers.ofInputStream(() -> body))
              .build();
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
  }

  private static String type(HttpResponse<?> answer) {
    return answer.headers().firstValue("Content-Type").orElse("").replaceAll(";.*", "");
  }

  @Test
  void namesEachOfTenThousandMembersThatIsNotThere() {
    String members =
        IntStream.range(0, 10_000)
            .mapToObj(i -> "\"" + "n".repeat(50) + "-%05d\"".formatted(i))
            .collect(Collectors.joining(","));
    String body =
        "{\"name\":\"wide\",\"waves\":[{\"name\":\"w\",\"namespaces\":[" + members + "]}]}";

    JsonPath problem =
        assertTimeout(
            BEARABLE,
            () ->
                given()
                    .contentType(JSON)
                    .body(body)
                    .post(PLANS + "?dryRun=true")
                    .then()
                    .statusCode(422)
                    .body("code", equalTo("INVALID"))
                    .extract()
                    .jsonPath());

    assertEquals("/waves/0/namespaces/0", problem.getString("errors[0].pointer"));
  }

  /** Each is wrong by itself, and the planner has something to say of what is read in its place. */
  @Test
  void refusesAHundredThousandMembersOfAnotherType() {
    for (String path : List.of(PLANS + "?dryRun=true", PLANS + "/none/backtest")) {
      String field = path.contains("backtest") ? "{" : "{\"name\":\"x\",\"scope\":{";
      String body = field + "\"namespaces\":[" + "1,".repeat(90_000) + "1]}";

      assertTimeout(
          BEARABLE,
          () ->
              given()
                  .contentType(JSON)
                  .body(path.contains("backtest") ? body : body + "}")
                  .post(path)
                  .then()
                  .statusCode(422)
                  .body("errors.size()", equalTo(1_001)));
    }
  }

  @Test
  void refusesTenThousandWavesOfTheSameNamespace() {
    String waves =
        IntStream.range(0, 10_000)
            .mapToObj(i -> "{\"name\":\"w%d\",\"namespaces\":[\"foo\"]}".formatted(i))
            .collect(Collectors.joining(","));

    assertTimeout(
        BEARABLE,
        () ->
            given()
                .contentType(JSON)
                .body("{\"name\":\"deep\",\"waves\":[" + waves + "]}")
                .post(PLANS + "?dryRun=true")
                .then()
                .statusCode(422)
                .body("errors[0].pointer", equalTo("/waves/1/namespaces/0")));
  }

  @Test
  void givesUpOnABodyThatTricklesIn() throws Exception {
    try (Socket socket = connect()) {
      write(socket, head("POST", PLANS, "Content-Type: " + JSON, "Content-Length: 1000"));
      Thread trickle = Thread.ofVirtual().start(() -> trickle(socket));

      List<String> answer = assertTimeout(BEARABLE, () -> lines(socket));

      assertTrue(answer.getFirst().startsWith("HTTP/1.1 408 "), answer::toString);
      assertTrue(answer.getLast().contains("\"BODY_TIMEOUT\""), answer::toString);
      trickle.interrupt();
    }
  }

  /** HTTP/2 needs no Content-Length, and other calls go through the same connection. */
  @Test
  void givesUpOnABodyOfUnknownLengthAndOnNothingElse() throws Exception {
    HttpRequest stream = over2("/api/v1/events").header("Accept", "text/event-stream").build();
    try (HttpClient client = HttpClient.newHttpClient();
        SubmissionPublisher<ByteBuffer> nothing = new SubmissionPublisher<>();
        InputStream events =
            client.send(stream, HttpResponse.BodyHandlers.ofInputStream()).body()) {
      HttpRequest late =
          over2(PLANS)
              .header("Content-Type", JSON)
              .POST(HttpRequest.BodyPublishers.fromPublisher(nothing))
              .build();

      HttpResponse<String> answer = client.send(late, HttpResponse.BodyHandlers.ofString());

      assertEquals(HttpClient.Version.HTTP_2, answer.version());
      assertEquals(408, answer.statusCode(), answer.body());
      assertTrue(answer.body().contains("\"BODY_TIMEOUT\""), answer.body());
      assertEquals(20, events.readNBytes(20).length);
    }
  }

  private HttpRequest.Builder over2(String path) {
    return HttpRequest.newBuilder(service.resolve(path)).timeout(BEARABLE);
  }

  @Test
  void answersOthersWhileManyConnectionsTrickle() throws Exception {
    List<Socket> slow = new ArrayList<>();
    try {
      for (int i = 0; i < 300; i++) {
        Socket socket = connect();
        slow.add(socket);
        write(
            socket,
            i % 2 == 0
                ? "GET /api/v1/mesh HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
                : head("POST", "/api/v1/analyses", "Content-Length: 100000"));
      }

      for (int i = 0; i < 20; i++) {
        assertTimeout(
            Duration.ofSeconds(2), () -> given().get("/api/v1/mesh").then().statusCode(200));
      }
      assertTimeout(
          Duration.ofSeconds(5), () -> given().get("/api/v1/plans/nope").then().statusCode(404));
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "application/x/y", "; ,"})
  void refusesAMediaTypeThatIsNone(String type) throws Exception {
    try (Socket socket = connect()) {
      write(
          socket,
          head(
              "POST",
              "/api/v1/analyses",
              "Content-Type: " + type,
              "Content-Length: 0",
              "Connection: close"));

      List<String> answer = assertTimeout(BEARABLE, () -> lines(socket));

      assertTrue(answer.getFirst().startsWith("HTTP/1.1 415 "), answer::toString);
      assertTrue(answer.getLast().contains("\"UNSUPPORTED_MEDIA_TYPE\""), answer::toString);
    }
  }

  @Test
  void refusesAHeadWithoutEnd() throws Exception {
    try (Socket socket = connect()) {
      write(socket, head("GET", "/api/v1/mesh", "X-Long: " + "x".repeat(200_000)));

      List<String> answer = assertTimeout(BEARABLE, () -> lines(socket));

      assertTrue(answer.getFirst().startsWith("HTTP/1.1 431 "), answer::toString);
    }
    given().get("/api/v1/mesh").then().statusCode(200);
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), service.getPort());
    socket.setSoTimeout((int) BEARABLE.toMillis());
    return socket;
  }

  private static String head(String method, String path, String... headers) {
    return method
        + " "
        + path
        + " HTTP/1.1\r\nHost: localhost\r\n"
        + String.join("\r\n", headers)
        + "\r\n\r\n";
  }

  private static void write(Socket socket, String text) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(UTF_8));
    out.flush();
  }

  private static void trickle(Socket socket) {
    try {
      while (true) {
        write(socket, " ");
        Thread.sleep(200);
      }
    } catch (IOException | InterruptedException e) {
      // The service has given up, or the test is over.
    }
  }

  /** Until the connection is closed by the service. */
  private static List<String> lines(Socket socket) throws IOException {
    BufferedReader reader =
        new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
    List<String> lines = new ArrayList<>();
    try {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
      }
    } catch (java.net.SocketException e) {
      // Closed while we were still sending.
    }
    return lines;
  }
}
