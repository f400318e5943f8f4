// SPDX-License-Identifier: Apache-2.0
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
 * The commands of the API, each checked against the phase and the mesh, and carried out by changing
 * records; the loop does the rest. Every method throws {@link CommandException} when it rejects the
 * command.
 */
public interface PlanCommands {

  /** Validates the spec and computes the plan; stores nothing. The report has the problems. */
  PlanReport preview(PlanSpec spec);

  /**
   * Computes what a plan would do with another spec; rejects what {@link #replace(String, PlanSpec,
   * String, String, boolean, Overriding)} would reject, and stores nothing. A plan that was started
   * is not asked for everything that a new one is: the report may have problems.
   */
  PlanReport preview(
      String name, PlanSpec spec, String expectedVersion, boolean overrides, Overriding caller);

  /** Returns where the spec asks for less than the configuration, or a label, requires. */
  List<Problem> belowLeast(PlanSpec spec);

  /**
   * Creates a plan.
   *
   * @param overrides whether the plan may ask for less than the configuration requires; that is
   *     kept with an event
   */
  PlanRecord create(PlanSpec spec, String actor, boolean overrides);

  default PlanRecord create(PlanSpec spec, String actor) {
    return create(spec, actor, false);
  }

  /**
   * Replaces the spec.
   *
   * @param overrides as in {@link #create(PlanSpec, String, boolean)}
   * @param caller asked about what the new spec would open
   */
  PlanRecord replace(
      String name,
      PlanSpec spec,
      String expectedVersion,
      String actor,
      boolean overrides,
      Overriding caller);

  default PlanRecord replace(String name, PlanSpec spec, String expectedVersion, String actor) {
    return replace(name, spec, expectedVersion, actor, false, Overriding.NOT_ASKED);
  }

  /**
   * Deletes a plan that has ended, or was never started, with its history.
   *
   * @param keepPolicies delete it even where policies that it wrote are in place: they cannot be
   *     rolled back afterwards
   */
  void delete(String name, String expectedVersion, boolean keepPolicies, String actor);

  /**
   * Carries out START … CLEANUP. {@code expectedVersion} null = not checked.
   *
   * @param caller asked about what the plan would open once it runs
   */
  PlanRecord act(
      String name,
      PlanAction action,
      @Nullable String expectedVersion,
      String actor,
      Overriding caller);

  default PlanRecord act(
      String name, PlanAction action, @Nullable String expectedVersion, String actor) {
    return act(name, action, expectedVersion, actor, Overriding.NOT_ASKED);
  }

  /**
   * Starts the drafts whose spec says so, each once: nothing comes back to DRAFT. One that another
   * plan is in the way of, or that the mesh does not fit any more, stays a draft and is tried again
   * with the next call.
   */
  void startAccepted();

  /**
   * Carries out RETRY … SKIP. {@code expectedVersion} is the step's; null = not checked. A retry of
   * a step that was rolled back takes up a plan that has ended: it is PAUSED then.
   *
   * @param caller asked about what an exemption, or the plan that is taken up, would open
   */
  StepRecord act(
      String name,
      StepKey key,
      StepAction action,
      String comment,
      @Nullable String expectedVersion,
      String actor,
      Overriding caller);

  default StepRecord act(
      String name, StepKey key, StepAction action, String comment, String actor) {
    return act(name, key, action, comment, null, actor, Overriding.NOT_ASKED);
  }

  /**
   * Approves a namespace, a wave or the mesh.
   *
   * @param subject a namespace, {@code wave:NAME} or {@code mesh}
   * @param impactHash hash of the impact that the person saw; null takes the present one
   * @param expectedVersion the plan's version; null = not checked
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

  /** Overrides gates. {@code expectedVersion} is the step's; null = not checked. */
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
   * Lets one more client fail, from now on and in the whole plan, in every phase but those of a
   * plan that is undone. This voids approvals and overrides, as every change does.
   *
   * @param comment the reason; kept with the event
   * @param expectedVersion the plan's version; null = not checked
   */
  PlanRecord ignore(
      String name,
      PlanSpec.IgnoredClient client,
      String comment,
      @Nullable String expectedVersion,
      String actor);

  /**
   * Takes a client out of those that may fail, which tightens the plan, in every phase but those of
   * a plan that is undone. Nothing happens if it is not among them. This voids approvals and
   * overrides; a step that is locked stays so.
   *
   * @param id of the client, see {@link PlanSpec.IgnoredClient#id}
   * @param expectedVersion the plan's version; null = not checked
   */
  PlanRecord heed(String name, String id, @Nullable String expectedVersion, String actor);

