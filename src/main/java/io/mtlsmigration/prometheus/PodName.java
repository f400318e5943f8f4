package io.mtlsmigration.prometheus;

import io.mtlsmigration.mesh.Pod;

/**
 * The pod that a series is from, by labels that the scrape configuration adds: as Istio's samples
 * name them, and as their older versions did. Either part is empty when no label tells.
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
