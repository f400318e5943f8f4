// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import java.util.List;
import java.util.Set;

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

  /** Returns what is wrong with the statistics of these pods that do not count; else nothing. */
  static String contradicted(String namespace, List<String> pods, Set<PodName> contradicted) {
    List<String> own =
        pods.stream().filter(pod -> contradicted.contains(new PodName(namespace, pod))).toList();
    return own.isEmpty() ? "" : contradicted(own);
  }

  static String contradicted(List<String> pods) {
    return "; statistics of "
        + words(pods)
        + " count for nobody, since their labels contradict each other (namespace and"
        + " kubernetes_namespace, or pod, pod_name and kubernetes_pod_name): let the scrape"
        + " configuration set both of them, or drop the one that a pod sets itself";
  }

  /** Returns the first names, and the number of further ones. */
  static String words(List<String> names) {
    return names.size() <= NAMED
        ? String.join(", ", names)
        : String.join(", ", names.subList(0, NAMED)) + " and " + (names.size() - NAMED) + " more";
  }
}
