// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.OutboundCapture;
import io.mtlsmigration.mesh.Pod;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The labels by which the pods of a namespace differ as clients, and the annotations that keep
 * calls from the sidecar. A DestinationRule or a Sidecar that selects pods does so in its own
 * namespace alone, so two pods of a namespace with the same data plane and the same of these send
 * the same.
 */
public final class ClientLabels {

  private final Set<String> keys = new HashSet<>();

  public ClientLabels(NamespaceFacts facts) {
    facts.destinationRules().forEach(rule -> keys.addAll(rule.workloadSelector().keySet()));
    facts.sidecars().forEach(scope -> keys.addAll(scope.workloadSelector().keySet()));
  }

  /** Returns those labels and annotations of a pod of the namespace. */
  public Map<String, String> of(Pod pod) {
    Map<String, String> own = OutboundCapture.annotations(pod);
    for (String key : keys) {
      String value = pod.labels().get(key);
      if (value != null) {
        own.put(key, value);
      }
    }
    return own;
  }
}
