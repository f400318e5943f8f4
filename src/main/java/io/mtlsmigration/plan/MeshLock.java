// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PolicyChange.Purpose;
import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import java.util.Set;

/**
 * STRICT for the whole mesh, by the policy without selector in the root namespace. It reaches every
 * namespace without a policy of its own, so each one with captured pods must have been locked, or
 * must be PERMISSIVE itself.
 */
final class MeshLock {

  private MeshLock() {}

  static Draft draft(MeshModes modes, PlanSpec spec, Set<String> locked, Set<String> exempt) {
    Draft draft = new Draft(modes, spec);
    MeshSnapshot snapshot = modes.snapshot();
    draft.requireReadable(snapshot.root());
    MtlsMode mode = modes.mesh().mode();
    if (mode == MtlsMode.STRICT) {
      return draft;
    }
    for (NamespaceFacts facts : snapshot.namespaces().values()) {
      if (!snapshot.isRoot(facts.name()) && facts.captures()) {
        require(draft, facts, locked, exempt);
      }
    }
    PeerAuthentication effective = modes.meshPolicy().orElse(null);
    String root = snapshot.settings().rootNamespace();
    if (mode == MtlsMode.DISABLE) {
      draft.setMode(
          effective,
          root,
          MtlsMode.PERMISSIVE,
          Purpose.ENABLE,
          "DISABLE refuses mutual TLS; clients must be able to send it before they have to");
    } else {
      draft.setMode(
          effective, root, MtlsMode.STRICT, Purpose.LOCK, "plaintext ends in the whole mesh");
    }
    return draft;
  }

  private static void require(
      Draft draft, NamespaceFacts facts, Set<String> locked, Set<String> exempt) {
    String name = facts.name();
    if (exempt.contains(name)) {
      draft.requireReadable(facts);
      if (!open(draft.modes(), name)) {
        waits(draft, name, "is exempt, but has no effective PERMISSIVE policy of its own yet");
      }
    } else if (!locked.contains(name)) {
      waits(draft, name, "captures pods and is neither locked nor exempt");
    } else {
      // A locked namespace may have been weakened since.
      PolicyWrites left = NamespaceLock.draft(draft.modes(), name, draft.spec()).intended();
      if (!left.done()) {
        String what =
            left.obstacles().isEmpty()
                ? left.changes().getFirst().ref()
                    + " is missing: "
                    + left.changes().getFirst().why()
                : left.obstacles().getFirst().message();
        waits(draft, name, "counts as locked, but is not any more (" + what + ")");
      }
    }
  }

  /** Returns whether the namespace's own policy keeps it open when the mesh becomes STRICT. */
  static boolean open(MeshModes modes, String namespace) {
    return modes
        .namespace(namespace)
        .namespacePolicy()
        .map(policy -> policy.spec().mode() == MtlsMode.PERMISSIVE)
        .orElse(false);
  }

  private static void waits(Draft draft, String namespace, String why) {
    draft.obstacle(Obstacle.Kind.NAMESPACES_OPEN, "namespace " + namespace + " " + why);
  }
}
