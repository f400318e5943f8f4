package io.mtlsmigration.rollout;

import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Wave;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A plan and where it stands. Immutable.
 *
 * @param version for optimistic concurrency, set by the ledger; empty before the first save
 * @param generation grows with every change of the spec
 * @param waves as computed; frozen by start, but for namespaces that appear later
 * @param exempt namespaces left open by default, with the reason
 * @param observation hash of the facts that the waves were made from
 */
public record PlanRecord(
    PlanSpec spec,
    String uid,
    String version,
    long generation,
    PlanPhase phase,
    String createdBy,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant endedAt,
    List<Wave> waves,
    Map<String, String> exempt,
    String observation,
    List<Approval> approvals) {

  public PlanRecord {
    waves = List.copyOf(waves);
    exempt = Map.copyOf(exempt);
    approvals = List.copyOf(approvals);
  }

  public String name() {
    return spec.name();
  }
}
