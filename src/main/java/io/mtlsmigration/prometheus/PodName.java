// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import io.mtlsmigration.mesh.Pod;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The pod of a series, from labels that the scrape configuration adds: by the names in Istio's
 * samples, and in their older versions. Either part is empty when no label names it.
 *
 * <p>Prometheus renames a label of a pod's own only where it is the one that the configuration
 * adds. A pod can therefore add the other one: a series whose labels differ speaks for nobody.
 */
record PodName(String namespace, String name) {

  private static final List<String> NAMESPACE = List.of("namespace", "kubernetes_namespace");
  private static final List<String> NAME = List.of("pod", "pod_name", "kubernetes_pod_name");

  /** Returns the pod of a series; neither part is known of one that speaks for nobody. */
  static PodName of(QueryResult.Series series) {
    return contradicts(series)
        ? new PodName("", "")
        : new PodName(first(series, NAMESPACE), first(series, NAME));
  }

  static PodName of(Pod pod) {
    return new PodName(pod.namespace(), pod.name());
  }

  boolean known() {
    return !namespace.isEmpty() && !name.isEmpty();
  }

  /** Returns whether labels of a series name two namespaces, or two pods. */
  static boolean contradicts(QueryResult.Series series) {
    return differ(series, NAMESPACE) || differ(series, NAME);
  }

  /** Returns the series that do not contradict themselves. */
  static List<QueryResult.Series> consistent(List<QueryResult.Series> answer) {
    return answer.stream().filter(one -> !contradicts(one)).toList();
  }

  /** Returns the pods that series may be of which contradict themselves. */
  static Set<PodName> contradicted(List<QueryResult.Series> answer) {
    Set<PodName> pods = new HashSet<>();
    for (QueryResult.Series one : answer) {
      if (contradicts(one)) {
        for (String namespace : namespaces(one)) {
          values(one, NAME).forEach(name -> pods.add(new PodName(namespace, name)));
        }
      }
    }
    return pods;
  }

  /** Returns all namespaces that a series says it was scraped from. */
  static List<String> namespaces(QueryResult.Series series) {
    return values(series, NAMESPACE);
  }

  private static List<String> values(QueryResult.Series series, List<String> labels) {
    return labels.stream().map(series::label).filter(value -> !value.isEmpty()).distinct().toList();
  }

  /** Returns the first value; empty when there is none. Asked of each series of each answer. */
  private static String first(QueryResult.Series series, List<String> labels) {
    for (String label : labels) {
      String value = series.label(label);
      if (!value.isEmpty()) {
        return value;
      }
    }
    return "";
  }

  private static boolean differ(QueryResult.Series series, List<String> labels) {
    String first = first(series, labels);
    for (String label : labels) {
      String value = series.label(label);
      if (!value.isEmpty() && !value.equals(first)) {
        return true;
      }
    }
    return false;
  }
}
