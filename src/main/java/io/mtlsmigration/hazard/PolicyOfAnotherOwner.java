// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.ObjectMeta.FieldOwner;
import io.mtlsmigration.mesh.PeerAuthentication;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A policy that a lockdown has to change, with a controller that would restore it. */
final class PolicyOfAnotherOwner implements Rule {

  /** Field managers that are no controllers, by prefix: people's tools, and this service. */
  private static final List<String> NO_CONTROLLERS = List.of("kubectl", "mtls-migration");

  @Override
  public void check(Inspection namespace) {
    Optional<PeerAuthentication> policy =
        namespace.isRoot() ? namespace.mesh().meshPolicy() : namespace.modes().namespacePolicy();
    boolean governs = namespace.isRoot() || !namespace.captured().isEmpty();
    if (governs) {
      policy
          .filter(found -> found.spec().mode() != MtlsMode.STRICT)
          .ifPresent(found -> check(namespace, found));
    }
  }

  private static void check(Inspection namespace, PeerAuthentication policy) {
    String owner = owner(policy.meta());
    if (owner != null) {
      namespace.report(
          HazardCode.POLICY_OF_ANOTHER_OWNER,
          policy.ref(),
          0,
          "%s belongs to %s, which would put its own version back after a change."
              .formatted(policy.ref(), owner),
          "Change it at its source, or plan with apply MANIFEST.");
    }
  }

  private static @Nullable String owner(ObjectMeta meta) {
    String mark = meta.controllerMark();
    if (mark != null) {
      return mark;
    }
    for (FieldOwner owner : meta.owners()) {
      if (owner.ownsSpec() && NO_CONTROLLERS.stream().noneMatch(owner.manager()::startsWith)) {
        return "field manager " + owner.manager();
      }
    }
    return null;
  }
}
