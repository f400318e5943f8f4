// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.login;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.testing.FreePort;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import io.restassured.path.json.JsonPath;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.Test;

/** A provider that is not there when the service starts, comes, forgets and goes. */
@QuarkusTest
@TestProfile(LoginAwayIT.Portal.class)
final class LoginAwayIT {

  private static final String PORT = "test.openid.port";
  private static final Duration LIFETIME = Duration.ofSeconds(5);

  public static final class Portal implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      Map<String, String> overrides = new HashMap<>(new LoginIT.Portal().getConfigOverrides());
      overrides.put("quarkus.oidc.page.token.refresh-token-time-skew", "1S");
      overrides.put("quarkus.oidc.connection-timeout", "3S");
      overrides.put("quarkus.oidc.page.connection-timeout", "3S");
      return overrides;
    }

    @Override
    public List<TestResourceEntry> testResources() {
      return List.of(new TestResourceEntry(Place.class));
    }
  }

  /** An address at which nobody listens yet. */
  public static final class Place implements QuarkusTestResourceLifecycleManager {
    @Override
    public Map<String, String> start() {
      int port = FreePort.next();
      return Map.of(
          PORT, Integer.toString(port), "quarkus.oidc.auth-server-url", OpenIdServer.issuer(port));
    }

    @Override
    public void stop() {}
  }

  @ConfigProperty(name = PORT)
  int port;

  @Test
  void saysSoAndGoesOnOnceTheProviderIsBack() {
    Visitor visitor = new Visitor(RestAssured.port);
    assertAway(visitor);

    try (OpenIdServer server = OpenIdServer.start(port, LIFETIME)) {
      HttpResponse<String> end = visitor.signIn("/login", "jane", "engineering");
      assertEquals("/", Visitor.place(end), server.issuer());
    }
    JsonPath session = session(visitor, 200);
    String token = session.getString("token");
    assertTrue(session.getInt("expiresIn") <= LIFETIME.toSeconds());
    assertAway(new Visitor(RestAssured.port));

    // Its end cannot be put off while nobody can be asked; that is not to say that it has come.
    Awaitility.await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> session(visitor, 503));
    assertTrue(visitor.cookieHeader().contains("q_session_page"));

    try (OpenIdServer forgetful = OpenIdServer.start(port, LIFETIME)) {
      forgetful.endSessions();
      assertNull(session(visitor, 200).getString("token"), forgetful.issuer());
      assertEquals("", visitor.cookieHeader());
      visitor.signIn("/login", "jane", "engineering");
      assertNotEquals(token, session(visitor, 200).getString("token"));
    }
  }

  /** The extension waits for a renewal without an end. */
  @Test
  void endsASessionThoughTheProviderSaysNothing() throws InterruptedException {
    Visitor visitor = new Visitor(RestAssured.port);
    try (OpenIdServer server = OpenIdServer.start(port, LIFETIME)) {
      visitor.signIn("/login", "jane", "engineering");
      session(visitor, 200);
      server.fallSilent();
      Thread.sleep(LIFETIME.plusSeconds(1).toMillis());

      HttpResponse<String> out =
          assertTimeoutPreemptively(
              Duration.ofSeconds(15),
              () -> visitor.call("POST", "/login/logout", "Sec-Fetch-Site", "same-origin"));

      assertEquals(200, out.statusCode(), out.body());
      assertEquals("", visitor.cookieHeader());
    }
  }

  private static JsonPath session(Visitor visitor, int status) {
    HttpResponse<String> answer =
        visitor.call("GET", "/login/session", "Sec-Fetch-Site", "same-origin");
    assertEquals(status, answer.statusCode(), answer.body());
    return JsonPath.from(answer.body());
  }

  private static void assertAway(Visitor visitor) {
    assertEquals("/#/login?problem=unreachable", Visitor.place(visitor.open("/login")));
    given()
        .get("/login")
        .then()
        .statusCode(503)
        .header("Retry-After", equalTo("5"))
        .contentType("application/problem+json")
        .body("code", equalTo("UNAVAILABLE"))
        .body("detail", containsString("auth-server-url"));
  }
}
