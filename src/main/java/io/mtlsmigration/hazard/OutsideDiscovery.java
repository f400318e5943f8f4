// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.ObjectRef;
import java.util.List;
import java.util.Map;

/** Namespaces that istiod does not watch. */
final class OutsideDiscovery implements Rule {

  private static final Hazard HAZARD =
      new Hazard(
          HazardCode.OUTSIDE_DISCOVERY,
          Severity.BLOCKER,
          "The namespace is outside of discoverySelectors",
          "istiod looks only at namespaces that its discoverySelectors match. It does not see"
              + " the policies of any other: a lockdown there is stored and never enforced. Nor do"
              + " mesh clients know of the endpoints there; what they send is plaintext.",
          "Label the namespace so that a selector matches it, or leave it out of the plan.",
          "There are no selectors, one matches, or the namespace has neither captured pods"
              + " nor policies. Without captured pods the finding is a WARNING.",
          List.of());

  @Override
  public Hazard hazard() {
    return HAZARD;
  }

  @Override
  public void check(Inspection namespace) {
    List<LabelSelector> selectors = namespace.snapshot().settings().discoverySelectors();
    Map<String, String> labels = namespace.facts().labels();
    boolean captured = !namespace.captured().isEmpty();
    boolean concerned = captured || !namespace.facts().peerAuthentications().isEmpty();
    if (selectors.isEmpty()
        || !concerned
        || selectors.stream().anyMatch(selector -> selector.matches(labels))) {
      return;
    }
    namespace.report(
        HAZARD,
        captured ? Severity.BLOCKER : Severity.WARNING,
        new ObjectRef("Namespace", "", namespace.name()),
        0,
        "No discoverySelector of the mesh matches namespace "
            + namespace.name()
            + ": its policies have no effect.",
        "Label the namespace so that istiod looks at it.");
  }
}
