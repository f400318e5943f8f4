package io.mtlsmigration.plan;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Set;

/**
 * When changes may be made, such as {@code Mon-Fri 09:00-16:00 Europe/Berlin}. A window whose end
 * is not after its start runs past midnight and belongs to the day on which it starts.
 */
public record ChangeWindow(Set<DayOfWeek> days, LocalTime from, LocalTime to, ZoneId zone) {

  public ChangeWindow {
    days = Set.copyOf(days);
  }

  /**
   * Reads the text form.
   *
   * @throws IllegalArgumentException naming what is wrong and what is expected
   */
  public static ChangeWindow parse(String text) {
    throw new UnsupportedOperationException(text);
  }

  public boolean contains(Instant instant) {
    throw new UnsupportedOperationException(instant.toString());
  }

  /** When the window opens next, or {@code instant} itself while it is open. */
  public Instant nextOpening(Instant instant) {
    throw new UnsupportedOperationException(instant.toString());
  }
}
