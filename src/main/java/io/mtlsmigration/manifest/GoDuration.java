// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Go's {@code time.ParseDuration} reads them, such as {@code 1h30m}. */
final class GoDuration {

  private static final Pattern PART = Pattern.compile("(\\d+\\.?\\d*|\\.\\d+)(h|ms|m|s)");

  /** In characters; Go reads a fraction of any length, which takes more than its length to read. */
  private static final int LONGEST = 100;

  private GoDuration() {}

  /**
   * Parses one; units below a millisecond are none.
   *
   * @return empty for what is no duration, or too long a text
   */
  static Optional<Duration> of(String text) {
    if (text.length() > LONGEST) {
      return Optional.empty();
    }
    Duration sum = Duration.ZERO;
    Matcher part = PART.matcher(text);
    int end = 0;
    try {
      while (part.find() && part.start() == end) {
        BigDecimal nanos = new BigDecimal(part.group(1)).multiply(nanos(part.group(2)));
        sum = sum.plus(Duration.ofNanos(nanos.longValueExact()));
        end = part.end();
      }
    } catch (ArithmeticException e) {
      return Optional.empty(); // more than 292 years, or less than a nanosecond
    }
    return end == 0 || end < text.length() ? Optional.empty() : Optional.of(sum);
  }

  private static BigDecimal nanos(String unit) {
    return BigDecimal.valueOf(
        switch (unit) {
          case "h" -> 3_600_000_000_000L;
          case "m" -> 60_000_000_000L;
          case "s" -> 1_000_000_000L;
          default -> 1_000_000L;
        });
  }
}
