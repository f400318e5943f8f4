// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.PeerAuthentication;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Formats values for sentences. */
public final class Words {

  /** How many items of a list are named. */
  public static final int SHOWN = 5;

  /** One string for each, because the gates of ten thousand steps are kept by their words. */
  private static final Map<Enum<?>, String> WORDS = new ConcurrentHashMap<>();

  private Words() {}

  /** Returns the first five items, and the number of the others. */
  public static String list(List<String> items) {
    return list(items.subList(0, Math.min(items.size(), SHOWN)), items.size());
  }

  /**
   * The same.
   *
   * @param first the first five items at most
   * @param all the number of all items
   */
  public static String list(List<String> first, int all) {
    String named = String.join(", ", first);
    return all <= SHOWN ? named : named + " and " + (all - SHOWN) + " more";
  }

  /** Returns {@code 1 request}, {@code 2 requests}. */
  public static String counted(long number, String one) {
    return number + " " + one + (number == 1 ? "" : "s");
  }

  /** Returns {@code PODS_UNCAPTURED} as {@code pods uncaptured}. */
  public static String of(Enum<?> value) {
    return WORDS.computeIfAbsent(
        value, one -> one.name().toLowerCase(Locale.ROOT).replace('_', ' '));
  }

  /** Returns a policy as people write it: {@code STRICT}, {@code STRICT, port 8080 PERMISSIVE}. */
  public static String of(PeerAuthentication.@Nullable Spec spec) {
    if (spec == null) {
      return "none";
    }
    StringBuilder words = new StringBuilder(spec.mode().name());
    new TreeMap<>(spec.portModes())
        .forEach((port, mode) -> words.append(", port ").append(port).append(' ').append(mode));
    if (!spec.selector().isEmpty()) {
      words.append(" for ").append(new TreeMap<>(spec.selector()));
    }
    return words.toString();
  }
}
