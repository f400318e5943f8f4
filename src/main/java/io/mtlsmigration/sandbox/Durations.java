// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Parses durations as people write them: ISO-8601, or numbers with units as in Kubernetes. */
final class Durations {

  private static final Pattern SHORT = Pattern.compile("(\\d+h)?(\\d+m)?(\\d+(\\.\\d+)?s)?");

  private Durations() {}

  /** Parses {@code PT1M30S} or {@code 1m30s}; empty when it is neither, or negative. */
  static Optional<Duration> parse(String text) {
    boolean brief = !text.isEmpty() && SHORT.matcher(text).matches();
    try {
      Duration duration = Duration.parse(brief ? "PT" + text.toUpperCase(Locale.ROOT) : text);
      return duration.isNegative() ? Optional.empty() : Optional.of(duration);
    } catch (DateTimeException | ArithmeticException e) {
      return Optional.empty();
    }
  }
}
