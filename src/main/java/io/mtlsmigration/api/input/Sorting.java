package io.mtlsmigration.api.input;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * In which order a list is wanted. What entries are sorted by is a text, so that a token can carry
 * it; the functions here make texts whose order is that of the values.
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

  /** What may be asked for. */
  static String allowed(Class<? extends SortField> type) {
    return Stream.of(type.getEnumConstants())
            .map(SortField::field)
            .collect(Collectors.joining(", "))
        + "; from high to low with - before it";
  }

  /** Of a number that is not negative. */
  public static String number(long number) {
    String digits = Long.toString(number);
    return "0".repeat(LONGEST - digits.length()) + digits;
  }

  /** Of an instant; everything before 1970 is the same. */
  public static String instant(Instant at) {
    return at.isBefore(Instant.EPOCH)
        ? ""
        : number(at.getEpochSecond()) + number(at.getNano()).substring(LONGEST - 9);
  }

  /** Of something by its place in a list; null when it has none. */
  public static <T> @Nullable String place(@Nullable T value, List<T> order) {
    int index = value == null ? -1 : order.indexOf(value);
    return index < 0 ? null : number(index);
  }
}
