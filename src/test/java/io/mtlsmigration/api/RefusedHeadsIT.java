// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.restassured.RestAssured.given;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.e2e.SandboxProcess;
import io.mtlsmigration.testing.Draw;
import io.mtlsmigration.testing.Seeds;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Heads of requests that are refused before any route is looked at, and heads that nobody thought
 * of. Against the packaged service, as {@link SlowHeadsIT} is, and for its reason.
 */
@Tag("packaged")
final class RefusedHeadsIT {

  private static final Duration SOON = Duration.ofSeconds(10);
  private static final String HOST = "Host: localhost\r\n";
  private static final String MESH = "GET /api/v1/mesh HTTP/1.1\r\n";

  /** What mutations put in. */
  private static final List<String> BAD =
      List.of(
          "\0",
          "\r",
          "\n",
          "\r\n",
          "\r\n\r\n",
          "%zz",
          "%00",
          "://",
          "@",
          "\\",
          "[",
          "*",
          " ",
          "\t",
          ":",
          "\u00ff",
          "HTTP/9.9",
          HOST,
          "Transfer-Encoding: chunked\r\n",
          "Transfer-Encoding: x\r\n",
          "Content-Length: 5\r\n",
          "Content-Length: -1\r\n",
          "Content-Length: 99999999999999999999\r\n",
          "Expect: 100-continue\r\n",
          "traceparent: 00-\r\n",
          "x".repeat(5_000),
          "X: y\r\n".repeat(4_000));

  private static final List<String> GOOD =
      List.of(
          MESH + HOST,
          "GET /q/health HTTP/1.1\r\n" + HOST + "Accept: application/json\r\n",
          "POST /api/v1/analyses?mode=STRICT HTTP/1.1\r\n"
              + HOST
              + "Content-Type: application/yaml\r\nContent-Length: 0\r\n");

  @TempDir static Path folder;

  private static SandboxProcess sandbox;

  @BeforeAll
  static void start() {
    sandbox =
        SandboxProcess.start(
            folder.resolve("service.log"),
            Map.of("mtls-migration.head.timeout", "2s", "mtls-migration.body.timeout", "2s"));
  }

  @AfterAll
  static void stop() {
    sandbox.close();
  }

  static Stream<Arguments> heads() {
    return Stream.of(
        argumentSet("no Host", MESH, 400),
        argumentSet("two Hosts", MESH + HOST + HOST, 400),
        argumentSet("two Hosts that differ", MESH + HOST + "Host: evil.example\r\n", 400),
        argumentSet("no host", MESH + "Host: a b/c\r\n", 400),
        argumentSet("no URI", "GET /api/v1/namespaces/%zz HTTP/1.1\r\n" + HOST, 400),
        argumentSet("no URI by its query", "GET /api/v1/mesh?x=%zz HTTP/1.1\r\n" + HOST, 400),
        argumentSet("no path", "GET ?x HTTP/1.1\r\n" + HOST, 400),
        argumentSet(
            "two lengths",
            "POST /api/v1/plans HTTP/1.1\r\n"
                + HOST
                + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
            400),
        argumentSet("no header", MESH + HOST + "X Y: 1\r\n", 400),
        argumentSet("TLS where none is", "\u0016\u0003\u0001\u0002\u0000\u0001\u00fc\r\n", 400),
        argumentSet("a long header", MESH + HOST + "X: " + "x".repeat(30_000) + "\r\n", 431),
        argumentSet("a long target", "GET /?x=" + "x".repeat(5_000) + " HTTP/1.1\r\n" + HOST, 414),
        argumentSet("all of the server", "OPTIONS * HTTP/1.1\r\n" + HOST, 404),
        argumentSet("a proxy's", "CONNECT localhost:80 HTTP/1.1\r\n" + HOST, 404));
  }

  @ParameterizedTest
  @MethodSource("heads")
  void refusesByAStatusOnBothPortsAndLogsNoError(String head, int status) throws Exception {
    for (URI port : List.of(sandbox.address(), sandbox.management())) {
      try (Wire wire = new Wire(port)) {
        wire.send(head + "\r\n");
        await().atMost(SOON).until(() -> answered(wire));

        assertEquals(" " + status + " ", wire.text().substring(8, 13), wire::text);
      }
    }
    assertFalse(sandbox.log().contains(" ERROR "), sandbox::log);
  }

  @Test
  void answersAfterTheCallBefore() throws Exception {
    try (Wire wire = new Wire(sandbox.address())) {
      wire.send(MESH + HOST + "\r\n" + MESH + "\r\n");

      await().atMost(SOON).until(() -> wire.text().contains("HTTP/1.1 400 "));

      assertTrue(wire.text().startsWith("HTTP/1.1 200 "), wire::text);
    }
  }

  @Test
  void takesCallsOfHttp10WithoutHost() throws Exception {
    try (Wire wire = new Wire(sandbox.address())) {
      wire.send("GET /api/v1/mesh HTTP/1.0\r\n\r\n");

      await().atMost(SOON).until(() -> answered(wire));

      assertTrue(wire.text().startsWith("HTTP/1.0 200 "), wire::text);
    }
  }

  /** Some stay well-formed. What never ends ends with the time for heads, or for bodies. */
  @Test
  void getsOverWhateverHeadComes() {
    Seeds.each(
        8,
        draw -> {
          assertGotOver(Stream.generate(() -> mutated(draw)).limit(40).toList());
          given().get(sandbox.address().resolve("/api/v1/mesh")).then().statusCode(200);
          given().get(sandbox.management().resolve("/q/health/live")).then().statusCode(200);
        });
    assertFalse(sandbox.log().contains(" ERROR "), sandbox::log);
  }

  private static void assertGotOver(List<String> heads) throws Exception {
    Map<Wire, String> sent = new HashMap<>();
    try {
      for (String head : heads) {
        for (URI port : List.of(sandbox.address(), sandbox.management())) {
          Wire wire = new Wire(port);
          sent.put(wire, head);
          wire.trickle(head);
        }
      }
      for (Map.Entry<Wire, String> one : sent.entrySet()) {
        Wire wire = one.getKey();
        // Most have been answered already; the default pause of 100 ms for each would be a minute.
        await(one.getValue())
            .pollInterval(Duration.ofMillis(10))
            .atMost(SOON)
            .until(() -> answered(wire) || wire.over());
        assertFalse(
            wire.text().matches("(?s)HTTP/[0-9.]+ 5.*"), one.getValue() + "\n" + wire.text());
      }
    } finally {
      sent.keySet().forEach(Wire::close);
    }
  }

  private static String mutated(Draw draw) {
    StringBuilder head = new StringBuilder(draw.of(GOOD) + "\r\n");
    for (int i = draw.between(1, 4); i > 0; i--) {
      int at = draw.between(0, head.length() - 1);
      switch (draw.between(0, 3)) {
        case 0 -> head.setCharAt(at, (char) draw.between(0, 255));
        case 1 -> head.delete(at, Math.min(head.length() - 1, at + draw.between(1, 20)));
        case 2 -> head.insert(at, draw.of(BAD));
        default -> head.insert(at, head.substring(at));
      }
    }
    return head.toString();
  }

  private static boolean answered(Wire wire) {
    return wire.text().matches("(?s)HTTP/[0-9.]+ [0-9]{3} .*");
  }
}
