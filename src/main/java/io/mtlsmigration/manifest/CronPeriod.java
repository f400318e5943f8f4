// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import static java.time.temporal.ChronoUnit.HOURS;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import io.mtlsmigration.mesh.JobTemplate;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import org.jspecify.annotations.Nullable;

/**
 * The period of a CronJob, from its schedule: five fields as in Unix, a macro such as {@code
 * @weekly} (kubernetes.io, "CronJob"), or {@code @every} with a duration of Go, which Kubernetes
 * accepts, too (github.com/robfig/cron, {@code ParseStandard}).
 */
final class CronPeriod {

  private static final CronParser PARSER =
      new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));

  private static final String EVERY = "@every ";

  /** Days with runs that are examined: more than a year has. */
  private static final int DAYS = 400;

  /** Runs on every day. */
  private static final String DAILY = "\\S+\\s+\\S+(\\s+\\*){3}";

  /** The beginning of a leap year, so that the 29th of February is included. */
  private static final ZonedDateTime START =
      ZonedDateTime.of(2028, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);

  /** After two more leap days: from then on all repeats. */
  private static final ZonedDateTime END = START.plusYears(9);

  private CronPeriod() {}

  /**
   * Returns the longest pause between two runs; {@link JobTemplate#UNKNOWN_PERIOD} for a missing or
   * unparsable schedule, and for one that has no second run.
   */
  static Duration of(String schedule) {
    String plain = schedule.strip().replaceFirst("^(CRON_)?TZ=\\S+\\s+", "");
    try {
      return plain.startsWith(EVERY)
          ? GoDuration.of(plain.substring(EVERY.length()).strip())
              .orElse(JobTemplate.UNKNOWN_PERIOD)
          : longest(unixWords(plain));
    } catch (IllegalArgumentException | ArithmeticException e) {
      return JobTemplate.UNKNOWN_PERIOD;
    }
  }

  private static String unixWords(String schedule) {
    return switch (schedule) {
      case "@yearly", "@annually" -> "0 0 1 1 *";
      case "@monthly" -> "0 0 1 * *";
      case "@weekly" -> "0 0 * * 0";
      case "@daily", "@midnight" -> "0 0 * * *";
      case "@hourly" -> "0 * * * *";
      default -> schedule.replace('?', '*');
    };
  }

  /**
   * Every hour with runs has the same minutes, and every day the same hours: those of the first are
   * examined, since a job may run every minute of one day.
   */
  private static Duration longest(String schedule) {
    ExecutionTime times = ExecutionTime.forCron(PARSER.parse(schedule));
    ZonedDateTime last = next(times, START.minusSeconds(1));
    if (last == null) {
      return JobTemplate.UNKNOWN_PERIOD;
    }
    Duration longest = Duration.ZERO;
    ZonedDateTime next = next(times, last);
    while (next != null && next.truncatedTo(HOURS).equals(last.truncatedTo(HOURS))) {
      longest = longer(longest, Duration.between(last, next));
      last = next;
      next = next(times, last);
    }
    int minute = last.getMinute();
    while (next != null && next.toLocalDate().equals(last.toLocalDate())) {
      longest = longer(longest, Duration.between(last, next));
      last = next.withMinute(minute);
      next = next(times, last);
    }
    if (next == null) {
      return JobTemplate.UNKNOWN_PERIOD;
    }
    LocalTime latest = last.toLocalTime();
    int days = schedule.matches(DAILY) ? 1 : DAYS;
    for (int i = 0; i < days && next != null && next.isBefore(END); i++) {
      longest = longer(longest, Duration.between(last, next));
      last = next.with(latest);
      next = next(times, last);
    }
    return longest;
  }

  private static @Nullable ZonedDateTime next(ExecutionTime times, ZonedDateTime after) {
    return times.nextExecution(after).orElse(null);
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) >= 0 ? one : other;
  }
}
