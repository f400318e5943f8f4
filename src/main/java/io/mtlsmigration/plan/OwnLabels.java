// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.PodLabels;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Finds labels that select certain pods of a namespace, and no other pod with a proxy. */
final class OwnLabels {

  /** The usual selector labels, the most common first. */
  private static final List<Set<String>> USUAL =
      List.of(
          Set.of("app"),
          Set.of("app.kubernetes.io/name"),
          Set.of("k8s-app"),
          Set.of("app.kubernetes.io/name", "app.kubernetes.io/instance"),
          Set.of("app", "version"));

  private OwnLabels() {}

  /** Returns null when the pods' labels do not distinguish them. */
  static @Nullable Map<String, String> of(
      List<OpenWorkload> workloads, NamespaceFacts facts, List<PolicyException> exceptions) {
    Set<Pod> own = new HashSet<>();
    workloads.forEach(workload -> own.addAll(workload.pods()));
    for (Map<String, String> candidate : candidates(PodLabels.common(own), exceptions)) {
      if (meetsOnly(candidate, own, facts)) {
        return candidate;
      }
    }
    return null;
  }

  private static List<Map<String, String>> candidates(
      Map<String, String> common, List<PolicyException> exceptions) {
    List<Map<String, String>> candidates = new ArrayList<>();
    exceptions.forEach(exception -> candidates.add(exception.selector()));
    for (Set<String> keys : USUAL) {
      Map<String, String> some = new TreeMap<>(common);
      some.keySet().retainAll(keys);
      if (some.size() == keys.size()) {
        candidates.add(some);
      }
    }
    candidates.add(common);
    candidates.removeIf(Map::isEmpty);
    return candidates;
  }

  private static boolean meetsOnly(
      Map<String, String> selector, Set<Pod> own, NamespaceFacts facts) {
    if (!own.stream().allMatch(pod -> LabelSelector.containsAll(pod.labels(), selector))) {
      return false;
    }
    return facts.pods().stream()
        .filter(pod -> !pod.terminated() && pod.dataPlane() != DataPlane.NONE)
        .filter(pod -> LabelSelector.containsAll(pod.labels(), selector))
        .allMatch(own::contains);
  }
}
