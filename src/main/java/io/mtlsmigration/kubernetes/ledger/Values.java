// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.kubernetes.resource.ResourceJson.MalformedException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads values of a status that this service wrote and that somebody may have edited. */
final class Values {

  private Values() {}

  static <T> T required(@Nullable T value, String pointer) throws MalformedException {
    if (value == null) {
      throw malformed(pointer, "is missing");
    }
    return value;
  }

  /** Returns the enum constant of that name. */
  static <E extends Enum<E>> E choice(Class<E> type, @Nullable String name, String pointer)
      throws MalformedException {
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equals(name)) {
        return constant;
      }
    }
    throw malformed(
        pointer, name == null ? "is missing" : "'" + name + "' is none that this version knows");
  }

  static Instant instant(@Nullable String text, String pointer) throws MalformedException {
    Instant instant = optional(text, pointer);
    return required(instant, pointer);
  }

  static @Nullable Instant optional(@Nullable String text, String pointer)
      throws MalformedException {
    try {
      return text == null ? null : Instant.parse(text);
    } catch (DateTimeException e) {
      throw malformed(pointer, "'" + text + "' is not an instant such as 2026-06-01T09:00:00Z");
    }
  }

  static int number(String text, String pointer) throws MalformedException {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw malformed(pointer, "'" + text + "' is not a port");
    }
  }

  static String text(@Nullable String text) {
    return text == null ? "" : text;
  }

  static @Nullable String text(@Nullable Instant instant) {
    return instant == null ? null : instant.toString();
  }

  static <T> List<T> list(@Nullable List<T> list) {
    return list == null ? List.of() : list;
  }

  static <V> Map<String, V> map(@Nullable Map<String, V> map) {
    return map == null ? Map.of() : map;
  }

  static MalformedException malformed(String pointer, String detail) {
    return new MalformedException(pointer, detail);
  }
}
