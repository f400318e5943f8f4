package io.mtlsmigration.plan;

import io.mtlsmigration.mtls.MeshModes;
import java.util.List;
import java.util.Set;

/**
 * What has to be written, as a function of the mesh as it is. Level-triggered: called again after
 * each write, it returns what is left; on a mesh that is as wanted it returns nothing.
 */
public final class Lockdown {

  private Lockdown() {}

  /** Exceptions, then (from DISABLE) PERMISSIVE, then STRICT for one namespace. */
  public static PolicyWrites namespace(MeshModes modes, String namespace, PlanSpec spec) {
    throw new UnsupportedOperationException();
  }

  /**
   * STRICT in the root namespace.
   *
   * @param locked namespaces that are locked
   * @param exempt namespaces that stay open by an explicit PERMISSIVE of their own
   */
  public static PolicyWrites mesh(
      MeshModes modes, PlanSpec spec, Set<String> locked, Set<String> exempt) {
    throw new UnsupportedOperationException();
  }

  /** An explicit PERMISSIVE of the namespace's own. */
  public static PolicyWrites exempt(MeshModes modes, String namespace, PlanSpec spec) {
    throw new UnsupportedOperationException();
  }

  /**
   * The way back for one namespace or the mesh: previous effective modes, and where that is enough
   * the exact previous objects, newest write first.
   *
   * @param ledger writes to undo, oldest first
   * @param purpose ROLLBACK or CLEANUP
   * @param mayDisable true only when a person asked: going back to DISABLE
   */
  public static PolicyWrites undo(
      MeshModes modes, List<LedgerEntry> ledger, PolicyChange.Purpose purpose, boolean mayDisable) {
    throw new UnsupportedOperationException();
  }
}
