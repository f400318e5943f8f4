// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.PeerAuthentication;

/** A policy with a selector in the root namespace. */
final class SelectorInRootNamespace implements Rule {

  @Override
  public void check(Inspection namespace) {
    if (!namespace.isRoot()) {
      return;
    }
    for (PeerAuthentication policy : namespace.facts().peerAuthentications()) {
      if (!policy.spec().selector().isEmpty()) {
        namespace.report(
            HazardCode.SELECTOR_IN_ROOT_NAMESPACE,
            policy.ref(),
            0,
            "%s selects %s in the root namespace, where a selector takes all effect away."
                .formatted(policy.ref(), policy.spec().selector()),
            "Put it into the namespace of the workloads.");
      }
    }
  }
}
