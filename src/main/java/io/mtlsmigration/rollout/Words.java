// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.PeerAuthentication;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Formats values for sentences. */
public final class Words {

  private static final int SHOWN = 5;

  private Words() {}

  /** Returns the first five items, and the number of the others. */
  public static String list(List<String> items) {
    if (items.size() <= SHOWN) {
      return String.join(", ", items);
    }
    return String.join(", ", items.subList(0, SHOWN)) + " and " + (items.size() - SHOWN) + " more";
  }

  /** Returns {@code 1 request}, {@code 2 requests}. */
  public static String counted(long number, String one) {
    return number + " " + one + (number == 1 ? "" : "s");
  }

  /** Returns {@code PODS_UNCAPTURED} as {@code pods uncaptured}. */
  public static String of(Enum<?> value) {
    return value.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
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
