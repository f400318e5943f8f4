// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import java.time.Duration;
import java.util.List;

/** Lengths that people choose for a window: some hours, or whole days. */
final class RoundWindow {

  private static final List<Duration> HOURS =
      List.of(
          Duration.ofHours(1),
          Duration.ofHours(2),
          Duration.ofHours(3),
          Duration.ofHours(6),
          Duration.ofHours(12));

  private RoundWindow() {}

  /** Returns the shortest that is longer than the duration. */
  static Duration longerThan(Duration least) {
    return HOURS.stream()
        .filter(hours -> hours.compareTo(least) > 0)
        .findFirst()
        .orElseGet(() -> Duration.ofDays(least.toDays() + 1));
  }
}
