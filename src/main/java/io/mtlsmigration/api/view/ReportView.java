// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.api.view.PlanView.ApprovalView;
import io.mtlsmigration.api.view.PlanView.ProgressView;
import io.mtlsmigration.api.view.StepView.OverrideView;
import io.mtlsmigration.api.view.StepView.WrittenView;
import io.mtlsmigration.contract.MigrationPlanSpec;
import io.mtlsmigration.contract.PlanSpecs;
import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyChange.Purpose;
import io.mtlsmigration.rollout.OwningPlan;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.commands.PlanCommands;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "Report", description = "Who approved what, what was locked when, on which evidence")
public record ReportView(
    @Schema(description = "Name of the plan") String plan,
    @Schema(description = "How far it goes") PlanSpec.Target target,
    @Schema(description = "Phase of the plan") PlanPhase phase,
    @Schema(description = "Who made the plan") String createdBy,
    @Schema(description = "When it was made") Instant createdAt,
    @Schema(description = "When it was started") @Nullable Instant startedAt,
    @Schema(description = "When it ended") @Nullable Instant endedAt,
    @Schema(description = "How far it is") ProgressView progress,
    @Schema(description = "Consents that were given") List<ApprovalView> approvals,
    @Schema(description = "Exceptions, with owner, reason and expiry")
        List<MigrationPlanSpec.PlanException> exceptions,
    @Schema(description = "Namespaces left open by default, with the reason")
        Map<String, String> exempt,
    @Schema(description = "Every namespace that is not locked, and the mesh, with the reason")
        Map<String, String> open,
    @Schema(description = "The mesh step; null when the plan has none") @Nullable Line mesh,
    @Schema(description = "The namespaces, in the order of their names") List<Line> namespaces) {

  @Schema(name = "ReportLine", description = "What became of one namespace, or of the mesh")
  public record Line(
      @Schema(
              description =
                  "Name of the namespace, or mesh; namespace:mesh is a namespace of that name")
          String namespace,
      @Schema(description = "The wave it belongs to; null for the mesh step") @Nullable String wave,
      @Schema(description = "Phase of the step") Phase phase,
      @Schema(description = "When the phase was entered") Instant since,
      @Schema(description = "Why, in words") String message,
      @Schema(description = "When STRICT was written; null when it was not, or was undone")
          @Nullable Instant lockedAt,
      @Schema(description = "Latest results of the gates: the evidence") List<GateView> evidence,
      @Schema(description = "Gates that a person let pass") List<OverrideView> overrides,
      @Schema(description = "Writes that were made, oldest first") List<WrittenView> policies,
      @Schema(description = "How often it was rolled back without a person asking")
          int automaticRollbacks) {

    private static Line of(PlanRecord plan, Map<String, String> waves, StepRecord step) {
      return new Line(
          step.key().toString(),
          waves.get(step.key().namespace()),
          step.phase(),
          step.since(),
          step.message(),
          lockedAt(step),
          GateView.of(step.gates()),
          step.overrides().stream().map(one -> OverrideView.of(one, plan)).toList(),
          step.ledger().stream().map(WrittenView::of).toList(),
          step.automaticRollbacks());
    }

    private static @Nullable Instant lockedAt(StepRecord step) {
      Instant locked = null;
      for (LedgerEntry entry : step.ledger()) {
        if (entry.purpose() == Purpose.LOCK) {
          locked = entry.writtenAt();
        } else if (entry.purpose() == Purpose.ROLLBACK || entry.purpose() == Purpose.CLEANUP) {
          locked = null;
        }
      }
      return locked;
    }
  }

  /** Returns the open subjects, including unhealthy locked steps, which may protect nothing. */
  private static Map<String, String> open(
      PlanRecord plan, List<StepRecord> steps, PlanCommands commands) {
    Map<String, String> open = new TreeMap<>();
    commands.waitingOn(plan).stream()
        .filter(waiting -> !waiting.subject().isEmpty())
        .filter(waiting -> waiting.reason() == Reason.EVIDENCE_LOST)
        .forEach(waiting -> open.put(waiting.subject(), waiting.message()));
    for (StepRecord step : steps) {
      StepRecord.Health health = step.health();
      if (step.phase() != Phase.LOCKED || !OwningPlan.speaks(plan, step)) {
        open.put(step.key().toString(), step.phase() + ": " + step.message());
      } else if (health != null) {
        open.put(step.key().toString(), step.phase() + ", but " + health.message());
      }
    }
    return open;
  }

  public static ReportView of(PlanRecord plan, List<StepRecord> steps, PlanCommands commands) {
    Map<String, String> waves = StepView.waves(plan);
    return new ReportView(
        plan.name(),
        plan.spec().target(),
        plan.phase(),
        plan.createdBy(),
        plan.createdAt(),
        plan.startedAt(),
        plan.endedAt(),
        ProgressView.of(commands.progress(plan)),
        plan.approvals().stream().map(ApprovalView::of).toList(),
        plan.spec().exceptions().stream().map(PlanSpecs::exception).toList(),
        new TreeMap<>(plan.exempt()),
        open(plan, steps, commands),
        steps.stream()
            .filter(step -> step.key().isMesh())
            .map(step -> Line.of(plan, waves, step))
            .findFirst()
            .orElse(null),
        steps.stream()
            .filter(step -> !step.key().isMesh())
            .map(step -> Line.of(plan, waves, step))
            .toList());
  }
}
