// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.e2e;

import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Who may call, as a real API server tells: tokens of ServiceAccounts, and the shipped roles. */
final class AccessE2E {

  @RegisterExtension
  static final TestCluster CLUSTER = TestCluster.withIstio().withService().withTask();

  private static final String PEOPLE = "people";
  private static ServiceProcess service;

  @BeforeAll
  static void begin() {
    for (String role : new String[] {"viewer", "operator", "approver"}) {
      CLUSTER.as(PEOPLE, role);
      CLUSTER
          .kubectl()
          .ok(
              "create",
              "clusterrolebinding",
              "people-" + role,
              "--clusterrole=mtls-migration-" + role,
              "--serviceaccount=" + PEOPLE + ":" + role);
    }
    CLUSTER.as(PEOPLE, "nobody");
    service =
        CLUSTER
            .taskService("a")
            .with("mtls-migration.auth.mode", "kubernetes")
            .start()
            .awaitReady();
  }

  static Stream<Arguments> calls() {
    String plan = TaskPlans.namespace("foo");
    String approval = "{\"namespace\": \"foo\", \"comment\": \"agreed\"}";
    return Stream.of(
        argumentSet("nobody reads", "nobody", "GET", "/plans", "", 403),
        argumentSet("a viewer reads", "viewer", "GET", "/plans", "", 200),
        argumentSet("a viewer sees the mesh", "viewer", "GET", "/mesh", "", 200),
        argumentSet("a viewer makes no plan", "viewer", "POST", "/plans", plan, 403),
        argumentSet("a viewer reads no audit", "viewer", "GET", "/audit", "", 403),
        argumentSet(
            "an operator tries a plan", "operator", "POST", "/plans?dryRun=true", plan, 200),
        argumentSet(
            "an operator does not consent",
            "operator",
            "POST",
            "/plans/x/approvals",
            approval,
            403),
        argumentSet("an approver makes no plan", "approver", "POST", "/plans", plan, 403),
        argumentSet(
            "an approver may consent", "approver", "POST", "/plans/x/approvals", approval, 404),
        argumentSet("an approver reads the audit", "approver", "GET", "/audit", "", 200));
  }

  @ParameterizedTest
  @MethodSource("calls")
  void letsInByTheRolesThatAreShipped(
      String who, String method, String path, String body, int status) {
    RequestSpecification call = as(CLUSTER.token(PEOPLE, who));
    if (!body.isEmpty()) {
      call = call.contentType(ContentType.JSON).body(body);
    }

    call.request(method, path).then().statusCode(status);
  }

  @Test
  void turnsAwayWhoShowsNoToken() {
    service
        .http()
        .get("/plans")
        .then()
        .statusCode(401)
        .header("WWW-Authenticate", containsString("Bearer"))
        .body("code", equalTo("UNAUTHENTICATED"));
  }

  @Test
  void turnsAwayATokenThatIsMadeUp() {
    as("eyJhbGciOiJSUzI1NiJ9.e30.c2ln").get("/plans").then().statusCode(401);
  }

  @Test
  void turnsAwayATokenForSomebodyElse() {
    TokenRequest elsewhere =
        CLUSTER
            .admin()
            .serviceAccounts()
            .inNamespace(PEOPLE)
            .withName("viewer")
            .tokenRequest(
                new TokenRequestBuilder()
                    .withNewSpec()
                    .withAudiences("https://elsewhere.example.com")
                    .withExpirationSeconds(3600L)
                    .endSpec()
                    .build());

    as(elsewhere.getStatus().getToken()).get("/plans").then().statusCode(401);
  }

  @Test
  void keepsWhoDidWhat() {
    as(CLUSTER.token(PEOPLE, "operator"))
        .contentType(ContentType.JSON)
        .body(TaskPlans.namespace("bar"))
        .post("/plans")
        .then()
        .statusCode(201)
        .body("createdBy", equalTo("system:serviceaccount:people:operator"));

    as(CLUSTER.token(PEOPLE, "approver"))
        .get("/audit?plan=bar")
        .then()
        .body("items[0].actor", equalTo("system:serviceaccount:people:operator"))
        .body("items[0].operation", equalTo("createPlan"));
  }

  private static RequestSpecification as(String token) {
    return service.http().auth().oauth2(token);
  }
}
