// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.specification.RequestSpecification;
import io.smallrye.jwt.build.Jwt;
import io.smallrye.jwt.build.JwtClaimsBuilder;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sandbox behind the accounts of an OpenID provider. */
@QuarkusTest
@TestProfile(OpenIdAccessIT.Portal.class)
final class OpenIdAccessIT {

  private static final String AUDIENCE = "mtls-migration";

  public static final class Portal implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      return Map.of(
          "mtls-migration.auth.mode", "oidc",
          "mtls-migration.auth.oidc.viewers", "engineering",
          "mtls-migration.auth.oidc.operators", "platform,sre",
          "mtls-migration.auth.oidc.approvers", "owners",
          "quarkus.oidc.tenant-enabled", "true",
          "quarkus.oidc.token.audience", AUDIENCE,
          "quarkus.http.cors.enabled", "true",
          "quarkus.http.cors.origins", "https://portal.example");
    }

    @Override
    public List<TestResourceEntry> testResources() {
      return List.of(new TestResourceEntry(OpenIdProvider.class));
    }
  }

  @Test
  void asksWhoCalls() {
    given()
        .get("/api/v1/mesh")
        .then()
        .statusCode(401)
        .contentType("application/problem+json")
        .header("WWW-Authenticate", "Bearer realm=\"mtls-migration\"")
        .body("code", equalTo("UNAUTHENTICATED"));
    given().get("/q/openapi").then().statusCode(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {".", "..", "a.b.c", "\"", "e30.e30."})
  void refusesWhatIsNoToken(String token) {
    given()
        .header("Authorization", "Bearer " + token)
        .get("/api/v1/mesh")
        .then()
        .statusCode(401)
        .contentType("application/problem+json");
  }

  @Test
  void grantsByGroup() {
    as("engineering").get("/api/v1/mesh").then().statusCode(200);
    as("engineering")
        .post("/api/v1/plans/nope/start")
        .then()
        .statusCode(403)
        .body("detail", containsString("operator, admin"));
    as("sre").post("/api/v1/plans/nope/start").then().statusCode(404);
    as("sre")
        .contentType("application/json")
        .post("/api/v1/plans/nope/approvals")
        .then()
        .statusCode(403);
    as("guests").get("/api/v1/mesh").then().statusCode(403);
  }

  @Test
  void knowsWhoDidWhat() {
    as("platform")
        .contentType("application/json")
        .body(
            "{\"name\":\"by-jane\",\"target\":\"NAMESPACES\",\"scope\":{\"namespaces\":[\"foo\"]}}")
        .post("/api/v1/plans")
        .then()
        .statusCode(201);

    as("engineering")
        .get("/api/v1/plans/by-jane/events")
        .then()
        .body("items.actor", hasItem("jane@example.com"));
    as("owners")
        .get("/api/v1/audit?plan=by-jane")
        .then()
        .body("items[0].actor", equalTo("jane@example.com"))
        .body("items[0].actorUid", equalTo("4711"))
        .body("items[0].groups", equalTo(1));
  }

  @Test
  void refusesTokensOfOthers() {
    refuses(claims("engineering").audience("another-application"));
    refuses(claims("engineering").issuer("https://evil.example"));
    refuses(claims("engineering").expiresAt(1));
    given()
        .header("Authorization", "Bearer of-no-kind")
        .get("/api/v1/mesh")
        .then()
        .statusCode(401)
        .header("WWW-Authenticate", containsString("error=\"invalid_token\""));
  }

  /** All else about them is in order. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"upn\":\"\"}",
        "{\"upn\":{\"name\":\"jane\"}}",
        "{\"upn\":\"jane\",\"sub\":[\"4711\"]}"
      })
  void refusesTokensThatNameNobody(String names) throws Exception {
    JwtClaims claims = JwtClaims.parse(names);
    claims.setIssuer(configured("quarkus.oidc.auth-server-url"));
    claims.setAudience(AUDIENCE);
    claims.setStringListClaim("groups", "engineering");
    claims.setExpirationTimeMinutesInTheFuture(1);
    JsonWebSignature token = new JsonWebSignature();
    token.setPayload(claims.toJson());
    token.setKey(signer());
    token.setKeyIdHeaderValue(OpenIdProvider.KEY_ID);
    token.setAlgorithmHeaderValue(AlgorithmIdentifiers.RSA_USING_SHA256);

    refuses(token.getCompactSerialization());
  }

  private static void refuses(JwtClaimsBuilder claims) {
    refuses(sign(claims));
  }

  private static void refuses(String token) {
    given()
        .header("Authorization", "Bearer " + token)
        .get("/api/v1/mesh")
        .then()
        .statusCode(401)
        .contentType("application/problem+json");
  }

  private static RequestSpecification as(String group) {
    return given().header("Authorization", "Bearer " + sign(claims(group)));
  }

  private static JwtClaimsBuilder claims(String group) {
    return Jwt.issuer(configured("quarkus.oidc.auth-server-url"))
        .audience(AUDIENCE)
        .subject("4711")
        .upn("jane@example.com")
        .groups(Set.of(group))
        .expiresIn(60);
  }

  private static String sign(JwtClaimsBuilder claims) {
    return claims.jws().keyId(OpenIdProvider.KEY_ID).sign(signer());
  }

  private static PrivateKey signer() {
    try {
      byte[] key = Base64.getDecoder().decode(configured(OpenIdProvider.SIGNING_KEY));
      return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(key));
    } catch (java.security.GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String configured(String key) {
    return ConfigProvider.getConfig().getValue(key, String.class);
  }
}
