// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PolicyChange.Purpose;
import java.util.List;
import java.util.Set;

/**
 * Computes every write that a step will make until it is done, all stages in order; unlike {@link
 * Lockdown}, which returns what may be written now. Writes that an obstacle holds up are included.
 */
public final class Preview {

  private Preview() {}

  public static PolicyWrites namespace(MeshModes modes, String namespace, PlanSpec spec) {
    return Stages.fold(
            ScopeModes.only(modes, namespace),
            m -> NamespaceLock.draft(m, namespace, spec).intended())
        .writes();
  }

  public static PolicyWrites mesh(
      MeshModes modes, PlanSpec spec, Set<String> locked, Set<String> exempt) {
    return Stages.fold(modes, m -> MeshLock.draft(m, spec, locked, exempt).intended()).writes();
  }

  public static PolicyWrites exempt(MeshModes modes, String namespace, PlanSpec spec) {
    return mode(modes, namespace, MtlsMode.PERMISSIVE, spec);
  }

  /** Returns the writes to an explicit mode of the namespace other than a lock. */
  static PolicyWrites mode(MeshModes modes, String namespace, MtlsMode mode, PlanSpec spec) {
    return NamespaceMode.draft(
            new Draft(modes, spec),
            namespace,
            mode,
            Purpose.EXEMPT,
            namespace + " says " + mode + " itself, whatever the mesh says")
        .intended();
  }

  /** Returns the mesh after these writes. */
  public static MeshModes after(MeshModes modes, List<PolicyChange> changes) {
    MeshSnapshot next = Snapshots.apply(modes.snapshot(), changes);
    return modes.refresh(next);
  }
}
