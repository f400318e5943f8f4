// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.login;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.RestAssured;
import io.restassured.path.json.JsonPath;
import io.restassured.response.ValidatableResponse;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signing in for the page, by HTTP, at a provider of its own. */
@QuarkusTest
@TestProfile(LoginIT.Portal.class)
final class LoginIT {

  private static final String[] OURS = {"Sec-Fetch-Site", "same-origin"};

  public static final class Portal implements QuarkusTestProfile {
    @Override
    public Map<String, String> getConfigOverrides() {
      Map<String, String> overrides = new HashMap<>();
      overrides.put("mtls-migration.auth.mode", "oidc");
      overrides.put("mtls-migration.auth.oidc.viewers", "engineering");
      overrides.put("mtls-migration.auth.oidc.operators", "platform");
      overrides.put("quarkus.oidc.tenant-enabled", "true");
      overrides.put("quarkus.oidc.token.audience", OpenIdServer.AUDIENCE);
      overrides.put("quarkus.oidc.page.tenant-enabled", "true");
      overrides.put("quarkus.oidc.page.client-id", OpenIdServer.CLIENT);
      overrides.put("quarkus.oidc.page.credentials.secret", "of-a-client");
      overrides.put(
          "quarkus.oidc.page.token-state-manager.encryption-secret",
          "thirty-two-letters-at-the-least-or-more");
      overrides.put("quarkus.oidc.page.token.refresh-token-time-skew", "60S");
      overrides.put("quarkus.http.proxy.proxy-address-forwarding", "true");
      overrides.put("quarkus.http.proxy.allow-x-forwarded", "true");
      overrides.put("quarkus.http.cors.enabled", "true");
      overrides.put("quarkus.http.cors.origins", "https://portal.example");
      return overrides;
    }

    @Override
    public List<TestResourceEntry> testResources() {
      return List.of(new TestResourceEntry(OpenIdServerResource.class));
    }
  }

  @Test
  void sendsToTheProviderWithAStateANonceAndAChallenge() {
    Visitor visitor = visitor();

    HttpResponse<String> answer = visitor.open("/login");

    assertEquals(303, answer.statusCode());
    Map<String, String> query = query(Visitor.target(answer));
    assertEquals("code", query.get("response_type"));
    assertEquals(OpenIdServer.CLIENT, query.get("client_id"));
    assertEquals("S256", query.get("code_challenge_method"));
    assertTrue(query.get("redirect_uri").endsWith("/login/callback"), query.toString());
    assertTrue(query.keySet().containsAll(List.of("state", "nonce", "code_challenge")));
    assertEquals("no-store", answer.headers().firstValue("Cache-Control").orElse(""));
    assertEquals(1, visitor.set().size());
    assertIsGuarded(visitor.set().getFirst());
  }

  @Test
  void handsTheAccessTokenToThePageAndShowsItInNoAddress() {
    Visitor visitor = visitor();

    HttpResponse<String> end = visitor.signIn("/login", "jane", "engineering");

    assertEquals("/", Visitor.place(end));
    JsonPath session = session(visitor);
    String token = session.getString("token");
    assertTrue(session.getBoolean("offered"));
    assertTrue(session.getInt("expiresIn") > 20 && session.getInt("expiresIn") <= 40);
    given()
        .header("Authorization", "Bearer " + token)
        .get("/api/v1/access")
        .then()
        .statusCode(200)
        .body("name", equalTo("jane"))
        .body("verbs", hasItem("list"))
        .body("verbs", not(hasItem("start")));
    assertTrue(visitor.seen().size() > 5);
    visitor
        .seen()
        .forEach(uri -> assertFalse(uri.toString().contains(token.substring(0, 20)), uri + ""));
    visitor.set().stream().filter(cookie -> !cookie.contains("Max-Age=0")).forEach(this::guarded);
    assertTrue(
        visitor.set().stream().noneMatch(cookie -> cookie.contains(token)),
        "the token stands in a cookie for everybody to read");
  }

  private void guarded(String cookie) {
    assertIsGuarded(cookie);
  }

  private static void assertIsGuarded(String cookie) {
    assertTrue(cookie.contains("HTTPOnly"), cookie);
    assertTrue(cookie.contains("SameSite=Lax"), cookie);
    assertTrue(cookie.contains("Path=/login;"), cookie);
  }

