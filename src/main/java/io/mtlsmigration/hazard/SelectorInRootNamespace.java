// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.PeerAuthentication;
import java.util.List;

/** A policy with a selector in the root namespace. */
final class SelectorInRootNamespace implements Rule {

  private static final Hazard HAZARD =
      new Hazard(
          HazardCode.SELECTOR_IN_ROOT_NAMESPACE,
          Severity.WARNING,
          "A policy with a selector in the root namespace",
          "It selects nothing: neither pods of the root namespace nor pods of others. Whoever wrote"
              + " it to open or close something for the whole mesh did not.",
          "Put the policy into the namespace of the workloads, or drop the selector to govern the"
              + " mesh.",
          "The selector is empty, or the namespace is not the root namespace.",
          List.of(61023));

  @Override
  public Hazard hazard() {
    return HAZARD;
  }

  @Override
  public void check(Inspection namespace) {
    if (!namespace.isRoot()) {
      return;
    }
    for (PeerAuthentication policy : namespace.facts().peerAuthentications()) {
      if (!policy.spec().selector().isEmpty()) {
        namespace.report(
            HAZARD,
            Severity.WARNING,
            policy.ref(),
            0,
            policy.ref()
                + " selects "
                + policy.spec().selector()
                + " in the root namespace, where a selector takes all effect away.",
            "Put it into the namespace of the workloads.");
      }
    }
  }
}
