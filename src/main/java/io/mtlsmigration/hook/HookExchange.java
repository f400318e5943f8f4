// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

import io.mtlsmigration.rollout.HookCaller.Answer;
import io.mtlsmigration.rollout.HookCaller.Delivery;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One question to a hook, or one message: the known answer, and the time of the next attempt.
 * Thread-safe. It neither calls nor waits.
 */
final class HookExchange {

  private final String host;
  private final HookPace pace;
  private final DoubleSupplier chance;
  private Instant next = Instant.MIN;
  private Instant touched = Instant.MIN;
  private boolean underWay;
  private int failures;
  private @Nullable Instant failingSince;
  private @Nullable Instant acceptedAt;
  private @Nullable String refusal;
  private @Nullable String failure;

  HookExchange(String host, HookPace pace, DoubleSupplier chance) {
    this.host = host;
    this.pace = pace;
    this.chance = chance;
  }

  /** Returns true when the caller must make a call now, and then call {@link #end}. */
  synchronized boolean begin(Instant now) {
    touched = now;
    // The clock may have been set back since: no pause is longer.
    boolean pauses = now.isBefore(next) && !next.isAfter(now.plus(pace.longest()));
    if (underWay || pauses) {
      return false;
    }
    underWay = true;
    return true;
  }

  /** Ends the call that was begun. Of two replies the newer one counts. */
  synchronized void end(Reply reply, Instant now) {
    underWay = false;
    switch (reply) {
      case Reply.Accepted() -> {
        acceptedAt = now.truncatedTo(ChronoUnit.SECONDS);
        refusal = null;
        settled();
        next = now.plus(pace.afterConsent());
      }
      case Reply.Refused(var detail) -> {
        acceptedAt = null;
        refusal = detail;
        settled();
        next = now.plus(pace.refusalPause());
      }
      case Reply.Failed(var detail, var retryAfter) -> failed(detail, retryAfter, now);
      case Reply.Closed(var detail) -> failed(detail, null, now);
    }
  }

  private void settled() {
    failure = null;
    failingSince = null;
    failures = 0;
  }

  private void failed(String detail, @Nullable Duration retryAfter, Instant now) {
    refusal = null;
    failure = detail;
    failingSince = failingSince == null ? now.truncatedTo(ChronoUnit.SECONDS) : failingSince;
    failures++;
    Duration pause = pace.afterFailures(failures, chance.getAsDouble());
    boolean longer = retryAfter != null && retryAfter.compareTo(pause) > 0;
    Duration asked = longer && retryAfter != null ? retryAfter : pause;
    next = now.plus(asked.compareTo(pace.longestPause()) > 0 ? pace.longestPause() : asked);
  }

  /** Returns the answer, in words that stay the same with it: they are stored on each change. */
  synchronized Answer answer(Instant now) {
    if (refusal != null) {
      return new Answer.Refused(host + ": " + refusal);
    }
    if (acceptedAt != null
        && !acceptedAt.isAfter(now)
        && !acceptedAt.plus(pace.answerAge()).isBefore(now)) {
      return new Answer.Accepted();
    }
    if (failure != null) {
      return new Answer.Pending(
          host + ": " + failure + " (since " + failingSince + "); it is asked again");
    }
    return new Answer.Pending(
        acceptedAt == null
            ? host + " has been asked"
            : host + " agreed at " + acceptedAt + ", too long ago; it is asked again");
  }

  /**
   * Returns the result of telling. A message that was refused was not accepted.
   *
   * @param since the time of the event
   */
  synchronized Delivery delivery(Instant since, Instant now) {
    if (acceptedAt != null) {
      return new Delivery.Delivered();
    }
    String problem = refusal == null ? failure : "refuses: " + refusal;
    if (problem == null) {
      return new Delivery.Pending("");
    }
    String words = host + ": " + problem;
    return since.plus(pace.keepTrying()).isBefore(now)
        ? new Delivery.Failed(words)
        : new Delivery.Pending(words);
  }

  /** Returns whether nobody has asked since {@code before}, and no call is running. */
  synchronized boolean forgotten(Instant before) {
    return !underWay && touched.isBefore(before);
  }
}
