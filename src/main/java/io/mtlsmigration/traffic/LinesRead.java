// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The time of which every line about a server was read, from existing pods and those that ended
 * meanwhile. Only traffic within it is accounted for by lines: other calls' lines say nothing about
 * a call whose own line was not read.
 *
 * @param since no line written from then on is missing, but for {@link LineLoss#NAME_ALONE}; null
 *     while that is not known
 * @param gaps the latest gap of each kind
 * @param until lines written until then were read
 * @param followed lines of pods that had ended by then were not read
 * @param detail a sentence that names what is missing; may be empty
 */
public record LinesRead(
    @Nullable Instant since,
    Map<LineLoss, Gap> gaps,
    Instant until,
    Instant followed,
    String detail) {

  public LinesRead {
    gaps = Map.copyOf(gaps);
  }

  /**
   * A gap of one kind.
   *
   * @param since no line of that kind is missing from then on
   * @param before when the gap of that kind before it ended; null when it is the first
   * @param detail a sentence that names what is missing
   */
  public record Gap(Instant since, @Nullable Instant before, String detail) {

    private boolean isAgainWithin(Duration window) {
      return before != null && before.plus(window).isAfter(since);
    }
  }

  /** Without a known gap. */
  public LinesRead(@Nullable Instant since, Instant until, Instant followed, String detail) {
    this(since, Map.of(), until, followed, detail);
  }

  /**
   * Returns what is so of lines that were looked at between this account and a later one: of those
   * that were read in between, some may not have been seen, and some be dropped already.
   */
  public LinesRead and(LinesRead later) {
    Instant theirs = later.since;
    boolean less = since == null || (theirs != null && since.isAfter(theirs));
    LinesRead least = less ? this : later;
    Map<LineLoss, Gap> both = new EnumMap<>(LineLoss.class);
    both.putAll(gaps);
    both.putAll(later.gaps);
    return new LinesRead(
        least.since,
        both,
        until.isBefore(later.until) ? until : later.until,
        followed.isAfter(later.followed) ? followed : later.followed,
        least.detail);
  }

  /**
   * Returns since when no line is missing that could account for counts.
   *
   * @param connections whether connections are among them
   */
  public @Nullable Instant since(boolean connections) {
    Gap named = connections ? gaps.get(LineLoss.NAME_ALONE) : null;
    return since == null || named == null || !named.since().isAfter(since) ? since : named.since();
  }

  /** Returns what is missing before that time. */
  public String detail(boolean connections) {
    Gap named = gaps.get(LineLoss.NAME_ALONE);
    return named != null && named.since().equals(since(connections))
        ? named.detail() + " (" + LineLoss.NAME_ALONE.remedy() + ")"
        : detail;
  }

  /**
   * Returns the kind of gap that comes sooner one after the other than a window is long, so that
   * waiting mends nothing. Each kind counts by itself: one that any client can cause neither makes
   * another one recur nor hides it.
   *
   * @param asOf end of the window
   * @param connections whether connections were counted
   */
  public Optional<LineLoss> recurring(Instant asOf, Duration window, boolean connections) {
    return Arrays.stream(LineLoss.values())
        .filter(kind -> connections || kind != LineLoss.NAME_ALONE)
        .filter(
            kind -> {
              Gap gap = gaps.get(kind);
              return gap != null
                  && gap.since().isAfter(asOf.minus(window))
                  && gap.isAgainWithin(window);
            })
        .findFirst();
  }
}
