// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.access.Identity;
import io.mtlsmigration.access.TokenVerifier;
import io.mtlsmigration.access.TokenVerifier.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TokenReviewsTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  private final AtomicLong nanos = new AtomicLong();
  private ReviewServer server;
  private KubernetesClient client;

  @BeforeEach
  void start() {
    server = ReviewServer.start().user("good", "jane");
    client = server.client();
  }

  @AfterEach
  void stop() {
    server.close();
    client.close();
  }

  @Test
  void knowsTheUserOfAToken() {
    Verdict verdict = reviews().verify("good");

    assertEquals(
        new TokenVerifier.Known(
            new Identity(
                "jane",
                "uid-of-jane",
                List.of("system:authenticated", "team-a"),
                Map.of("example.io/scope", List.of("all")))),
        verdict);
    assertTrue(server.asked().getFirst().at("/spec/audiences").isMissingNode());
  }

  @Test
  void refusesATokenThatTheClusterDoesNotKnow() {
    assertInstanceOf(TokenVerifier.Refused.class, reviews().verify("bad"));
  }

  static Stream<Arguments> audiences() {
    return Stream.of(
        argumentSet("a token for the API server", "good", List.of(), true),
        argumentSet("a token for others", "foreign", List.of(), false),
        argumentSet("a token for us", "foreign", List.of("us"), true),
        argumentSet("a token for one of us", "foreign", List.of("we", "us"), true),
        argumentSet("a token for the API server, but not for us", "good", List.of("us"), false));
  }

  @ParameterizedTest
  @MethodSource("audiences")
  void takesTokensForItsAudiencesOnly(String token, List<String> audiences, boolean taken) {
    server.userFor("us", "foreign", "joe");

    Verdict verdict = new TokenReviews(client, audiences, TIMEOUT, nanos::get).verify(token);

    assertEquals(taken, verdict instanceof TokenVerifier.Known);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "two words", "new\nline", "ümlaut", "=", "a=b"})
  void asksNobodyAboutWhatIsNoToken(String text) {
    Verdict verdict = reviews().verify(text);

    assertInstanceOf(TokenVerifier.Refused.class, verdict);
    assertEquals(List.of(), server.asked());
  }

  static Stream<Arguments> lifetimes() {
    return Stream.of(
        argumentSet("a good token for 60 s", "good", Duration.ofSeconds(59), 1),
        argumentSet("a good token not longer", "good", Duration.ofSeconds(60), 2),
        argumentSet("a bad token for 10 s", "bad", Duration.ofSeconds(9), 1),
        argumentSet("a bad token not longer", "bad", Duration.ofSeconds(10), 2));
  }

  @ParameterizedTest
  @MethodSource("lifetimes")
  void remembers(String token, Duration later, int questions) {
    TokenReviews reviews = reviews();
    Verdict first = reviews.verify(token);

    nanos.addAndGet(later.toNanos());
    Verdict second = reviews.verify(token);

    assertEquals(first, second);
    assertEquals(questions, server.asked().size());
  }

  @Test
  void asksOnceForAllWhoComeAtOnce() throws Exception {
    TokenReviews reviews = reviews();
    server.hold();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Verdict>> verdicts =
          IntStream.range(0, 50)
              .mapToObj(i -> callers.submit(() -> reviews.verify("good")))
              .toList();
      Awaitility.await().until(() -> !server.asked().isEmpty());

      server.release();

      for (Future<Verdict> verdict : verdicts) {
        assertInstanceOf(TokenVerifier.Known.class, verdict.get());
      }
    }
    assertEquals(1, server.asked().size());
  }

  @Test
  void keepsNoAnswerThatDidNotCome() {
    TokenReviews reviews = reviews();
    server.failWith(500);
    Verdict broken = reviews.verify("good");

    server.failWith(0);
    Verdict mended = reviews.verify("good");

    assertEquals(new TokenVerifier.Unavailable("The API server gave no answer"), broken);
    assertInstanceOf(TokenVerifier.Known.class, mended);
  }

  @Test
  void saysThatItMayNotAsk() {
    server.failWith(403);

    Verdict verdict = reviews().verify("good");

    assertEquals(
        new TokenVerifier.Unavailable(
            "The API server does not let this service create tokenreviews"),
        verdict);
  }

  @Test
  void waitsNoLongerThanItIsTold() {
    server.hold();

    Verdict verdict =
        new TokenReviews(client, List.of(), Duration.ofMillis(50), nanos::get).verify("good");

    assertEquals(new TokenVerifier.Unavailable("The API server does not answer"), verdict);
  }

  @Test
  void knowsNobodyWhenTheServerIsGone() {
    server.close();

    Verdict verdict = reviews().verify("good");

    assertFalse(verdict instanceof TokenVerifier.Known);
    assertInstanceOf(TokenVerifier.Unavailable.class, verdict);
  }

  private TokenReviews reviews() {
    return new TokenReviews(client, List.of(), TIMEOUT, nanos::get);
  }
}
