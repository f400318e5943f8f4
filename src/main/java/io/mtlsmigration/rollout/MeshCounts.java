// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.MeshTally;
import io.mtlsmigration.mtls.Posture;
import java.util.Map;

/**
 * The state of the mesh in numbers.
 *
 * @param namespaces number of namespaces by posture
 * @param workloads number of workloads by what all ports of their captured pods enforce together
 * @param phases number of namespaces that are in a plan, by phase
 */
public record MeshCounts(
    Map<Posture, Integer> namespaces, Map<Posture, Integer> workloads, Map<Phase, Integer> phases) {

  public MeshCounts {
    namespaces = Map.copyOf(namespaces);
    workloads = Map.copyOf(workloads);
    phases = Map.copyOf(phases);
  }

  /**
   * Counts the current state.
   *
   * @throws RolloutLedger.UnavailableException when the ledger cannot tell which plans exist
   */
  public static MeshCounts of(MeshModes modes, RolloutLedger ledger) {
    MeshTally tally = modes.tally();
    return new MeshCounts(
        tally.namespaces(), tally.workloadsByPosture(), OwningPlan.byPhase(ledger));
  }
}
