// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Targets of Prometheus by their label {@code instance}. A query about some of them reads fewer
 * samples than one about all proxies of the mesh.
 *
 * @param matcher of those that are meant, a regular expression of RE2 as within PromQL's double
 *     quotes
 * @param gone of those with counters that are there no longer
 */
record ScrapeTargets(String matcher, String gone) {

  /** Those without the label, too: who writes samples elsewhere may have dropped it. */
  private static final String ANY = ".*";

  static final ScrapeTargets ALL = new ScrapeTargets(ANY, ANY);

  /** More are as many as all, and would make a query longer than servers in between allow. */
  private static final int MOST = 2_000;

  /** Addresses with a port and names; of anything else nothing is escaped. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:\\[\\]-]+");

  /** Returns these targets, or all when they are many, or one is unusual. */
  static ScrapeTargets of(Collection<String> instances, Collection<String> gone) {
    return new ScrapeTargets(matcher(instances), matcher(gone));
  }

  private static String matcher(Collection<String> instances) {
    Set<String> sorted = new TreeSet<>(instances);
    if (sorted.size() > MOST || !sorted.stream().allMatch(one -> PLAIN.matcher(one).matches())) {
      return ANY;
    }
    return String.join("|", sorted)
        .replace(".", "\\\\.")
        .replace("[", "\\\\[")
        .replace("]", "\\\\]");
  }
}