  @Test
  void hasATabOfItsOwnTellTheOther() {
    HttpResponse<String> end = visitor().signIn("/login/again", "jane", "engineering");

    assertEquals("/#/signed-in", Visitor.place(end));
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/v1/mesh", "/api/v1/access", "/api/v1/namespaces/page"})
  void vouchesForNoCallToTheApiByCookie(String path) {
    Visitor visitor = visitor();
    visitor.signIn("/login", "jane", "engineering");
    assertTrue(visitor.cookieHeader().contains("q_session_page"));

    given()
        .header("Cookie", visitor.cookieHeader())
        .get(path)
        .then()
        .statusCode(401)
        .header("WWW-Authenticate", containsString("Bearer"))
        .body("code", equalTo("UNAUTHENTICATED"));
    given()
        .header("Cookie", visitor.cookieHeader())
        .contentType("application/json")
        .post("/api/v1/plans")
        .then()
        .statusCode(401);
  }

  @Test
  void takesATokenForANamespaceThatIsCalledLikeTheTenantWhateverTheCookies() {
    Visitor visitor = visitor();
    visitor.signIn("/login", "jane", "engineering");
    String token = session(visitor).getString("token");

    given()
        .header("Cookie", visitor.cookieHeader())
        .header("Authorization", "Bearer " + token)
        .get("/api/v1/namespaces/page")
        .then()
        .statusCode(404);
    given()
        .header("Authorization", "Bearer " + token)
        .get("/api/v1/namespaces/page/workloads")
        .then()
        .statusCode(404);
  }

  @Test
  void knowsNothingOfStrangers() {
    given()
        .get("/login/session")
        .then()
        .statusCode(200)
        .header("Cache-Control", "no-store")
        .body("offered", equalTo(true))
        .body("token", nullValue());
  }

  @Test
  void showsTheSessionToNoPageFromElsewhere() {
    Visitor visitor = visitor();
    visitor.signIn("/login", "jane", "engineering");

    for (String site : List.of("cross-site", "same-site", "none")) {
      assertRefused(visitor.call("GET", "/login/session", "Sec-Fetch-Site", site));
      assertRefused(visitor.call("POST", "/login/logout", "Sec-Fetch-Site", site));
    }
    for (String origin : List.of("https://portal.example", "https://evil.example", "null")) {
      HttpResponse<String> answer = visitor.call("GET", "/login/session", "Origin", origin);
      assertEquals(403, answer.statusCode(), origin);
      assertFalse(answer.body().contains("token\""), answer.body());
    }
    assertTrue(session(visitor).getString("token").length() > 20);
  }

  private static void assertRefused(HttpResponse<String> answer) {
    assertEquals(403, answer.statusCode());
    assertEquals("FORBIDDEN", JsonPath.from(answer.body()).getString("code"));
  }

  @Test
  void forgetsTheSessionOnLoggingOut() {
    Visitor visitor = visitor();
    visitor.signIn("/login", "jane", "engineering");
    assertEquals(405, visitor.call("GET", "/login/logout", OURS).statusCode());

    HttpResponse<String> out = visitor.call("POST", "/login/logout", OURS);

    URI end = URI.create(JsonPath.from(out.body()).getString("endSession"));
    assertEquals(List.of("client_id", "post_logout_redirect_uri"), sortedKeys(end));
    assertEquals(OpenIdServer.CLIENT, query(end).get("client_id"));
    assertFalse(visitor.cookieHeader().contains("q_session"), visitor.cookieHeader());
    JsonPath after = session(visitor);
    assertTrue(after.getBoolean("offered"));
    assertEquals(null, after.getString("token"));
  }

  /** RFC 7009: whoever has a copy of the session cannot renew its token any more. */
  @Test
  void endsCopiesOfTheSessionAsWell() {
    Visitor visitor = visitor();
    visitor.signIn("/login", "jane", "engineering");
    String copied = visitor.cookieHeader();
    // Tokens last shorter than the time before their end at which they are renewed.
    copied(copied).body("token", notNullValue());

    assertEquals(200, visitor.call("POST", "/login/logout", OURS).statusCode());

    copied(copied).body("token", nullValue());
  }

  private static ValidatableResponse copied(String cookies) {
    return given()
        .header("Cookie", cookies)
        .header("Sec-Fetch-Site", "same-origin")
        .get("/login/session")
        .then()
        .statusCode(200)
        .body("offered", equalTo(true));
  }

  @Test
  void tellsThatTheProviderDeclinedInWordsOfItsOwn() {
    Visitor visitor = visitor();
    String state = query(Visitor.target(visitor.open("/login"))).get("state");
    String back =
        "/login/callback?error=access_denied&error_description=Call+0800+EVIL&state=" + state;

    HttpResponse<String> answer = visitor.open(back);

    assertEquals("/#/login?problem=declined", Visitor.place(answer));
    assertEquals(403, visitor.call("GET", back).statusCode());
  }

  @Test
  void takesNoCodeThatWasMeantForAnotherBrowser() {
    Visitor attacker = visitor();
    URI form = Visitor.target(attacker.open("/login"));
    URI back = Visitor.target(attacker.submit(form, "mallory", "platform"));
    Visitor victim = visitor();
    victim.open("/login");

    HttpResponse<String> answer = victim.open(back);

    assertEquals("/#/login?problem=expired", Visitor.place(answer));
    assertEquals(null, session(victim).getString("token"));
  }

  @Test
  void takesNoCodeThatTheProviderDidNotGive() {
    Visitor visitor = visitor();
    String state = query(Visitor.target(visitor.open("/login"))).get("state");

    HttpResponse<String> answer = visitor.open("/login/callback?code=made-up&state=" + state);

    assertEquals("/#/login?problem=failed", Visitor.place(answer));
  }

  @Test
  void asksForAnEndThatHasNoBeginningToBeginAgain() {
    given()
        .get("/login/callback?code=some&state=thing")
        .then()
        .statusCode(400)
        .contentType("application/problem+json")
        .body("detail", containsString("/login"));
  }

  @Test
  void sendsNowhereElseWhateverTheAddressSays() {
    Visitor visitor = visitor();

    HttpResponse<String> end =
        visitor.signIn(
            "/login?redirect_uri=https://evil.example/&return=//evil.example", "jane", "platform");

    assertEquals("/", Visitor.place(end));
    assertTrue(
        visitor.seen().stream().noneMatch(uri -> "evil.example".equals(uri.getHost())),
        visitor.seen().toString());
  }

  @Test
  void renewsTheTokenThroughTheSession() throws InterruptedException {
    Visitor visitor = visitor();
    visitor.signIn("/login", "jane", "engineering");
    String first = session(visitor).getString("token");

    // Tokens last shorter than the time before their end at which they are renewed.
    String second = session(visitor).getString("token");

    assertNotEquals(first, second);
    given()
        .header("Authorization", "Bearer " + second)
        .get("/api/v1/access")
        .then()
        .statusCode(200)
        .body("name", equalTo("jane"));
  }

  @Test
  void forgetsASessionThatIsNotItsOwn() {
    given()
        .header("Cookie", "q_session_page=of-another-secret")
        .get("/login/session")
        .then()
        .statusCode(200)
        .header("Set-Cookie", containsString("q_session_page=;"))
        .body("offered", equalTo(true))
        .body("token", nullValue());
    given()
        .redirects()
        .follow(false)
        .header("Cookie", "q_session_page=of-another-secret")
        .get("/login")
        .then()
        .statusCode(303)
        .header("Location", containsString("code_challenge"));
  }

  @Test
  void guardsCookiesByTlsBehindAProxyThatEndsIt() {
    HttpResponse<String> answer =
        visitor().call("GET", "/login", "X-Forwarded-Proto", "https", "Accept", "text/html");

    String cookie = answer.headers().firstValue("Set-Cookie").orElse("");
    assertTrue(cookie.contains("Secure"), cookie);
    assertTrue(query(Visitor.target(answer)).get("redirect_uri").startsWith("https"));
  }

  @Test
  void saysWhatIsThere() {
    given().post("/login").then().statusCode(405).header("Allow", "GET");
    given().get("/login/nowhere").then().statusCode(404).body("code", equalTo("NOT_FOUND"));
    given().get("/").then().statusCode(200).header("Content-Length", not(equalTo("0")));
  }

  private static JsonPath session(Visitor visitor) {
    HttpResponse<String> answer = visitor.call("GET", "/login/session", OURS);
    assertEquals(200, answer.statusCode(), answer.body());
    return JsonPath.from(answer.body());
  }

  private static Visitor visitor() {
    return new Visitor(RestAssured.port);
  }

  private static List<String> sortedKeys(URI uri) {
    return query(uri).keySet().stream().sorted().toList();
  }

  private static Map<String, String> query(URI uri) {
    return Arrays.stream(uri.getQuery().split("&"))
        .map(pair -> pair.split("=", 2))
        .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
  }
}
