// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text form of durations: ISO-8601 ({@code PT15M}), or one or more numbers with a unit as in Go
 * and Prometheus ({@code 90s}, {@code 15m}, {@code 1h30m}, {@code 1d}).
 */
public final class DurationText {

  /** The expected form, as problems name it. */
  public static final String EXPECTED = "a duration such as PT15M, 15m or 24h";

  private static final Pattern SHORT =
      Pattern.compile(
          "(?:(\\d{1,6})d)?(?:(\\d{1,8})h)?(?:(\\d{1,9})m)?(?:(\\d{1,10})s)?(?:(\\d{1,12})ms)?");

  private DurationText() {}

  /** Parses a duration; empty when it is none. Negative ones are accepted; callers judge them. */
  public static Optional<Duration> parse(String text) {
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Matcher matcher = SHORT.matcher(text);
    if (matcher.matches()) {
      return Optional.of(
          Duration.ofDays(number(matcher, 1))
              .plusHours(number(matcher, 2))
              .plusMinutes(number(matcher, 3))
              .plusSeconds(number(matcher, 4))
              .plusMillis(number(matcher, 5)));
    }
    try {
      return Optional.of(Duration.parse(text));
    } catch (DateTimeParseException | ArithmeticException e) {
      return Optional.empty();
    }
  }

  private static long number(Matcher matcher, int group) {
    String digits = matcher.group(group);
    return digits == null ? 0 : Long.parseLong(digits);
  }
}
