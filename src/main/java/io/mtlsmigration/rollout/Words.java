package io.mtlsmigration.rollout;

import java.util.List;

/** Sentences for people. */
final class Words {

  private static final int SHOWN = 5;

  private Words() {}

  /** The first five, and how many more. */
  static String list(List<String> items) {
    if (items.size() <= SHOWN) {
      return String.join(", ", items);
    }
    return String.join(", ", items.subList(0, SHOWN)) + " and " + (items.size() - SHOWN) + " more";
  }

  /** {@code PODS_UNCAPTURED} as {@code pods uncaptured}. */
  static String of(Enum<?> value) {
    return value.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
  }
}
