// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mtls.EffectiveMode;
import java.util.List;

/** Namespaces that istiod does not watch. */
final class OutsideDiscovery implements Rule {

  @Override
  public void check(Inspection namespace) {
    List<LabelSelector> selectors = namespace.snapshot().settings().discoverySelectors();
    if (selectors.isEmpty()) {
      return;
    }
    boolean captured = !namespace.captured().isEmpty();
    boolean concerned = captured || !namespace.facts().peerAuthentications().isEmpty();
    if ((concerned || namespace.isRoot()) && outside(namespace.facts(), selectors)) {
      report(
          namespace,
          captured || namespace.isRoot() ? Severity.BLOCKER : Severity.WARNING,
          namespace.facts(),
          namespace.isRoot()
              ? ": what is written there for the whole mesh has no effect."
              : ": its policies have no effect.");
    }
    NamespaceFacts root = namespace.snapshot().root();
    if (!namespace.isRoot() && captured && inherits(namespace, root) && outside(root, selectors)) {
      report(
          namespace,
          Severity.BLOCKER,
          root,
          ", the root namespace: its policy has no effect in " + namespace.name() + ", either.");
    }
  }

  /** Returns whether a policy of the root namespace seems to decide, and not as if without it. */
  private static boolean inherits(Inspection namespace, NamespaceFacts root) {
    EffectiveMode mode = namespace.modes().mode();
    ObjectRef decider = mode.decidedBy();
    return mode.mode() != MtlsMode.PERMISSIVE
        && decider != null
        && decider.namespace().equals(root.name());
  }

  private static boolean outside(NamespaceFacts facts, List<LabelSelector> selectors) {
    return selectors.stream().noneMatch(selector -> selector.matches(facts.labels()));
  }

  private static void report(
      Inspection namespace, Severity severity, NamespaceFacts outside, String effect) {
    namespace.report(
        HazardCode.OUTSIDE_DISCOVERY,
        severity,
        new ObjectRef("Namespace", "", outside.name()),
        0,
        "No discoverySelector of the mesh matches namespace " + outside.name() + effect,
        "Label the namespace so that istiod looks at it."
            + (outside.peerAuthentications().isEmpty()
                ? ""
                : " Its policies take effect at once then, STRICT as well: set them to PERMISSIVE"
                    + " before."));
  }
}
