// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The labels by which the pods of a namespace differ as clients. A DestinationRule or a Sidecar
 * that selects pods does so in its own namespace alone, so two pods of a namespace with the same
 * data plane and the same of these labels send the same.
 */
public final class ClientLabels {

  private final Set<String> keys = new HashSet<>();

  public ClientLabels(NamespaceFacts facts) {
    facts.destinationRules().forEach(rule -> keys.addAll(rule.workloadSelector().keySet()));
    facts.sidecars().forEach(scope -> keys.addAll(scope.workloadSelector().keySet()));
  }

  /** Returns those labels of a pod of the namespace. */
  public Map<String, String> of(Pod pod) {
    if (keys.isEmpty()) {
      return Map.of();
    }
    Map<String, String> labels = new HashMap<>(pod.labels());
    labels.keySet().retainAll(keys);
    return labels;
  }
}
