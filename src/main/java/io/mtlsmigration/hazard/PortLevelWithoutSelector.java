// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.PeerAuthentication;
import java.util.List;
import java.util.TreeSet;

/** portLevelMtls in a policy for a whole namespace or mesh. */
final class PortLevelWithoutSelector implements Rule {

  private static final Hazard HAZARD =
      new Hazard(
          HazardCode.PORT_LEVEL_WITHOUT_SELECTOR,
          Severity.WARNING,
          "portLevelMtls without a selector",
          "Istio reads portLevelMtls only in policies with a selector. Its webhook refuses such a"
              + " policy, and one that was stored past the webhook has its ports ignored: a port"
              + " that somebody opened by it is closed under STRICT.",
          "Move the ports into a policy with a selector; give the workloads a label in common if"
              + " they have none.",
          "The policy has a selector. Where no pod of the namespace is captured, the finding is"
              + " INFO.",
          List.of(35871));

  @Override
  public Hazard hazard() {
    return HAZARD;
  }

  @Override
  public void check(Inspection namespace) {
    Severity severity =
        namespace.isRoot() || !namespace.captured().isEmpty() ? Severity.WARNING : Severity.INFO;
    for (PeerAuthentication policy : namespace.facts().peerAuthentications()) {
      if (policy.spec().selector().isEmpty() && !policy.spec().portModes().isEmpty()) {
        namespace.report(
            HAZARD,
            severity,
            policy.ref(),
            0,
            policy.ref()
                + " has no selector, so its settings for ports "
                + new TreeSet<>(policy.spec().portModes().keySet())
                + " are ignored.",
            "Move them into a policy whose selector names the workloads.");
      }
    }
  }
}
