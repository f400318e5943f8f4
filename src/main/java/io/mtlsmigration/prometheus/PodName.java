// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import io.mtlsmigration.mesh.Pod;

/**
 * The pod of a series, from labels that the scrape configuration adds: by the names in Istio's
 * samples, and in their older versions. Either part is empty when no label names it.
 */
record PodName(String namespace, String name) {

  static PodName of(QueryResult.Series series) {
    return new PodName(
        first(series, "namespace", "kubernetes_namespace"),
        first(series, "pod", "pod_name", "kubernetes_pod_name"));
  }

  static PodName of(Pod pod) {
    return new PodName(pod.namespace(), pod.name());
  }

  boolean known() {
    return !namespace.isEmpty() && !name.isEmpty();
  }

  private static String first(QueryResult.Series one, String... labels) {
    for (String label : labels) {
      if (!one.label(label).isEmpty()) {
        return one.label(label);
      }
    }
    return "";
  }
}
