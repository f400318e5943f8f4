// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A weekly window for changes, such as {@code Mon-Fri 09:00-16:00 Europe/Berlin}. A window whose
 * end is not after its start runs past midnight and belongs to the day on which it starts; {@code
 * 00:00-00:00} is the whole day.
 *
 * <p>A window is read from the wall clock of its zone: hours that a clock change skips are never
 * inside, and hours that it repeats are inside both times.
 *
 * @param days days on which the window starts; not empty
 * @param to exclusive
 */
public record ChangeWindow(Set<DayOfWeek> days, LocalTime from, LocalTime to, ZoneId zone) {

  private static final Pattern FORM =
      Pattern.compile("(\\S+)\\s+(\\d{2}:\\d{2})-(\\d{2}:\\d{2})\\s+(\\S+)");
  private static final String EXPECTED =
      "; a change window reads like `Mon-Fri 09:00-16:00 Europe/Berlin`";

  /** One week, and a second one because a clock change may skip the only window of the first. */
  private static final int DAYS_AHEAD = 15;

  public ChangeWindow {
    if (days.isEmpty()) {
      throw new IllegalArgumentException("no day" + EXPECTED);
    }
    days = Collections.unmodifiableSet(EnumSet.copyOf(days));
  }

  /**
   * Parses the text form: days ({@code Mon}, {@code Mon,Wed}, {@code Mon-Fri}, {@code Fri-Mon,Wed};
   * short or long English names in any case), start and end ({@code 24:00} is the end of the day),
   * and an IANA time zone or an offset.
   *
   * @throws IllegalArgumentException naming what is wrong and what is expected
   */
  public static ChangeWindow parse(String text) {
    Matcher form = FORM.matcher(text.strip());
    if (!form.matches()) {
      throw new IllegalArgumentException("cannot read '" + text + "'" + EXPECTED);
    }
    return new ChangeWindow(
        days(form.group(1)),
        time(form.group(2), false),
        time(form.group(3), true),
        zone(form.group(4)));
  }

  private static Set<DayOfWeek> days(String text) {
    Set<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
    for (String part : text.split(",", -1)) {
      String[] ends = part.split("-", -1);
      if (ends.length > 2) {
        throw new IllegalArgumentException("cannot read the days '" + part + "'" + EXPECTED);
      }
      DayOfWeek last = day(ends[ends.length - 1]);
      DayOfWeek day = day(ends[0]);
      days.add(day);
      while (day != last) {
        day = day.plus(1);
        days.add(day);
      }
    }
    return days;
  }

  private static DayOfWeek day(String text) {
    String name = text.toUpperCase(Locale.ROOT);
    for (DayOfWeek day : DayOfWeek.values()) {
      if (name.equals(day.name()) || name.equals(day.name().substring(0, 3))) {
        return day;
      }
    }
    throw new IllegalArgumentException("'" + text + "' is not a day of the week" + EXPECTED);
  }

  private static LocalTime time(String text, boolean end) {
    if (end && text.equals("24:00")) {
      return LocalTime.MIDNIGHT;
    }
    try {
      return LocalTime.parse(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("'" + text + "' is not a time of day" + EXPECTED, e);
    }
  }

  private static ZoneId zone(String text) {
    try {
      return ZoneId.of(text);
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("'" + text + "' is not a time zone" + EXPECTED, e);
    }
  }

  public boolean contains(Instant instant) {
    LocalDateTime local = LocalDateTime.ofInstant(instant, zone);
    LocalTime time = local.toLocalTime();
    DayOfWeek day = local.getDayOfWeek();
    if (to.isAfter(from)) {
      return days.contains(day) && !time.isBefore(from) && time.isBefore(to);
    }
    return (days.contains(day) && !time.isBefore(from))
        || (days.contains(day.minus(1)) && time.isBefore(to));
  }

  /** Returns the next opening of the window, or {@code instant} itself while it is open. */
  public Instant nextOpening(Instant instant) {
    if (contains(instant)) {
      return instant;
    }
    LocalDate today = LocalDate.ofInstant(instant, zone);
    return openings(instant, today).stream()
        .filter(candidate -> candidate.isAfter(instant) && contains(candidate))
        .min(Instant::compareTo)
        .orElseThrow(() -> new IllegalStateException("never opens: " + this));
  }

  /**
   * Returns every instant at which the wall clock reads the start of the window, and every clock
   * change: it may jump into a window.
   */
  private List<Instant> openings(Instant instant, LocalDate today) {
    ZoneRules rules = zone.getRules();
    List<Instant> candidates = new ArrayList<>();
    for (int day = 0; day <= DAYS_AHEAD; day++) {
      LocalDateTime start = today.plusDays(day).atTime(from);
      for (ZoneOffset offset : rules.getValidOffsets(start)) {
        candidates.add(start.toInstant(offset));
      }
    }
    Instant horizon = ZonedDateTime.of(today.plusDays(DAYS_AHEAD), from, zone).toInstant();
    ZoneOffsetTransition change = rules.nextTransition(instant);
    while (change != null && change.getInstant().isBefore(horizon)) {
      candidates.add(change.getInstant());
      change = rules.nextTransition(change.getInstant());
    }
    return candidates;
  }

  /** Returns the text form; {@link #parse} reads it back. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    DayOfWeek[] week = DayOfWeek.values();
    for (int first = 0; first < week.length; first++) {
      if (!days.contains(week[first])) {
        continue;
      }
      int last = first;
      while (last + 1 < week.length && days.contains(week[last + 1])) {
        last++;
      }
      parts.add(first == last ? name(week[first]) : name(week[first]) + "-" + name(week[last]));
      first = last;
    }
    return String.join(",", parts) + " " + from + "-" + to + " " + zone;
  }

  private static String name(DayOfWeek day) {
    return day.name().charAt(0) + day.name().substring(1, 3).toLowerCase(Locale.ROOT);
  }
}
