// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.AuthorizationPolicy;
import io.mtlsmigration.mesh.AuthorizationPolicy.Action;
import io.mtlsmigration.mesh.AuthorizationPolicy.Peers;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.EffectiveMode;
import org.jspecify.annotations.Nullable;

/** AuthorizationPolicies that plaintext bypasses. */
final class AuthorizationByPeerIdentity implements Rule {

  @Override
  public void check(Inspection namespace) {
    if (namespace.captured().isEmpty()) {
      return;
    }
    namespace.facts().others(AuthorizationPolicy.class).forEach(policy -> check(namespace, policy));
    if (!namespace.isRoot()) {
      namespace
          .snapshot()
          .root()
          .others(AuthorizationPolicy.class)
          .forEach(policy -> check(namespace, policy));
    }
  }

  private static void check(Inspection namespace, AuthorizationPolicy policy) {
    Pod open = avoidable(policy) ? openPod(namespace, policy) : null;
    if (open == null) {
      return;
    }
    namespace.report(
        HazardCode.AUTHORIZATION_BY_PEER_IDENTITY,
        policy.ref(),
        0,
        policy.ref()
            + (policy.action() == Action.ALLOW
                ? " allows all but certain identities, and plaintext, which "
                : " is about certain identities, and plaintext, which ")
            + open.workload()
            + " still takes, has none: who is meant gets through by it.",
        "Deny what has no identity until STRICT is in force.");
  }

  private static boolean avoidable(AuthorizationPolicy policy) {
    if (policy.attached() || !policy.enforced()) {
      return false;
    }
    return switch (policy.action()) {
      case DENY, CUSTOM -> policy.peers().stream().anyMatch(Peers::named);
      case ALLOW -> policy.peers().stream().anyMatch(p -> p.excepted() && !p.named());
      case AUDIT -> false;
    };
  }

  private static @Nullable Pod openPod(Inspection namespace, AuthorizationPolicy policy) {
    for (Pod pod : namespace.captured()) {
      if (LabelSelector.containsAll(pod.labels(), policy.selector())) {
        EffectiveMode mode = namespace.modes().of(pod);
        if (mode.mode() != MtlsMode.STRICT
            || mode.ports().values().stream().anyMatch(port -> port != MtlsMode.STRICT)) {
          return pod;
        }
      }
    }
    return null;
  }
}
