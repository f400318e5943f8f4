package io.mtlsmigration.rollout;

import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.MeshTally;
import io.mtlsmigration.mtls.Posture;
import java.util.Map;

/**
 * Where the mesh stands, in numbers.
 *
 * @param namespaces by posture
 * @param workloads by what all ports of their captured pods enforce together
 * @param phases namespaces that are in a plan, by phase
 */
public record MeshCounts(
    Map<Posture, Integer> namespaces, Map<Posture, Integer> workloads, Map<Phase, Integer> phases) {

  public MeshCounts {
    namespaces = Map.copyOf(namespaces);
    workloads = Map.copyOf(workloads);
    phases = Map.copyOf(phases);
  }

  /**
   * Counts what is there now.
   *
   * @throws RolloutLedger.UnavailableException when nobody knows which plans there are
   */
  public static MeshCounts of(MeshModes modes, RolloutLedger ledger) {
    MeshTally tally = modes.tally();
    return new MeshCounts(
        tally.namespaces(), tally.workloadsByPosture(), OwningPlan.byPhase(ledger));
  }
}
