// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.JobTemplate;
import io.mtlsmigration.mesh.RunPeriod;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The period of a CronJob, from its schedule: five fields as in Unix, a macro such as {@code
 * @weekly} (kubernetes.io, "CronJob"), or {@code @every} with a duration of Go, which Kubernetes
 * accepts, too (github.com/robfig/cron, {@code ParseStandard}).
 *
 * <p>A schedule may be as long as an object, and whoever may create CronJobs writes it: the time
 * that this takes depends on nothing but its length. cron-utils takes minutes for some of them, and
 * reads a step of weekdays beside a day of the month in another way than Kubernetes.
 */
final class CronPeriod {

  private static final String EVERY = "@every ";
  private static final ZoneId UTC = ZoneOffset.UTC;
  private static final int MINUTES = 24 * 60;

  private static final Field MINUTE = new Field(0, 59, 59, List.of());
  private static final Field HOUR = new Field(0, 23, 23, List.of());
  private static final Field DAY_OF_MONTH = new Field(1, 31, 31, List.of());
  private static final Field MONTH =
      new Field(
          1,
          12,
          12,
          List.of(
              "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"));

  /** In Unix, Sunday is 0 and 7. */
  private static final Field DAY_OF_WEEK =
      new Field(0, 6, 7, List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat"));

  private static final int SUNDAY = 7;

  /** The beginning of a leap year, so that the 29th of February is included. */
  private static final LocalDate START = LocalDate.of(2028, 1, 1);

  /** After two more leap days: from then on all repeats. */
  private static final LocalDate END = START.plusYears(9);

  /** A change that is not made any more may have been made lately. */
  private static final Instant CHANGES_FROM = START.minusYears(4).atStartOfDay(UTC).toInstant();

  private static final Pattern ZONE =
      Pattern.compile("(?:CRON_)?TZ=(\\S+)\\s+(.*)", Pattern.DOTALL);

  private CronPeriod() {}

  /**
   * Returns the longest pause between two runs; {@link JobTemplate#UNKNOWN_PERIOD} for a missing or
   * unparsable schedule, for one that has no second run, and for a zone that nobody knows here.
   *
   * @param timeZone of the CronJob; empty for the zone of Kubernetes' controllers, which is taken
   *     for one whose clock does not change
   */
  static RunPeriod of(String schedule, String timeZone) {
    Matcher zoned = ZONE.matcher(schedule.strip());
    boolean named = zoned.matches();
    String plain = named ? zoned.group(2) : schedule.strip();
    String zone = named ? zoned.group(1) : timeZone;
    try {
      return plain.startsWith(EVERY)
          ? RunPeriod.of(
              GoDuration.of(plain.substring(EVERY.length()).strip())
                  .orElse(JobTemplate.UNKNOWN_PERIOD))
          : period(unixWords(plain), zone.isEmpty() ? UTC : ZoneId.of(zone, ZoneId.SHORT_IDS));
    } catch (IllegalArgumentException | DateTimeException e) {
      return RunPeriod.of(JobTemplate.UNKNOWN_PERIOD);
    }
  }

  private static String unixWords(String schedule) {
    return switch (schedule) {
      case "@yearly", "@annually" -> "0 0 1 1 *";
      case "@monthly" -> "0 0 1 * *";
      case "@weekly" -> "0 0 * * 0";
      case "@daily", "@midnight" -> "0 0 * * *";
      case "@hourly" -> "0 * * * *";
      default -> schedule;
    };
  }

  private static RunPeriod period(String schedule, ZoneId zone) {
    String[] fields = schedule.split("\\s+", 6);
    if (fields.length != 5) {
      throw new IllegalArgumentException("five fields are wanted");
    }
    Times times = Times.of(MINUTE.values(fields[0]), HOUR.values(fields[1]));
    Days days =
        new Days(
            DAY_OF_MONTH.values(fields[2]), MONTH.values(fields[3]), DAY_OF_WEEK.values(fields[4]));
    Duration usual = longest(times, days);
    return usual.equals(JobTemplate.UNKNOWN_PERIOD)
        ? RunPeriod.of(usual)
        : new RunPeriod(usual, acrossChange(usual, times, zone.getRules()), zone);
  }

  /** Every hour with runs has the same minutes, and every day the same hours. */
  private static Duration longest(Times times, Days days) {
    @Nullable Duration longest = null;
    @Nullable LocalDate last = null;
    for (LocalDate day = START; day.isBefore(END); day = day.plusDays(1)) {
      if (days.have(day)) {
        Duration pause = last == null ? times.pause() : times.between(last, day);
        longest = longest == null || pause.compareTo(longest) > 0 ? pause : longest;
        last = day;
      }
    }
    return longest == null ? JobTemplate.UNKNOWN_PERIOD : longest;
  }

  /** Returns the longest pause with a change of the clock in between, whatever its day. */
  private static Duration acrossChange(Duration usual, Times times, ZoneRules rules) {
    Duration longest = usual;
    Instant end = END.atStartOfDay(UTC).toInstant();
    ZoneOffsetTransition change = rules.nextTransition(CHANGES_FROM);
    while (change != null && change.getInstant().isBefore(end)) {
      Duration pause = usual.plus(times.added(usual, change));
      longest = pause.compareTo(longest) > 0 ? pause : longest;
      change = rules.nextTransition(change.getInstant());
    }
    return longest;
  }

  /**
   * The runs of a day.
   *
   * @param all the minutes of the day
   * @param pause the longest between two of them
   */
  private record Times(BitSet all, Duration pause) {

    static Times of(Values minutes, Values hours) {
      BitSet all = new BitSet();
      int longest = 0;
      for (int minute = 0; minute < MINUTES; minute++) {
        if (hours.has(minute / 60) && minutes.has(minute % 60)) {
          longest = all.isEmpty() ? 0 : Math.max(longest, minute + 1 - all.length());
          all.set(minute);
        }
      }
      return new Times(all, Duration.ofMinutes(longest));
    }

    Duration between(LocalDate day, LocalDate next) {
      long days = next.toEpochDay() - day.toEpochDay();
      return Duration.ofDays(days).plusMinutes(all.nextSetBit(0) + 1L - all.length());
    }

    /**
     * Returns what a change of the clock adds to a pause. Runs at times that are skipped are left
     * out; where midnight is among these, or other than whole hours are skipped, perhaps all of
     * that day: {@code Next} goes from hour to hour.
     */
    Duration added(Duration pause, ZoneOffsetTransition change) {
      Duration skipped = change.getDuration();
      if (change.isOverlap()) {
        return skipped.negated();
      }
      int begin = change.getDateTimeBefore().toLocalTime().toSecondOfDay() / 60;
      if (begin + skipped.toMinutes() > MINUTES || begin < 60 || skipped.toMinutesPart() > 0) {
        return pause.plusDays(1);
      }
      int next = all.nextSetBit(begin);
      return next >= 0 && next < begin + skipped.toMinutes() ? pause : Duration.ZERO;
    }
  }

  /** The days with runs: where both are restricted, those of the month and those of the week. */
  private record Days(Values ofMonth, Values months, Values ofWeek) {
    boolean have(LocalDate day) {
      int weekday = day.getDayOfWeek().getValue();
      boolean byWeek = ofWeek.has(weekday) || (weekday == SUNDAY && ofWeek.has(0));
      boolean byMonth = ofMonth.has(day.getDayOfMonth());
      boolean both = ofMonth.any() || ofWeek.any();
      return months.has(day.getMonthValue()) && (both ? byMonth && byWeek : byMonth || byWeek);
    }
  }

  /**
   * The values of a field.
   *
   * @param bits one for each value
   * @param any whether it is not restricted
   */
  private record Values(long bits, boolean any) {
    boolean has(int value) {
      return (bits >> value & 1) != 0;
    }
  }

  /**
   * A field of a schedule.
   *
   * @param last what a range without an end goes up to
   * @param most the greatest value
   * @param names of the first values
   */
  private record Field(int least, int last, int most, List<String> names) {

    /**
     * Reads a list of ranges.
     *
     * @throws IllegalArgumentException when it is none
     */
    Values values(String list) {
      long bits = 0;
      boolean any = false;
      for (String range : list.split(",", -1)) {
        String[] parts = range.split("/", 3);
        boolean all = parts[0].equals("*") || parts[0].equals("?");
        String[] ends = parts[0].split("-", 3);
        if (parts.length > 2 || ends.length > 2) {
          throw new IllegalArgumentException("no range: " + range);
        }
        int step = parts.length == 1 ? 1 : number(parts[1]);
        int from = all ? least : value(ends[0]);
        boolean open = all || (ends.length == 1 && parts.length == 2);
        int to = open ? last : value(ends[ends.length - 1]);
        if (step < 1 || from < least || to > most || from > to) {
          throw new IllegalArgumentException("out of range: " + range);
        }
        for (long value = from; value <= to; value += step) {
          bits |= 1L << value;
        }
        any |= all && step == 1;
      }
      return new Values(bits, any);
    }

    private int value(String text) {
      int named = names.indexOf(text.toLowerCase(Locale.ROOT));
      return named < 0 ? number(text) : least + named;
    }

    private static int number(String text) {
      if (!text.chars().allMatch(c -> c >= '0' && c <= '9')) {
        throw new IllegalArgumentException("no number: " + text);
      }
      return Integer.parseInt(text);
    }
  }
}
