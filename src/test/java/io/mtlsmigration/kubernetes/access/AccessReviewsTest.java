// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.access.Authorizer;
import io.mtlsmigration.access.Authorizer.Decision;
import io.mtlsmigration.access.Identity;
import io.mtlsmigration.access.Permission;
import io.mtlsmigration.access.Verb;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class AccessReviewsTest {

  private static final Identity JANE =
      new Identity("jane", "1", List.of("team-a"), Map.of("example.io/scope", List.of("all")));
  private static final Permission APPROVE = new Permission(Verb.APPROVE, "q4");
  private static final Permission CREATE = new Permission(Verb.CREATE, "");

  private final AtomicLong nanos = new AtomicLong();
  private ReviewServer server;
  private KubernetesClient client;

  @BeforeEach
  void start() {
    server = ReviewServer.start().user("good", "jane", "approve");
    client = server.client();
  }

  @AfterEach
  void stop() {
    server.close();
    client.close();
  }

  @Test
  void asksForTheVerbOnThePlan() {
    Decision decision = reviews().decide(JANE, APPROVE);

    assertInstanceOf(Authorizer.Allowed.class, decision);
    JsonNode spec = server.asked().getFirst().path("spec");
    assertEquals("jane", spec.path("user").asText());
    assertEquals("1", spec.path("uid").asText());
    assertEquals("team-a", spec.at("/groups/0").asText());
    assertEquals("all", spec.at("/extra/example.io~1scope/0").asText());
    assertEquals("mtls-migration.io", spec.at("/resourceAttributes/group").asText());
    assertEquals("migrationplans", spec.at("/resourceAttributes/resource").asText());
    assertEquals("approve", spec.at("/resourceAttributes/verb").asText());
    assertEquals("q4", spec.at("/resourceAttributes/name").asText());
  }

  @Test
  void namesTheRuleThatIsMissing() {
    Decision decision = reviews().decide(JANE, CREATE);

    String remedy = assertInstanceOf(Authorizer.Denied.class, decision).remedy();
    assertTrue(
        remedy.contains(
            "{apiGroups: [\"mtls-migration.io\"], resources: [\"migrationplans\"], verbs:"
                + " [\"create\"]}"),
        remedy);
  }

  static Stream<Arguments> lifetimes() {
    return Stream.of(
        argumentSet("a permission for 30 s", APPROVE, Duration.ofSeconds(29), 1),
        argumentSet("a permission not longer", APPROVE, Duration.ofSeconds(30), 2),
        argumentSet("a refusal for 10 s", CREATE, Duration.ofSeconds(9), 1),
        argumentSet("a refusal not longer", CREATE, Duration.ofSeconds(10), 2));
  }

  @ParameterizedTest
  @MethodSource("lifetimes")
  void remembers(Permission what, Duration later, int questions) {
    AccessReviews reviews = reviews();
    Decision first = reviews.decide(JANE, what);

    nanos.addAndGet(later.toNanos());
    Decision second = reviews.decide(JANE, what);

    assertEquals(first, second);
    assertEquals(questions, server.asked().size());
  }

  static Stream<Arguments> others() {
    return Stream.of(
        argumentSet("another user", new Identity("joe", "1", JANE.groups(), JANE.extra()), APPROVE),
        argumentSet(
            "another of that name",
            new Identity("jane", "2", JANE.groups(), JANE.extra()),
            APPROVE),
        argumentSet("other groups", new Identity("jane", "1", List.of(), JANE.extra()), APPROVE),
        argumentSet("other scopes", new Identity("jane", "1", JANE.groups(), Map.of()), APPROVE),
        argumentSet("another plan", JANE, new Permission(Verb.APPROVE, "q3")),
        argumentSet("another verb", JANE, new Permission(Verb.DELETE, "q4")));
  }

  @ParameterizedTest
  @MethodSource("others")
  void asksAnewFor(Identity who, Permission what) {
    AccessReviews reviews = reviews();
    reviews.decide(JANE, APPROVE);

    reviews.decide(who, what);

    assertEquals(2, server.asked().size());
  }

  @Test
  void allowsNothingWhenItMayNotAsk() {
    server.failWith(403);

    Decision decision = reviews().decide(JANE, APPROVE);

    assertEquals(
        new Authorizer.Unavailable(
            "The API server does not let this service create subjectaccessreviews"),
        decision);
  }

  @Test
  void keepsNoAnswerThatDidNotCome() {
    AccessReviews reviews = reviews();
    server.failWith(503);
    Decision broken = reviews.decide(JANE, APPROVE);

    server.failWith(0);
    Decision mended = reviews.decide(JANE, APPROVE);

    assertInstanceOf(Authorizer.Unavailable.class, broken);
    assertInstanceOf(Authorizer.Allowed.class, mended);
  }

  /** Nobody would be let in any more whose question seems to be under way. */
  @Test
  void asksAgainAfterAnError() throws ReviewException {
    Reviews<String, Boolean> reviews =
        new Reviews<>(
            new Reviews.Kind<>("questions", yes -> yes, Duration.ofSeconds(30)),
            Duration.ofSeconds(2),
            nanos::get);
    assertThrows(
        ReviewException.class,
        () ->
            reviews.of(
                "may I?",
                () -> {
                  throw new StackOverflowError();
                }));

    assertTrue(reviews.of("may I?", () -> true));
  }

  private AccessReviews reviews() {
    return new AccessReviews(client, Duration.ofSeconds(5), nanos::get);
  }
}
