package io.mtlsmigration.rollout.commands;

import io.mtlsmigration.plan.PlanReport;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Problem;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.ServerWatch;
import io.mtlsmigration.rollout.StepAction;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.gates.NamespaceHolds;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where people bring their plans: every command of the API, checked against the phase and the
 * world, and carried out by changing records; the loop does the rest. Every method throws {@link
 * CommandException} when it does not take the command.
 */
public interface PlanCommands {

  /** Validates and computes; stores nothing. Problems are in the report, not thrown. */
  PlanReport preview(PlanSpec spec);

  /** What it asks less for than the configuration, or a label of a namespace, has it ask for. */
  List<Problem> belowLeast(PlanSpec spec);

  /**
   * Makes a plan.
   *
   * @param overrides may ask for less than the configuration wants; that is kept with an event
   */
  PlanRecord create(PlanSpec spec, String actor, boolean overrides);

  default PlanRecord create(PlanSpec spec, String actor) {
    return create(spec, actor, false);
  }

  /** {@code overrides} as in {@link #create(PlanSpec, String, boolean)}. */
  PlanRecord replace(
      String name, PlanSpec spec, String expectedVersion, String actor, boolean overrides);

  default PlanRecord replace(String name, PlanSpec spec, String expectedVersion, String actor) {
    return replace(name, spec, expectedVersion, actor, false);
  }

  /**
   * Deletes a plan that has ended, or was never started, and its history with it.
   *
   * @param keepPolicies also where policies that it wrote are in place: nobody will know the way
   *     back then
   */
  void delete(String name, String expectedVersion, boolean keepPolicies, String actor);

  /** START … CLEANUP. {@code expectedVersion} null = not checked. */
  PlanRecord act(String name, PlanAction action, @Nullable String expectedVersion, String actor);

  /** RETRY, ROLLBACK, EXEMPT, SKIP. {@code expectedVersion} is the step's; null = not checked. */
  StepRecord act(
      String name,
      StepKey key,
      StepAction action,
      String comment,
      @Nullable String expectedVersion,
      String actor);

  default StepRecord act(
      String name, StepKey key, StepAction action, String comment, String actor) {
    return act(name, key, action, comment, null, actor);
  }

  /**
   * Approves a namespace, a wave or the mesh.
   *
   * @param subject a namespace, {@code wave:NAME} or {@code mesh}
   * @param impactHash of the impact the person saw; null takes the present one
   * @param expectedVersion of the plan; null = not checked
   */
  PlanRecord approve(
      String name,
      String subject,
      @Nullable String impactHash,
      String comment,
      @Nullable String expectedVersion,
      String actor);

  default PlanRecord approve(
      String name, String subject, @Nullable String impactHash, String comment, String actor) {
    return approve(name, subject, impactHash, comment, null, actor);
  }

  /** {@code expectedVersion} is the step's; null = not checked. */
  StepRecord override(
      String name,
      StepKey key,
      Set<Gate> gates,
      String comment,
      @Nullable String expectedVersion,
      String actor);

  default StepRecord override(
      String name, StepKey key, Set<Gate> gates, String comment, String actor) {
    return override(name, key, gates, comment, null, actor);
  }

  /**
   * Lets one more client fail, from now on and in all of the plan. Approvals are void then, as
   * after every change.
   *
   * @param comment why; kept with the event
   * @param expectedVersion of the plan; null = not checked
   */
  PlanRecord ignore(
      String name,
      PlanSpec.IgnoredClient client,
      String comment,
      @Nullable String expectedVersion,
      String actor);

  List<PlanAction> allowedActions(PlanRecord plan);

  List<StepAction> allowedActions(PlanRecord plan, StepRecord step);

  /** Why the plan is not further; never empty while it runs and is not complete. */
  List<Waiting> waitingOn(PlanRecord plan);

  Progress progress(PlanRecord plan);

  /** Which active plan has something of this one, in words; while it has, this one cannot start. */
  Optional<String> conflict(PlanRecord plan);

  /** What the plan asks a person to agree to now; of many, the first. */
  List<Awaited> awaited(PlanRecord plan);

  /** Gates of one namespace: under a plan, or under the defaults when {@code plan} is null. */
  Readiness readiness(String namespace, @Nullable PlanRecord plan);

  /** What every namespace is held by on an observation, by name. */
  List<NamespaceHolds> holds(Observation observation);

  /**
   * One reason for waiting.
   *
   * @param subject a namespace or {@code mesh}
   * @param gate lower-case name of the gate, or what else it waits for
   */
  record Waiting(String subject, String gate, Reason reason, String message, Instant since) {}

  /**
   * A consent that is asked for.
   *
   * @param subject a namespace, {@code wave:NAME} or {@code mesh}
   * @param impactHash of the impact as it is now; null when it takes too long to be told all the
   *     time
   */
  record Awaited(String subject, @Nullable String impactHash) {}

  /**
   * How far a plan is. What was rolled back, exempt or skipped is not done; where there is nothing
   * to lock, nothing counts.
   *
   * @param total steps that there is something to lock for
   * @param done steps that are locked
   * @param eta null when nobody can say
   */
  record Progress(
      int total, int done, Map<Phase, Integer> byPhase, int percent, @Nullable Duration eta) {
    public Progress {
      byPhase = Map.copyOf(byPhase);
    }
  }

  /**
   * Would it be locked now?
   *
   * @param servers since when each server's silence counts; empty while nobody can say
   * @param plaintextAt when the gate that looks for it can pass at the earliest, if nobody sends
   *     any until then; null when it is not a matter of waiting
   */
  record Readiness(
      Verdict verdict,
      String basis,
      List<GateResult> gates,
      List<ServerWatch> servers,
      @Nullable Instant plaintextAt) {
    public Readiness {
      gates = List.copyOf(gates);
      servers = List.copyOf(servers);
    }

    /** READY when all pass; BLOCKED when one fails; INCONCLUSIVE otherwise. */
    public enum Verdict {
      READY,
      BLOCKED,
      INCONCLUSIVE
    }
  }
}
