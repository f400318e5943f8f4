// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.mtlsmigration.contract.MigrationPlanSpec;
import io.mtlsmigration.contract.PlanSpecs;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Wave;
import io.mtlsmigration.rollout.Approval;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.commands.PlanCommands;
import io.mtlsmigration.rollout.commands.Progress;
import io.mtlsmigration.rollout.commands.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@JsonInclude(JsonInclude.Include.ALWAYS)
@Schema(name = "Plan", description = "A plan and where it stands")
public record PlanView(
    @Schema(description = "Always Plan: tells it from a PlanPreview", enumeration = PlanView.KIND)
        String kind,
    @Schema(description = "Name of the plan") String name,
    @Schema(description = "How far it goes") PlanSpec.Target target,
    @Schema(description = "Which namespaces; null is all") MigrationPlanSpec.@Nullable Scope scope,
    @Schema(description = "Waves as computed, with the reason for each place") List<WaveView> waves,
    @Schema(description = "What must hold before a namespace is locked")
        MigrationPlanSpec.Gates gates,
    @Schema(description = "What must hold after a namespace is locked")
        MigrationPlanSpec.Verification verification,
    @Schema(description = "What is done when verification fails") PlanSpec.OnFailure onFailure,
    @Schema(description = "Who writes the policies") PlanSpec.Apply apply,
    @Schema(description = "Whether policies of persons are taken over without an approval")
        boolean adopt,
    @Schema(description = "What stays open") List<MigrationPlanSpec.PlanException> exceptions,
    @Schema(description = "What lets a draft begin; says nothing about a plan that has begun")
        PlanSpec.Start start,
    @Schema(description = "Phase of the plan") PlanPhase phase,
    @Schema(description = "Grows with every change of the body") long generation,
    @Schema(description = "Names this plan among plans that had its name") String uid,
    @Schema(description = "Who made it") String createdBy,
    @Schema(description = "When it was made") Instant createdAt,
    @Schema(description = "When it was started") @Nullable Instant startedAt,
    @Schema(description = "When it ended") @Nullable Instant endedAt,
    @Schema(description = "Namespaces left open by default, with the reason")
        Map<String, String> exempt,
    @Schema(description = "Hash of the facts that the waves were made from") String observation,
    @Schema(description = "How far it is") ProgressView progress,
    @Schema(
            description =
                "Why it is not further: all reasons, or of more than a hundred those that a person"
                    + " can do something about first; each step tells its own, too")
        List<WaitingView> waitingOn,
    @Schema(description = "How many reasons there are in all") int waitingCount,
    @Schema(description = "Consents that were given") List<ApprovalView> approvals,
    @Schema(
            description =
                "What may be asked of the plan now; the names are those of paths, and DELETE")
        List<String> allowedActions) {

  private static final String KIND = "Plan";
  private static final int MOST_WAITING = 100;

  @Schema(name = "Wave", description = "Namespaces that move together")
  public record WaveView(
      @Schema(description = "Name of the wave") String name,
      @Schema(description = "Names of the namespaces") List<String> namespaces,
      @Schema(description = "The same with the reason for each place") List<MemberView> members) {

    public static List<WaveView> of(List<Wave> waves) {
      return waves.stream().map(WaveView::of).toList();
    }

    private static WaveView of(Wave wave) {
      return new WaveView(
          wave.name(),
          wave.namespaces(),
          wave.members().stream().map(m -> new MemberView(m.namespace(), m.reason())).toList());
    }
  }

  @Schema(name = "WaveMember", description = "A namespace in a wave")
  public record MemberView(
      @Schema(description = "Name of the namespace") String namespace,
      @Schema(description = "Why it is in this wave") String reason) {}

  @Schema(name = "Progress", description = "How far a plan is")
  public record ProgressView(
      @Schema(
              description =
                  "Steps: namespaces, and the mesh step if there is one; not those of namespaces that"
                      + " stay open by default and have nothing to lock")
          int total,
      @Schema(description = "All steps by phase") Map<Phase, Integer> byPhase,
      @Schema(description = "LOCKED of total, 0 to 100") int percent,
      @Schema(description = "Time left; null when nobody can say") @Nullable Duration eta) {

    public static ProgressView of(Progress progress) {
      return new ProgressView(
          progress.total(), new TreeMap<>(progress.byPhase()), progress.percent(), progress.eta());
    }
  }

  @Schema(name = "Waiting", description = "One reason for waiting")
  public record WaitingView(
      @Schema(description = "A namespace, or mesh; namespace:mesh is a namespace of that name")
          String namespace,
      @Schema(description = "Name of the gate in lower case, or what else it waits for")
          String gate,
      @Schema(description = "Stable reason") Reason reason,
      @Schema(description = "The reason in words") String message,
      @Schema(description = "Since when") Instant since) {

    static WaitingView of(Waiting waiting) {
      return new WaitingView(
          waiting.subject(), waiting.gate(), waiting.reason(), waiting.message(), waiting.since());
    }
  }

  @Schema(name = "GivenApproval", description = "A person's consent, bound to what was shown")
  public record ApprovalView(
      @Schema(
              description =
                  "A namespace, wave:NAME or mesh; namespace:mesh is a namespace of that name")
          String subject,
      @Schema(description = "Who consented") String by,
      @Schema(description = "When") Instant at,
      @Schema(description = "Comment; may be empty") String comment,
      @Schema(description = "Generation of the plan then") long generation,
      @Schema(description = "Hash of the impact that was shown") String impactHash) {

    static ApprovalView of(Approval approval) {
      return new ApprovalView(
          approval.subject(),
          approval.by(),
          approval.at(),
          approval.comment(),
          approval.generation(),
          approval.impactHash());
    }
  }

  @Schema(name = "PlanSummary", description = "A plan in a list")
  public record Summary(
      @Schema(description = "Name of the plan") String name,
      @Schema(description = "How far it goes") PlanSpec.Target target,
      @Schema(description = "Phase of the plan") PlanPhase phase,
      @Schema(description = "Grows with every change of the body") long generation,
      @Schema(description = "Who made it") String createdBy,
      @Schema(description = "When it was made") Instant createdAt,
      @Schema(description = "How far it is") ProgressView progress,
      @Schema(description = "What may be asked of the plan now") List<String> allowedActions) {

    public static Summary of(PlanRecord plan, PlanCommands commands) {
      return new Summary(
          plan.name(),
          plan.spec().target(),
          plan.phase(),
          plan.generation(),
          plan.createdBy(),
          plan.createdAt(),
          ProgressView.of(commands.progress(plan)),
          names(commands.allowedActions(plan)));
    }
  }

  public static PlanView of(PlanRecord plan, PlanCommands commands) {
    return of(plan, WaveView.of(plan.waves()), commands);
  }

  /**
   * The same.
   *
   * @param waves {@link WaveView#of} those of the plan, which may have ten thousand members
   */
  public static PlanView of(PlanRecord plan, List<WaveView> waves, PlanCommands commands) {
    PlanSpec spec = plan.spec();
    List<Waiting> waiting = commands.waitingOn(plan);
    return new PlanView(
        KIND,
        spec.name(),
        spec.target(),
        PlanSpecs.scope(spec.scope()),
        waves,
        PlanSpecs.gates(spec.gates()),
        PlanSpecs.verification(spec.verification()),
        spec.onFailure(),
        spec.apply(),
        spec.adopt(),
        spec.exceptions().stream().map(PlanSpecs::exception).toList(),
        spec.start(),
        plan.phase(),
        plan.generation(),
        plan.uid(),
        plan.createdBy(),
        plan.createdAt(),
        plan.startedAt(),
        plan.endedAt(),
        new TreeMap<>(plan.exempt()),
        plan.observation(),
        ProgressView.of(commands.progress(plan)),
        first(waiting).stream().map(WaitingView::of).toList(),
        waiting.size(),
        plan.approvals().stream().map(ApprovalView::of).toList(),
        names(commands.allowedActions(plan)));
  }

  /** Returns the most important entries; ten thousand namespaces may wait for 40,000 things. */
  static List<Waiting> first(List<Waiting> waiting) {
    if (waiting.size() <= MOST_WAITING) {
      return waiting;
    }
    List<List<Waiting>> turns = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (Waiting one : waiting) {
      List<Waiting> turn = turns.get(turn(one.reason()));
      if (turn.size() < MOST_WAITING) {
        turn.add(one);
      }
    }
    return turns.stream().flatMap(List::stream).limit(MOST_WAITING).toList();
  }

  private static int turn(Reason reason) {
    return switch (reason) {
      case APPROVAL_MISSING, APPROVAL_VOIDED, PLAN_PAUSED -> 0;
      case WAITS_FOR_WAVE, NAMESPACES_NOT_LOCKED, SOAKING -> 2;
      default -> 1;
    };
  }

  public static List<String> names(List<? extends Enum<?>> actions) {
    return actions.stream().<String>map(Enum::name).toList();
  }
}
