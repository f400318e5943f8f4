// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.rollout.HookCaller.Answer;
import io.mtlsmigration.rollout.HookCaller.Delivery;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a hook is called again, and what its answers are worth. */
final class HookExchangeTest {

  private static final Instant NOW = Instant.parse("2026-06-01T09:00:00Z");
  private static final HookPace PACE =
      new HookPace(
          Duration.ofSeconds(30),
          Duration.ofSeconds(20),
          Duration.ofSeconds(1),
          Duration.ofSeconds(60),
          Duration.ofHours(24));

  private final HookExchange conversation = new HookExchange("hook.example", PACE, () -> 1.0);

  private static Instant at(double seconds) {
    return NOW.plusMillis((long) (seconds * 1000));
  }

  private void reply(Reply reply, double seconds) {
    assertTrue(conversation.begin(at(seconds)), "no call is due at " + seconds);
    conversation.end(reply, at(seconds));
  }

  private static Reply failed(String detail) {
    return new Reply.Failed(detail, null);
  }

  @Test
  void hasOneCallUnderWayAtATime() {
    assertTrue(conversation.begin(NOW));
    assertFalse(conversation.begin(at(3600)));
    assertEquals(new Answer.Pending("hook.example has been asked"), conversation.answer(NOW));
  }

  @Test
  void aConsentCountsForItsAgeAndIsRenewedBefore() {
    reply(new Reply.Accepted(), 0);

    assertInstanceOf(Answer.Accepted.class, conversation.answer(at(30)));
    assertInstanceOf(Answer.Pending.class, conversation.answer(at(31)));
    assertFalse(conversation.begin(at(14.9)));
    assertTrue(conversation.begin(at(15)));
    conversation.end(new Reply.Accepted(), at(16));
    assertInstanceOf(Answer.Accepted.class, conversation.answer(at(46)));
  }

  @Test
  void aClockThatIsSetBackRenewsNoConsent() {
    reply(new Reply.Accepted(), 3600);

    assertInstanceOf(Answer.Pending.class, conversation.answer(NOW));
    assertTrue(conversation.begin(NOW));
  }

  @Test
  void aFailedRenewalDoesNotTakeAConsentBackBeforeItsTime() {
    reply(new Reply.Accepted(), 0);
    reply(failed("HTTP 500"), 15);

    assertInstanceOf(Answer.Accepted.class, conversation.answer(at(30)));
    assertEquals(
        new Answer.Pending(
            "hook.example: HTTP 500 (since 2026-06-01T09:00:15Z); it is asked again"),
        conversation.answer(at(31)));
  }

  @Test
  void aRefusalTakesAConsentBackAtOnceAndIsAskedAgain() {
    reply(new Reply.Accepted(), 0);
    reply(new Reply.Refused("HTTP 403: frozen"), 15);

    assertEquals(new Answer.Refused("hook.example: HTTP 403: frozen"), conversation.answer(at(15)));
    assertFalse(conversation.begin(at(34)));
    reply(new Reply.Accepted(), 35);
    assertInstanceOf(Answer.Accepted.class, conversation.answer(at(35)));
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 2", "3, 4", "6, 32", "7, 60", "40, 60", "4000, 60"})
  void theMoreFailuresTheLongerThePauseUpToTheLongest(int failures, int seconds) {
    assertEquals(Duration.ofSeconds(seconds), PACE.afterFailures(failures, 1));
    assertEquals(Duration.ofMillis(seconds * 500L), PACE.afterFailures(failures, 0));
  }

  @Test
  void aRowOfFailuresEndsWithAnAnswer() {
    reply(failed("a"), 0);
    reply(failed("b"), 1);
    assertFalse(conversation.begin(at(2.9)));
    reply(new Reply.Refused("no"), 3);
    reply(failed("c"), 23);

    assertTrue(conversation.begin(at(24)));
  }

  @Test
  void saysTheSameAsLongAsItIsTheSame() {
    reply(failed("HTTP 500"), 0);
    Answer first = conversation.answer(at(0));
    reply(failed("HTTP 500"), 1);

    assertEquals(first, conversation.answer(at(1)));
  }

  @ParameterizedTest
  @CsvSource({"10, 10", "0, 1", "3600, 60"})
  void waitsAsLongAsTheReceiverAsksWithinReason(int asked, int waits) {
    reply(new Reply.Failed("HTTP 503", Duration.ofSeconds(asked)), 0);

    assertFalse(conversation.begin(at(waits - 0.1)));
    assertTrue(conversation.begin(at(waits)));
  }

  @Test
  void whatWasTakenStaysTaken() {
    reply(new Reply.Accepted(), 0);

    assertEquals(new Delivery.Delivered(), conversation.delivery(NOW, at(86_400 * 2)));
  }

  @Test
  void aMessageIsGivenUpOnlyAfterAnAttemptThatFailed() {
    Instant longAgo = NOW.minus(Duration.ofDays(2));
    assertEquals(new Delivery.Pending(""), conversation.delivery(longAgo, NOW));
    reply(new Reply.Refused("HTTP 404"), 0);

    assertEquals(
        new Delivery.Pending("hook.example: refuses: HTTP 404"),
        conversation.delivery(NOW, at(86_400)));
    assertEquals(
        new Delivery.Failed("hook.example: refuses: HTTP 404"),
        conversation.delivery(longAgo, NOW));
  }
}
