// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The period of a CronJob, from its schedule: five fields as in Unix, or a macro such as {@code
 * @weekly} (kubernetes.io, "CronJob").
 */
final class CronPeriod {

  private static final CronParser PARSER =
      new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));

  /** The number of runs examined: a schedule's pauses by days of week or month soon repeat. */
  private static final int RUNS = 60;

  /** The beginning of a leap year, so that the 29th of February is included. */
  private static final ZonedDateTime START =
      ZonedDateTime.of(2028, 1, 1, 0, 0, 0, 0, ZoneOffset.UTC);

  private CronPeriod() {}

  /** Returns the longest pause between two runs; null for a missing or unparsable schedule. */
  static @Nullable Duration of(String schedule) {
    String plain = schedule.strip().replaceFirst("^(CRON_)?TZ=\\S+\\s+", "");
    if (plain.isEmpty()) {
      return null;
    }
    try {
      return longest(ExecutionTime.forCron(PARSER.parse(unixWords(plain))));
    } catch (IllegalArgumentException e) {
      return null;
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

  private static @Nullable Duration longest(ExecutionTime times) {
    Duration longest = null;
    Optional<ZonedDateTime> run = times.nextExecution(START);
    for (int i = 0; i < RUNS && run.isPresent(); i++) {
      Optional<ZonedDateTime> next = times.nextExecution(run.get());
      if (next.isPresent()) {
        Duration pause = Duration.between(run.get(), next.get());
        longest = longest == null || pause.compareTo(longest) > 0 ? pause : longest;
      }
      run = next;
    }
    return longest;
  }
}
