// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.plan.PlanLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The windows of traffic that callers ask about. For each of them Prometheus is asked about the
 * whole mesh again and again, and the answers are kept for a while: by ever new ones a caller could
 * use up this process's memory, and Prometheus. Thread-safe.
 */
final class AskedWindows {

  /** Besides those of plans, and the usual ones. */
  static final int MOST = 8;

  /** Those that the page offers: nobody's other windows keep them from anybody. */
  static final Set<Duration> USUAL =
      Set.of(
          Duration.ofSeconds(10),
          Duration.ofMinutes(1),
          Duration.ofMinutes(15),
          Duration.ofHours(1),
          Duration.ofDays(1));

  /** Longer than a reading is kept for a window that nobody asks about any more. */
  static final Duration KEPT = Duration.ofMinutes(2);

  private static final Duration LONGEST = PlanLimits.REAL_MESH.maxWindow();

  private final Map<Duration, Instant> asked = new HashMap<>();

  /**
   * Counts a question.
   *
   * @throws ApiException a 400 when the window is longer than any of a plan, a 429 when there are
   *     too many others
   */
  synchronized void admit(Duration window, Instant now) {
    if (window.compareTo(LONGEST) > 0) {
      throw ApiException.parameter(
          "window", "Expected is a window of " + LONGEST.toDays() + " days at most");
    }
    if (USUAL.contains(window)) {
      return;
    }
    asked.values().removeIf(at -> Duration.between(at, now).abs().compareTo(KEPT) > 0);
    if (asked.size() >= MOST && !asked.containsKey(window)) {
      throw ApiException.busy(
          ("Traffic of %s windows was asked for within %s minutes: ask for one of these, for an"
                  + " hour, or for a day")
              .formatted(MOST, KEPT.toMinutes()),
          30);
    }
    asked.put(window, now);
  }
}
