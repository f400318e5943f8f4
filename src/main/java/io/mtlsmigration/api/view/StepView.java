// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.api.view.ConnectivityView.CellView;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.plan.Wave;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.rollout.GateOverride;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepAction;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.commands.PlanCommands;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "Step", description = "A namespace's migration within a plan, or the mesh's")
public record StepView(
    @Schema(description = "Name of the plan") String plan,
    @Schema(
            description =
                "Name of the namespace; mesh for the mesh step, namespace:mesh for a namespace of"
                    + " that name")
        String namespace,
    @Schema(description = "The wave it belongs to; null for the mesh step") @Nullable String wave,
    @Schema(description = "Phase of the step") Phase phase,
    @Schema(description = "When the phase was entered") Instant since,
    @Schema(description = "Why the phase was entered") Reason reason,
    @Schema(description = "The reason in words") String message,
    @Schema(description = "Latest results of the gates") List<GateView> gates,
    @Schema(description = "Since when the gates have held without a break")
        @Nullable Instant heldSince,
    @Schema(description = "End of the verification, while it goes on")
        @Nullable Instant verifyingUntil,
    @Schema(description = "Latest probes of the namespace's services") List<CellView> lastProbe,
    @Schema(description = "Writes that were made, oldest first") List<WrittenView> policies,
    @Schema(description = "Gates that a person let pass") List<OverrideView> overrides,
    @Schema(description = "How often it was rolled back without a person asking")
        int automaticRollbacks,
    @Schema(description = "What a person asked for and is not carried out yet")
        @Nullable RequestView request,
    @Schema(
            description =
                "What is wrong with a locked step, or calls that fail while it is verified or undone;"
                    + " null when nothing is known to be")
        @Nullable HealthView health,
    @Schema(description = "What may be asked of the step now; the names are those of paths")
        List<String> allowedActions) {

  @Schema(name = "WrittenPolicy", description = "A write that was made, and what was there before")
  public record WrittenView(
      @Schema(description = "The object") Ref policy,
      @Schema(description = "What became of the object") ChangeView.Action action,
      @Schema(description = "The spec before; null when the object did not exist")
          @Nullable PolicySpecView before,
      @Schema(description = "The spec after; null when the object was deleted")
          @Nullable PolicySpecView after,
      @Schema(description = "Effective mode of the scope before") MtlsMode previousMode,
      @Schema(description = "Effective modes of ports before, where they differed")
          Map<Integer, MtlsMode> previousPorts,
      @Schema(description = "Why it was written") PolicyChange.Purpose purpose,
      @Schema(description = "When it was written") Instant writtenAt) {

    static WrittenView of(LedgerEntry entry) {
      return new WrittenView(
          Ref.of(entry.ref()),
          ChangeView.action(entry.before(), entry.after()),
          PolicySpecView.ofNullable(entry.before()),
          PolicySpecView.ofNullable(entry.after()),
          entry.previousMode(),
          new TreeMap<>(entry.previousPorts()),
          entry.purpose(),
          entry.writtenAt());
    }
  }

  @Schema(name = "Override", description = "Gates that a person lets pass once")
  public record OverrideView(
      @Schema(description = "Names of the gates, in lower case") List<String> gates,
      @Schema(description = "Who") String by,
      @Schema(description = "When") Instant at,
      @Schema(description = "Why") String comment,
      @Schema(
              description =
                  "True when it lets nothing pass any more: it has had its effect, or the plan was changed since")
          boolean used,
      @Schema(description = "True when they pass whatever they find until the lock") boolean force,
      @Schema(
              description =
                  "By gate, what it had found, and passes with; it holds for anything else. Of callers without a name also for later ones. Empty when used")
          Map<String, List<String>> covers) {

    static OverrideView of(GateOverride override, PlanRecord plan) {
      return new OverrideView(
          override.gates().stream().sorted().map(GateView::name).toList(),
          override.by(),
          override.at(),
          override.comment(),
          !override.counts(plan.generation()),
          override.force(),
          covers(override));
    }

    private static Map<String, List<String>> covers(GateOverride override) {
      Map<String, List<String>> covers = new TreeMap<>();
      override.covers().forEach((gate, found) -> covers.put(GateView.name(gate), found));
      return covers;
    }
  }

  @Schema(
      name = "StepHealth",
      description =
          "A locked step that harms, or protects nothing; or calls that fail while a step is verified"
              + " or undone")
  public record HealthView(
      @Schema(description = "Since when") Instant since,
      @Schema(description = "Stable reason") Reason reason,
      @Schema(description = "Who and where") String message) {

    static @Nullable HealthView of(StepRecord.@Nullable Health health) {
      return health == null
          ? null
          : new HealthView(health.since(), health.reason(), health.message());
    }
  }

  @Schema(name = "StepRequest", description = "What a person asked for")
  public record RequestView(
      @Schema(description = "What was asked") StepAction action,
      @Schema(description = "Who") String by,
      @Schema(description = "Comment; may be empty") String comment,
      @Schema(description = "When") Instant at) {

    static @Nullable RequestView of(StepRecord.@Nullable Request request) {
      return request == null
          ? null
          : new RequestView(request.action(), request.by(), request.comment(), request.at());
    }
  }

  /**
   * Returns the view of a step.
   *
   * @param probes latest probes of the namespace's services; of all for the mesh step
   */
  public static StepView of(
      PlanRecord plan, StepRecord step, List<Cell> probes, PlanCommands commands) {
    return of(plan, waves(plan), step, probes, commands);
  }

  /** Returns the view of one of many steps of a plan. */
  public static StepView of(
      PlanRecord plan,
      Map<String, String> waves,
      StepRecord step,
      List<Cell> probes,
      PlanCommands commands) {
    return new StepView(
        step.plan(),
        step.key().toString(),
        waves.get(step.key().namespace()),
        step.phase(),
        step.since(),
        step.reason(),
        step.message(),
        GateView.of(step.gates()),
        step.heldSince(),
        step.verifyingUntil(),
        probes.stream().map(CellView::of).toList(),
        step.ledger().stream().map(WrittenView::of).toList(),
        step.overrides().stream().map(one -> OverrideView.of(one, plan)).toList(),
        step.automaticRollbacks(),
        RequestView.of(step.request()),
        HealthView.of(step.health()),
        PlanView.names(commands.allowedActions(plan, step)));
  }

  /** Returns the names of waves by namespace. */
  public static Map<String, String> waves(PlanRecord plan) {
    Map<String, String> waves = new HashMap<>();
    for (Wave wave : plan.waves()) {
      wave.members().forEach(member -> waves.put(member.namespace(), wave.name()));
    }
    return waves;
  }
}
