package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.NamespaceFacts;
import java.util.Map;

/** Whether somebody means a namespace to be in the mesh. */
final class Membership {

  private Membership() {}

  /** By a captured pod, a label, or a policy that somebody believes in. */
  static boolean likely(Inspection namespace) {
    return asked(namespace.facts())
        || !namespace.captured().isEmpty()
        || (!namespace.isRoot() && !namespace.facts().peerAuthentications().isEmpty());
  }

  /** True when the namespace's own labels ask for proxies. */
  static boolean asked(NamespaceFacts facts) {
    Map<String, String> labels = facts.labels();
    return "enabled".equals(labels.get("istio-injection"))
        || (labels.containsKey("istio.io/rev") && !"disabled".equals(labels.get("istio-injection")))
        || "ambient".equals(labels.get("istio.io/dataplane-mode"));
  }
}
