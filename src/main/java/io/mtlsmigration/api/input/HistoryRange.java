// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.api.problem.ProblemDetail.FieldError;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A range of steps of time. Steps begin at multiples of their length, and only complete ones are
 * shown, so that the same request gets the same answer until the next step has ended.
 *
 * @param from beginning of the first step
 * @param steps at least one
 */
public record HistoryRange(Instant from, Duration step, int steps) {

  public static final int MAX_STEPS = 1_000;
  public static final Duration LONGEST = Duration.ofDays(31);

  private static final Duration USUAL = Duration.ofDays(1);

  /** The maximum number of steps, which a chart has room for. */
  private static final int CHART = 300;

  private static final List<Duration> ROUND =
      List.of(
          Duration.ofSeconds(5),
          Duration.ofSeconds(15),
          Duration.ofSeconds(30),
          Duration.ofMinutes(1),
          Duration.ofMinutes(2),
          Duration.ofMinutes(5),
          Duration.ofMinutes(10),
          Duration.ofMinutes(30),
          Duration.ofHours(1),
          Duration.ofHours(3));

  public Instant to() {
    return from.plus(step.multipliedBy(steps));
  }

  /**
   * Returns the range of a request.
   *
   * @param finest the shortest step available
   * @throws io.mtlsmigration.api.problem.ApiException 400 that names each wrong parameter
   */
  public static HistoryRange of(HistoryQuery asked, Instant now, Duration finest) {
    List<FieldError> errors = new ArrayList<>();
    Instant since = asked.since();
    Duration window = asked.window();
    Instant until = asked.until();
    Duration step = asked.step();
    if (since != null && window != null) {
      errors.add(FieldError.wrong("window", "Expected is either since or window, not both"));
    }
    if (until != null && (until.isAfter(now) || until.isBefore(Instant.EPOCH))) {
      errors.add(
          FieldError.wrong("until", "Expected is an instant of the past; left out, it is now"));
    }
    if (window != null && window.compareTo(LONGEST) > 0) {
      errors.add(FieldError.wrong("window", "Expected is a window of " + LONGEST + " at most"));
    }
    if (step != null
        && (!step.equals(step.truncatedTo(ChronoUnit.SECONDS)) || step.compareTo(finest) < 0)) {
      errors.add(
          FieldError.wrong(
              "step", "Expected are whole seconds, and as evidence goes here at least " + finest));
    }
    if (step != null && step.compareTo(LONGEST) > 0) {
      errors.add(FieldError.wrong("step", "Expected is a step of " + LONGEST + " at most"));
    }
    if (!errors.isEmpty()) {
      throw ApiException.of(ErrorCode.INVALID_PARAMETER, errors);
    }
    Instant end = until == null ? now : until;
    Instant begin = since == null ? end.minus(window == null ? USUAL : window) : since;
    checkLength(begin, end);
    return cut(begin, end, step, finest);
  }

  private static void checkLength(Instant begin, Instant end) {
    if (!begin.isBefore(end)) {
      throw ApiException.parameter("since", "Expected is an instant before until, which is " + end);
    } else if (Duration.between(begin, end).compareTo(LONGEST) > 0) {
      throw ApiException.parameter(
          "since",
          "Expected is an instant at most %s before until: not before %s"
              .formatted(LONGEST, end.minus(LONGEST)));
    }
  }

  private static HistoryRange cut(
      Instant begin, Instant end, @Nullable Duration asked, Duration finest) {
    Duration range = Duration.between(begin, end);
    Duration step = asked == null ? usual(range, finest) : asked;
    long first = Math.floorDiv(begin.getEpochSecond(), step.toSeconds());
    long steps = Math.floorDiv(end.getEpochSecond(), step.toSeconds()) - first;
    if (steps > MAX_STEPS) {
      Duration shortest = Duration.ofSeconds(range.toSeconds() / MAX_STEPS + 1);
      throw ApiException.parameter(
          "step",
          "There would be %d steps, and at most %d are told: expected is a step of at least %s, or a shorter range"
              .formatted(steps, MAX_STEPS, shortest));
    } else if (steps < 1) {
      throw ApiException.parameter(
          "step",
          "No step of %s has ended in %s: expected is a shorter step, or a longer range"
              .formatted(step, range));
    }
    return new HistoryRange(Instant.ofEpochSecond(first * step.toSeconds()), step, (int) steps);
  }

  private static Duration usual(Duration range, Duration finest) {
    return ROUND.stream()
        .filter(step -> step.compareTo(finest) >= 0 && range.dividedBy(step) <= CHART)
        .findFirst()
        .orElse(finest);
  }
}
