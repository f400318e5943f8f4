// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.plan.DurationText;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * The accepted form of a query parameter, by the type that its handler declares.
 *
 * @param reader returns empty for a rejected value
 * @param expected the form in the words of problems
 */
record QueryForm(Function<String, Optional<?>> reader, String expected) {

  private static final int MAX_LIMIT = 1000;
  private static final int MAX_PORT = 65_535;

  /**
   * Returns the form of a type.
   *
   * @throws IllegalStateException for a type that no query parameter has
   */
  static QueryForm of(Type type) {
    if (type == String.class) {
      return new QueryForm(Optional::of, "any text");
    } else if (type == boolean.class || type == Boolean.class) {
      return new QueryForm(QueryForm::flag, "true or false");
    } else if (type == int.class) {
      return new QueryForm(text -> number(text, MAX_LIMIT), "a number from 1 to " + MAX_LIMIT);
    } else if (type == Integer.class) {
      return new QueryForm(
          text -> number(text, MAX_PORT), "the number of a port, from 1 to " + MAX_PORT);
    } else if (type == LabelSelector.class) {
      return new QueryForm(LabelSelectorText::parse, LabelSelectorText.EXPECTED);
    } else if (type == Duration.class) {
      return new QueryForm(
          text -> DurationText.parse(text).filter(Duration::isPositive),
          DurationText.EXPECTED + ", longer than nothing");
    } else if (type == Instant.class) {
      return new QueryForm(QueryForm::instant, "an instant such as 2026-11-25T10:00:00Z");
    } else if (type instanceof Class<?> choice && choice.isEnum()) {
      Enum<?>[] all = (Enum<?>[]) choice.getEnumConstants();
      return new QueryForm(
          text -> named(all, text.toUpperCase(Locale.ROOT).replace('-', '_')),
          "one of " + String.join(", ", Arrays.stream(all).map(Enum::name).toList()));
    } else if (type instanceof ParameterizedType sorting && sorting.getRawType() == Sorting.class) {
      Class<? extends SortField> fields =
          ((Class<?>) sorting.getActualTypeArguments()[0]).asSubclass(SortField.class);
      return new QueryForm(
          text -> Sorting.parse(text, fields), "one of " + Sorting.allowed(fields));
    }
    throw new IllegalStateException("no query parameter is read as " + type);
  }

  private static Optional<Enum<?>> named(Enum<?>[] all, String name) {
    return Arrays.<Enum<?>>stream(all).filter(one -> one.name().equals(name)).findFirst();
  }

  private static Optional<Boolean> flag(String text) {
    return switch (text) {
      case "true" -> Optional.of(true);
      case "false" -> Optional.of(false);
      default -> Optional.empty();
    };
  }

  private static Optional<Integer> number(String text, int most) {
    try {
      return Optional.of(Integer.valueOf(text)).filter(number -> number >= 1 && number <= most);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Optional<Instant> instant(String text) {
    try {
      return Optional.of(Instant.parse(text));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
