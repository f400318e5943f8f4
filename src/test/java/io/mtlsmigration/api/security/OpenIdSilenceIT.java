// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A provider that takes connections and never says anything. */
@QuarkusTest
@TestProfile(OpenIdSilenceIT.Portal.class)
final class OpenIdSilenceIT {

  public static final class Portal implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "mtls-migration.auth.mode", "oidc",
          "mtls-migration.auth.oidc.viewers", "engineering",
          "quarkus.oidc.tenant-enabled", "true",
          "quarkus.oidc.connection-timeout", "1S");
    }

    @Override
    public List<TestResourceEntry> testResources() {
      return List.of(new TestResourceEntry(Silence.class));
    }
  }

  /** The kernel takes the connections; nobody accepts them. */
  public static final class Silence implements QuarkusTestResourceLifecycleManager {

    private @Nullable ServerSocket socket;

    @Override
    public Map<String, String> start() {
      try {
        ServerSocket open = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        socket = open;
        return Map.of("quarkus.oidc.auth-server-url", "http://127.0.0.1:" + open.getLocalPort());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void stop() {
      try {
        if (socket != null) {
          socket.close();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Test
  void saysThatNobodyCouldBeAsked() throws Exception {
    HttpRequest call =
        HttpRequest.newBuilder(URI.create("http://localhost:" + RestAssured.port + "/api/v1/mesh"))
            .header("Authorization", "Bearer some.to.ken")
            .timeout(Duration.ofSeconds(30))
            .build();
    HttpResponse<String> answer;
    try (HttpClient client = HttpClient.newHttpClient()) {
      answer = client.send(call, HttpResponse.BodyHandlers.ofString());
    }

    assertEquals(503, answer.statusCode(), answer.body());
    assertEquals("5", answer.headers().firstValue("Retry-After").orElse(""));
  }

  @Test
  void turnsAwayWhoShowsNoTokenAllTheSame() {
    given().get("/api/v1/mesh").then().statusCode(401).body("code", equalTo("UNAUTHENTICATED"));
  }
}
