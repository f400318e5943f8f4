// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.Collection;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Labels by which a selector finds pods that come and go. */
public final class PodLabels {

  /** Labels that differ from one pod, or one rollout, to the next, or that injection sets. */
  private static final Set<String> PASSING =
      Set.of(
          "pod-template-hash",
          "rollouts-pod-template-hash",
          "pod-template-generation",
          "controller-revision-hash",
          "statefulset.kubernetes.io/pod-name",
          "apps.kubernetes.io/pod-index",
          "controller-uid",
          "job-name",
          "batch.kubernetes.io/controller-uid",
          "batch.kubernetes.io/job-name",
          "batch.kubernetes.io/job-completion-index",
          "istio.io/rev",
          "sidecar.istio.io/inject",
          "service.istio.io/canonical-name",
          "service.istio.io/canonical-revision",
          Pod.TLS_MODE_LABEL);

  private PodLabels() {}

  /**
   * Returns the labels that all of the pods share and that pods after them will have, by key.
   *
   * @param pods at least one
   */
  public static SortedMap<String, String> common(Collection<Pod> pods) {
    SortedMap<String, String> common = new TreeMap<>(pods.iterator().next().labels());
    pods.forEach(pod -> common.entrySet().retainAll(pod.labels().entrySet()));
    common.keySet().removeAll(PASSING);
    return common;
  }
}
