// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.NamespaceFacts;
import java.util.Map;

/** Determines whether a namespace is meant to be in the mesh. */
final class Membership {

  private Membership() {}

  /** Returns whether a captured pod, a label, or a policy suggests that it is. */
  static boolean likely(Inspection namespace) {
    return asked(namespace.facts())
        || !namespace.captured().isEmpty()
        || (!namespace.isRoot() && !namespace.facts().peerAuthentications().isEmpty());
  }

  /** Returns true when the namespace's own labels request proxies. */
  static boolean asked(NamespaceFacts facts) {
    Map<String, String> labels = facts.labels();
    return "enabled".equals(labels.get("istio-injection"))
        || (labels.containsKey("istio.io/rev") && !"disabled".equals(labels.get("istio-injection")))
        || "ambient".equals(labels.get("istio.io/dataplane-mode"));
  }
}
