// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a page that somebody on this machine looks at can do while nobody is asked who they are. */
@QuarkusTest
final class LocalCallersAttackIT {

  private static final String PROBES = "{\"pairs\":[{\"from\":\"nope\",\"to\":\"nope\"}]}";

  @TestHTTPResource URI service;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost:5173",
        "http://localhost",
        "http://app.localhost:PORT",
        "http://127.0.0.2:PORT",
        "http://evil@localhost:PORT",
        "null",
        "https://evil.example"
      })
  void refusesPagesOfAnyOtherOrigin(String origin) {
    given()
        .header("Origin", origin.replace("PORT", "" + service.getPort()))
        .contentType("application/json")
        .body(PROBES)
        .post(service.resolve("/api/v1/connectivity/probes"))
        .then()
        .statusCode(403);
  }

  @ParameterizedTest
  @CsvSource(
      value = {
        "application/json, 422",
        "Application/JSON; charset=utf-8, 422",
        "application/yaml, 422",
        "text/plain;x=application/json, 415",
        "text/plain; charset=json, 415",
        "multipart/form-data; boundary=json, 415",
        "application/x-www-form-urlencoded;yaml, 415",
        "application/jsonx, 415",
        "'', 415"
      })
  void takesCommandsInMediaTypesThatNoPageMaySendUnasked(String type, int status) throws Exception {
    String answer =
        call(
            "POST /api/v1/connectivity/probes HTTP/1.1\r\nHost: localhost:"
                + service.getPort()
                + (type.isEmpty() ? "" : "\r\nContent-Type: " + type)
                + "\r\nContent-Length: "
                + PROBES.length()
                + "\r\nConnection: close\r\n\r\n"
                + PROBES);

    assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), answer);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"evil.example", "evil@localhost", "evil@x.localhost", "localhost.evil.example"})
  void refusesNamesThatWereMadeToLeadHere(String host) throws Exception {
    String answer =
        call("GET /api/v1/mesh HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");

    assertEquals("HTTP/1.1 4", answer.substring(0, 10), answer);
  }

  private String call(String bytes) throws Exception {
    try (Socket socket = new Socket(service.getHost(), service.getPort())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
