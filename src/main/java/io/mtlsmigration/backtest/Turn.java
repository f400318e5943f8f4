// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.backtest;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The time of a wave's turn, at which each namespace of the waves before has been locked and
 * verified.
 *
 * @param certain at the latest; null when that is not known to have happened
 * @param possible at the earliest; null when it cannot have happened
 * @param waitsFor namespaces for which it is not certain
 */
record Turn(@Nullable Instant certain, @Nullable Instant possible, List<String> waitsFor) {

  Turn {
    waitsFor = List.copyOf(waitsFor);
  }

  /** Returns the turn of the next wave, after the namespaces of this one that are waited for. */
  Turn after(List<Member> wave, Duration verification) {
    Instant latest = certain;
    Instant earliest = possible;
    List<String> open = new ArrayList<>(waitsFor);
    for (Member member : wave) {
      latest = later(latest, member.opensAt(), verification);
      earliest = later(earliest, member.mayOpenAt(), verification);
      if (member.opensAt() == null) {
        open.add(member.namespace());
      }
    }
    return new Turn(latest, earliest, open);
  }

  private static @Nullable Instant later(
      @Nullable Instant turn, @Nullable Instant lock, Duration verification) {
    if (turn == null || lock == null) {
      return null;
    }
    Instant verified = lock.plus(verification);
    return verified.isAfter(turn) ? verified : turn;
  }
}
