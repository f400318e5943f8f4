// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Parses Prometheus' retention ({@code storageRetention} of {@code /api/v1/status/runtimeinfo}):
 * {@code 15d}, {@code 1w2d}, {@code 10GiB}, {@code 15d or 10GiB}.
 */
final class Retention {

  private static final Pattern TIME = Pattern.compile("(?:\\d{1,9}(?:ms|[ywdhms]))+");
  private static final Pattern PART = Pattern.compile("(\\d{1,9})(ms|[ywdhms])");

  /** Prometheus' units (model.Duration): a year has 365 days. */
  private static final Map<String, Duration> UNITS =
      Map.of(
          "y", Duration.ofDays(365),
          "w", Duration.ofDays(7),
          "d", Duration.ofDays(1),
          "h", Duration.ofHours(1),
          "m", Duration.ofMinutes(1),
          "s", Duration.ofSeconds(1),
          "ms", Duration.ofMillis(1));

  private Retention() {}

  /** Returns the duration; empty when there is none. */
  static Optional<Duration> of(String said) {
    String time = said.split(" or ", 2)[0].strip();
    if (!TIME.matcher(time).matches()) {
      return Optional.empty();
    }
    Duration all = Duration.ZERO;
    Matcher parts = PART.matcher(time);
    while (parts.find()) {
      Duration unit = UNITS.getOrDefault(parts.group(2), Duration.ZERO);
      all = all.plus(unit.multipliedBy(Long.parseLong(parts.group(1))));
    }
    return Optional.of(all);
  }
}
