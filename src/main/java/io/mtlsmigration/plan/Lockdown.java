// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PolicyChange.Purpose;
import java.util.List;
import java.util.Set;

/**
 * Computes the writes as a function of the current mesh. Level-triggered: it returns only what may
 * be written now; called again once that is visible in the mesh, it returns what comes next; on a
 * mesh that is as wanted it returns nothing.
 *
 * <p>The resulting order: DISABLE becomes PERMISSIVE; exceptions become effective on every pod that
 * they select; STRICT. Undoing goes the other way. The caller drains connections and waits for
 * proxies between two calls.
 *
 * <p>In every scope the effective policy (the oldest) is changed in place, whatever its name;
 * {@code default} is created only where there is none.
 */
public final class Lockdown {

  private Lockdown() {}

  /**
   * Returns exceptions, then (from DISABLE) PERMISSIVE, then STRICT for one namespace. A namespace
   * without captured pods needs no lock: nothing is written while it has none.
   */
  public static PolicyWrites namespace(MeshModes modes, String namespace, PlanSpec spec) {
    return NamespaceLock.draft(modes, namespace, spec).writes();
  }

  /**
   * Returns STRICT in the root namespace.
   *
   * @param locked namespaces that are locked; each is checked again
   * @param exempt namespaces that stay open by an explicit PERMISSIVE policy of their own
   */
  public static PolicyWrites mesh(
      MeshModes modes, PlanSpec spec, Set<String> locked, Set<String> exempt) {
    return MeshLock.draft(modes, spec, locked, exempt).writes();
  }

  /** Returns an explicit PERMISSIVE policy of the namespace. */
  public static PolicyWrites exempt(MeshModes modes, String namespace, PlanSpec spec) {
    return exempt(modes, namespace, spec, List.of());
  }

  /**
   * Returns the same after a lock: exceptions that were given STRICT for ztunnel follow the
   * namespace again.
   *
   * @param ledger ledger of the step that locked it
   */
  public static PolicyWrites exempt(
      MeshModes modes, String namespace, PlanSpec spec, List<LedgerEntry> ledger) {
    Draft draft =
        NamespaceMode.draft(
            new Draft(modes, spec),
            namespace,
            MtlsMode.PERMISSIVE,
            Purpose.EXEMPT,
            namespace + " stays open, whatever the mesh says");
    ExceptionPolicies.loosen(draft, ledger);
    return draft.writes();
  }

  /**
   * Returns the same for a namespace that was created while the mesh was being locked: its
   * plaintext clients are not known yet.
   */
  public static PolicyWrites newborn(MeshModes modes, String namespace, PlanSpec spec) {
    return NamespaceMode.draft(
            new Draft(modes, spec),
            namespace,
            MtlsMode.PERMISSIVE,
            Purpose.NEWBORN,
            namespace + " was born while the mesh was being locked; its clients are not known yet")
        .writes();
  }

  /**
   * Returns the rollback of one namespace or the mesh: previous effective modes, and where that
   * suffices the exact previous objects. Level-triggered like the rest: every write that it returns
   * must be added to the ledger too (as another entry, or merged into the object's first one), or
   * it will take its own write for somebody else's.
   *
   * <p>A ledger of several steps is undone mesh first. Notes say where the previous mode cannot be
   * restored, and what others have changed.
   *
   * @param ledger writes to undo, oldest first
   * @param purpose ROLLBACK or CLEANUP
   * @param mayDisable true only when a person asked: return to DISABLE, by way of PERMISSIVE
   */
  public static PolicyWrites undo(
      MeshModes modes, List<LedgerEntry> ledger, Purpose purpose, boolean mayDisable) {
    return Undo.of(modes, ledger, purpose, mayDisable);
  }
}
