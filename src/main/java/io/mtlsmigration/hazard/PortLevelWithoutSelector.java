// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.PeerAuthentication;
import java.util.TreeSet;

/** portLevelMtls in a policy for a whole namespace or mesh. */
final class PortLevelWithoutSelector implements Rule {

  @Override
  public void check(Inspection namespace) {
    Severity severity =
        namespace.isRoot() || !namespace.captured().isEmpty() ? Severity.WARNING : Severity.INFO;
    for (PeerAuthentication policy : namespace.facts().peerAuthentications()) {
      if (policy.spec().selector().isEmpty() && !policy.spec().portModes().isEmpty()) {
        namespace.report(
            HazardCode.PORT_LEVEL_WITHOUT_SELECTOR,
            severity,
            policy.ref(),
            0,
            "%s has no selector, so its settings for ports %s are ignored."
                .formatted(policy.ref(), new TreeSet<>(policy.spec().portModes().keySet())),
            "Move them into a policy whose selector names the workloads.");
      }
    }
  }
}
