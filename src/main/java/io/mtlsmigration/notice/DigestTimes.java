// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.notice;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Stream;

/**
 * The times of day at which a digest goes out. Where the clocks skip such a time it goes out an
 * hour later, and where they repeat it, once.
 *
 * @param times at least one
 */
public record DigestTimes(List<LocalTime> times, ZoneId zone) {

  /** What happened right before the time may be known a moment later, and belongs to it. */
  static final Duration GRACE = Duration.ofMinutes(1);

  public DigestTimes {
    times = List.copyOf(times);
    if (times.isEmpty()) {
      throw new IllegalArgumentException("a digest needs a time of day");
    }
  }

  /** Returns the end of the latest digest that is complete: what happened until then is due. */
  public Instant closed(Instant now) {
    Instant known = now.minus(GRACE);
    LocalDate today = known.atZone(zone).toLocalDate();
    // A day that the zone skipped altogether, too, has another one within three.
    return Stream.iterate(today.plusDays(1), day -> day.minusDays(1))
        .limit(4)
        .flatMap(day -> times.stream().map(time -> day.atTime(time).atZone(zone).toInstant()))
        .filter(end -> !end.isAfter(known))
        .max(Instant::compareTo)
        .orElseThrow(() -> new IllegalStateException("every day has each time of day"));
  }
}
