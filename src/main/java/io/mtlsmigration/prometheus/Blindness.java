// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import java.util.List;

/** Messages about sidecars that are not scraped, and whose traffic would therefore go unseen. */
final class Blindness {

  private static final int NAMED = 3;

  private Blindness() {}

  static String unseen(List<String> pods) {
    return "Prometheus has no statistics of the sidecars of "
        + words(pods)
        + ": let it scrape port 15020 or 15090 of every pod with a sidecar, and see that"
        + " its targets are up";
  }

  /** Returns the first names, and the number of further ones. */
  static String words(List<String> names) {
    return names.size() <= NAMED
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, NAMED)) + " and " + (names.size() - NAMED) + " more";
  }
}
