package io.mtlsmigration.api;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.e2e.SandboxProcess;
import io.restassured.path.json.JsonPath;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Heads of requests that are refused before any route is looked at. Against the packaged service,
 * as {@link SlowHeadsIT} is, and for its reason.
 */
final class RefusedHeadsIT {

  private static final Duration SOON = Duration.ofSeconds(5);
  private static final String HOST = "Host: localhost\r\n";
  private static final String MESH = "GET /api/v1/mesh HTTP/1.1\r\n";
  private static final String OF_THE_CALL = "urn:mtls-migration:request:";

  @TempDir static Path folder;

  private static SandboxProcess sandbox;
  private static URI service;
  private static URI management;

  @BeforeAll
  static void start() {
    sandbox = SandboxProcess.start(folder.resolve("service.log"), Map.of());
    service = sandbox.address();
    management = sandbox.management();
  }

  @AfterAll
  static void stop() {
    sandbox.close();
  }

  static Stream<Arguments> heads() {
    String zz = "GET /api/v1/namespaces/%zz HTTP/1.1\r\n" + HOST;
    String query = "GET /api/v1/namespaces?x=%zz HTTP/1.1\r\n" + HOST;
    String twice = "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n";
    return Stream.of(
        argumentSet("no Host", MESH, 400, "BAD_REQUEST", "/api/v1/mesh"),
        argumentSet("two Hosts", MESH + HOST + HOST, 400, "BAD_REQUEST", "/api/v1/mesh"),
        argumentSet("no host", MESH + "Host: a b/c\r\n", 400, "BAD_REQUEST", "/api/v1/mesh"),
        argumentSet("no URI", zz, 400, "BAD_REQUEST", OF_THE_CALL),
        argumentSet("no URI by its query", query, 400, "BAD_REQUEST", "/api/v1/namespaces"),
        argumentSet(
            "two lengths",
            "POST /api/v1/plans HTTP/1.1\r\n" + HOST + twice,
            400,
            "BAD_REQUEST",
            "/api/v1/plans"),
        argumentSet("no header", MESH + HOST + "X Y: 1\r\n", 400, "BAD_REQUEST", "/api/v1/mesh"),
        argumentSet(
            "TLS where none is",
            "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003\r\n",
            400,
            "BAD_REQUEST",
            OF_THE_CALL),
        argumentSet(
            "a long header",
            MESH + HOST + "X-Long: " + "x".repeat(30_000) + "\r\n",
            431,
            "HEAD_TOO_LARGE",
            "/api/v1/mesh"),
        argumentSet(
            "a long target",
            "GET /api/v1/mesh?x=" + "x".repeat(5_000) + " HTTP/1.1\r\n" + HOST,
            414,
            "URI_TOO_LONG",
            OF_THE_CALL),
        argumentSet("no path", "OPTIONS * HTTP/1.1\r\n" + HOST, 404, "NOT_FOUND", OF_THE_CALL),
        argumentSet(
            "a proxy's",
            "CONNECT localhost:80 HTTP/1.1\r\n" + HOST,
            404,
            "NOT_FOUND",
            OF_THE_CALL));
  }

  @ParameterizedTest
  @MethodSource("heads")
  void answersWithAProblem(String head, int status, String code, String instance) throws Exception {
    assertRefused(service, head, status, code, instance);
  }

  @ParameterizedTest
  @MethodSource("heads")
  void answersWithAProblemOnTheManagementPort(String head, int status, String code, String instance)
      throws Exception {
    assertRefused(management, head, status, code, instance);
  }

  private static void assertRefused(URI at, String head, int status, String code, String instance)
      throws Exception {
    Answer answer = ask(at, head + "\r\n");

    assertEquals(status, answer.status());
    assertEquals("application/problem+json", answer.headers().get("content-type"));
    assertEquals("close", answer.headers().get("connection"));
    assertTrue(answer.headers().get("traceparent").startsWith("00-"), answer.headers() + "");
    String id = answer.headers().get("x-request-id");
    assertTrue(id.matches("[0-9a-f-]{36}"), id);
    JsonPath problem = JsonPath.from(answer.body());
    assertEquals(code, problem.getString("code"));
    assertEquals(status, problem.getInt("status"));
    assertEquals(
        instance.equals(OF_THE_CALL) ? instance + id : instance, problem.getString("instance"));
    assertFalse(problem.getString("detail").isBlank());
    assertFalse(sandbox.log().contains(" ERROR "), sandbox::log);
  }

  @Test
  void keepsTheNamesThatTheCallerHasGivenTheCall() throws Exception {
    Answer answer =
        ask(
            service,
            "GET * HTTP/1.1\r\n"
                + HOST
                + "X-Request-ID: portal-5581\r\n"
                + "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n");

    assertEquals("portal-5581", answer.headers().get("x-request-id"));
    assertTrue(
        answer.headers().get("traceparent").startsWith("00-0af7651916cd43dd8448eb211c80319c-"));
    assertEquals(OF_THE_CALL + "portal-5581", JsonPath.from(answer.body()).getString("instance"));
  }

  @Test
  void answersAfterTheCallBefore() throws Exception {
    try (Wire wire = new Wire(service)) {
      wire.send(MESH + HOST + "\r\n" + MESH + "\r\n");

      await().atMost(SOON).until(wire::over);

      String text = wire.text();
      assertTrue(text.startsWith("HTTP/1.1 200 "), text);
      assertTrue(text.indexOf("HTTP/1.1 400 ") > 0, text);
      assertTrue(text.indexOf("\"BAD_REQUEST\"") > text.indexOf("HTTP/1.1 400 "), text);
    }
  }

  @Test
  void takesCallsOfHttp10WithoutHost() throws Exception {
    assertEquals(200, ask(service, "GET /api/v1/mesh HTTP/1.0\r\n\r\n").status());
  }

  private record Answer(int status, Map<String, String> headers, String body) {}

  /** What comes until the service closes the connection. */
  private static Answer ask(URI at, String request) throws Exception {
    try (Wire wire = new Wire(at)) {
      wire.send(request);
      await().atMost(SOON).until(wire::over);
      String[] parts = wire.text().split("\r\n\r\n", 2);
      String[] lines = parts[0].split("\r\n");
      Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      for (int i = 1; i < lines.length; i++) {
        String[] header = lines[i].split(": *", 2);
        headers.put(header[0], header[1]);
      }
      return new Answer(Integer.parseInt(lines[0].split(" ")[1]), headers, parts[1]);
    }
  }
}
