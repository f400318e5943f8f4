package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PolicyChange.Purpose;
import java.util.List;
import java.util.Set;

/**
 * What has to be written, as a function of the mesh as it is. Level-triggered: it returns only what
 * may be written now; called again once that is seen in the mesh, it returns what comes next; on a
 * mesh that is as wanted it returns nothing.
 *
 * <p>The order that follows from this: DISABLE becomes PERMISSIVE; exceptions become effective on
 * every pod that they select; STRICT. Undoing goes the other way. Draining connections and waiting
 * for proxies between two calls is the caller's business.
 *
 * <p>In every scope the policy in effect (the oldest) is changed in place, whatever its name;
 * {@code default} is created only where there is none.
 */
public final class Lockdown {

  private Lockdown() {}

  /**
   * Exceptions, then (from DISABLE) PERMISSIVE, then STRICT for one namespace. A namespace without
   * captured pods needs no lock: nothing is written while it has none.
   */
  public static PolicyWrites namespace(MeshModes modes, String namespace, PlanSpec spec) {
    return NamespaceLock.draft(modes, namespace, spec).writes();
  }

  /**
   * STRICT in the root namespace.
   *
   * @param locked namespaces that are locked; each is looked at again
   * @param exempt namespaces that stay open by an explicit PERMISSIVE of their own
   */
  public static PolicyWrites mesh(
      MeshModes modes, PlanSpec spec, Set<String> locked, Set<String> exempt) {
    return MeshLock.draft(modes, spec, locked, exempt).writes();
  }

  /** An explicit PERMISSIVE of the namespace's own. */
  public static PolicyWrites exempt(MeshModes modes, String namespace, PlanSpec spec) {
    return exempt(modes, namespace, spec, List.of());
  }

  /**
   * The same after a lock: exceptions that were given STRICT for ztunnel's sake follow the
   * namespace again.
   *
   * @param ledger of the step that locked it
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
   * The same for a namespace that was born while the mesh was being locked: nobody has looked for
   * its plaintext clients yet.
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
   * The way back for one namespace or the mesh: previous effective modes, and where that is enough
   * the exact previous objects. Level-triggered like the rest: every write made on its word goes
   * into the ledger too (as another entry, or merged into the object's first one), or it will take
   * its own work for somebody else's.
   *
   * <p>A ledger of several steps is undone mesh first. Notes say where the previous mode cannot be
   * had back, and what others have changed.
   *
   * @param ledger writes to undo, oldest first
   * @param purpose ROLLBACK or CLEANUP
   * @param mayDisable true only when a person asked: going back to DISABLE, by way of PERMISSIVE
   */
  public static PolicyWrites undo(
      MeshModes modes, List<LedgerEntry> ledger, Purpose purpose, boolean mayDisable) {
    return Undo.of(modes, ledger, purpose, mayDisable);
  }
}