  /**
   * Changes how long the plan looks before and after a lock, in every phase but those of a plan
   * that is undone. This voids approvals and overrides, and counts with the next tick; a step that
   * is locked stays so.
   *
   * @param expectedVersion the plan's version; null = not checked
   * @param caller asked about shorter windows of a plan that was started
   */
  PlanRecord changeWindows(
      String name,
      WindowChange change,
      @Nullable String expectedVersion,
      String actor,
      Overriding caller);

  /**
   * Adds an exception to a plan that has not ended. The port of a locked namespace is opened with
   * the next tick; by a paused plan, when it is resumed. This voids approvals.
   *
   * @param expectedVersion the plan's version; null = not checked
   * @param caller asked about what it would open
   */
  PlanRecord addException(
      String name,
      PlanSpec.PolicyException exception,
      @Nullable String expectedVersion,
      String actor,
      Overriding caller);

  default PlanRecord addException(
      String name,
      PlanSpec.PolicyException exception,
      @Nullable String expectedVersion,
      String actor) {
    return addException(name, exception, expectedVersion, actor, Overriding.NOT_ASKED);
  }

  /**
   * Changes what was agreed about an exception: owner, reason, last day, paths. Writes nothing to
   * the mesh, so every plan whose policies are in place takes it, and approvals stand.
   */
  PlanRecord changeException(
      String name,
      PlanSpec.PolicyException exception,
      @Nullable String expectedVersion,
      String actor);

  /**
   * Takes an exception out of a draft, or ends it in a plan that moves while nothing of its
   * namespace is in place because of the plan: the namespace is locked without it, through all
   * gates. This voids approvals and overrides, and writes nothing to the mesh.
   *
   * @param expectedVersion the plan's version; null = not checked
   * @throws CommandException.NotAllowed with the commands that come first, as in {@link #hindrance}
   */
  PlanRecord removeException(
      String name, String id, @Nullable String expectedVersion, String actor);

  /** Returns, in words, what has to be done before an exception may end; empty when it may now. */
  Optional<String> hindrance(PlanRecord plan, PlanSpec.PolicyException exception);

  List<PlanAction> allowedActions(PlanRecord plan);

  List<StepAction> allowedActions(PlanRecord plan, StepRecord step);

  /** Returns what the plan waits for; never empty while it runs and is not complete. */
  List<Waiting> waitingOn(PlanRecord plan);

  Progress progress(PlanRecord plan);

  /** Returns, in words, the active plan that overlaps with this one and keeps it from starting. */
  Optional<String> conflict(PlanRecord plan);

  /** Returns the approvals that the plan waits for now; the first ones if there are many. */
  List<Awaited> awaited(PlanRecord plan);

  /** Evaluates a namespace's gates: under a plan, or the defaults if {@code plan} is null. */
  Readiness readiness(String namespace, @Nullable PlanRecord plan);

  /** Returns what holds each namespace on an observation, by name. */
  List<NamespaceHolds> holds(Observation observation);

  /**
   * One reason for waiting.
   *
   * @param subject a namespace or {@code mesh}
   * @param gate lower-case name of the gate, or what else the plan waits for
   */
  record Waiting(String subject, String gate, Reason reason, String message, Instant since) {}

  /**
   * An approval that the plan waits for.
   *
   * @param subject a namespace, {@code wave:NAME} or {@code mesh}
   * @param impactHash hash of the present impact; null when it takes too long to compute on every
   *     request
   */
  record Awaited(String subject, @Nullable String impactHash) {}

  /**
   * The progress of a plan. Steps that were rolled back, exempt or skipped are not done; steps with
   * nothing to lock do not count.
   *
   * @param total number of steps with something to lock
   * @param done number of steps that are locked
   * @param eta null when it cannot be estimated
   */
  record Progress(
      int total, int done, Map<Phase, Integer> byPhase, int percent, @Nullable Duration eta) {
    public Progress {
      byPhase = Map.copyOf(byPhase);
    }
  }

  /**
   * The answer to whether a namespace would be locked now.
   *
   * @param servers the time since when each server's silence counts; empty while it is not known
   * @param plaintextAt the earliest time when the plaintext gate can pass, if nobody sends any
   *     until then; null when waiting does not help
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

    /** READY when all gates pass; BLOCKED when one fails; INCONCLUSIVE otherwise. */
    public enum Verdict {
      READY,
      BLOCKED,
      INCONCLUSIVE
    }
  }
}
