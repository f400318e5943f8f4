// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.plan.PolicyChange.Purpose;
import io.mtlsmigration.plan.PolicyWrites.Obstacle;

/** An explicit mode of a namespace other than a lock. */
final class NamespaceMode {

  private NamespaceMode() {}

  static Draft draft(Draft draft, String namespace, MtlsMode mode, Purpose purpose, String why) {
    if (draft.modes().snapshot().isRoot(namespace)) {
      draft.obstacle(
          Obstacle.Kind.ROOT_NAMESPACE,
          namespace + " is the root namespace: a policy without selector there is the mesh's");
      return draft;
    }
    NamespaceModes own = draft.modes().namespace(namespace);
    draft.requireReadable(own.facts());
    PeerAuthentication effective = own.namespacePolicy().orElse(null);
    if (effective == null || effective.spec().mode() != mode) {
      draft.setMode(effective, namespace, mode, purpose, why);
    }
    return draft;
  }
}
