// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The requested order of a list. Sort values are texts, so that a token can carry them; the
 * functions here make texts whose order is that of the values.
 *
 * @param down from high to low
 */
public record Sorting<F extends SortField>(F field, boolean down) {

  private static final int LONGEST = 19;

  static <F extends SortField> Optional<Sorting<F>> parse(String text, Class<F> type) {
    boolean down = text.startsWith("-");
    String name = down ? text.substring(1) : text;
    return Arrays.stream(type.getEnumConstants())
        .filter(field -> field.field().equals(name))
        .findFirst()
        .map(field -> new Sorting<>(field, down));
  }

  /** Returns the allowed values. */
  static String allowed(Class<? extends SortField> type) {
    return Stream.of(type.getEnumConstants())
            .map(SortField::field)
            .collect(Collectors.joining(", "))
        + "; from high to low with - before it";
  }

  /** Returns the text of a number that is not negative. */
  public static String number(long number) {
    String digits = Long.toString(number);
    return "0".repeat(LONGEST - digits.length()) + digits;
  }

  /** Returns the text of an instant; all instants before 1970 have the same. */
  public static String instant(Instant at) {
    return at.isBefore(Instant.EPOCH)
        ? ""
        : number(at.getEpochSecond()) + number(at.getNano()).substring(LONGEST - 9);
  }

  /** Returns the text of a value's position in a list; null when it has none. */
  public static <T> @Nullable String place(@Nullable T value, List<T> order) {
    int index = value == null ? -1 : order.indexOf(value);
    return index < 0 ? null : number(index);
  }
}
