// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.login;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import io.mtlsmigration.e2e.SandboxProcess;
import io.restassured.response.ValidatableResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several replicas behind one name, each a process of the packaged service. */
@Tag("packaged")
final class LoginReplicasIT {

  @TempDir static Path folder;

  private static OpenIdServer provider;
  private static SandboxProcess one;
  private static SandboxProcess other;
  private static SandboxProcess stranger;

  @BeforeAll
  static void start() {
    provider = OpenIdServer.start(0, Duration.ofMinutes(5));
    one = replica("one", "thirty-two-letters-at-the-least-or-more");
    other = replica("other", "thirty-two-letters-at-the-least-or-more");
    stranger = replica("stranger", "another-secret-of-thirty-two-or-more-letters");
  }

  private static SandboxProcess replica(String name, String secret) {
    Map<String, String> keys = new HashMap<>(new LoginIT.Portal().getConfigOverrides());
    keys.put("quarkus.oidc.auth-server-url", provider.issuer());
    keys.put("quarkus.oidc.page.token.refresh-token-time-skew", "30S");
    keys.put("quarkus.oidc.page.token-state-manager.encryption-secret", secret);
    keys.put("mtls-migration.demo.narrate", "false");
    return SandboxProcess.start(folder.resolve(name + ".log"), keys);
  }

  @AfterAll
  static void stop() {
    stranger.close();
    other.close();
    one.close();
    provider.close();
  }

  @Test
  void shareASessionByOneSecret() {
    Visitor visitor = new Visitor(one.address().getPort());
    visitor.signIn("/login", "jane", "engineering");
    String cookies = visitor.cookieHeader();

    String token = session(other, cookies).body("token", notNullValue()).extract().path("token");

    other
        .http()
        .header("Authorization", "Bearer " + token)
        .get("/access")
        .then()
        .statusCode(200)
        .body("name", equalTo("jane"));
    session(one, cookies).body("token", equalTo(token));
    session(stranger, cookies).body("token", nullValue());
  }

  private static ValidatableResponse session(SandboxProcess at, String cookies) {
    return given()
        .header("Cookie", cookies)
        .header("Sec-Fetch-Site", "same-origin")
        .get(at.address().resolve("/login/session"))
        .then()
        .statusCode(200)
        .body("offered", equalTo(true));
  }
}
