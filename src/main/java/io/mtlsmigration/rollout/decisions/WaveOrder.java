// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.decisions;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.Lockdown;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Planner;
import io.mtlsmigration.plan.Wave;
import io.mtlsmigration.rollout.DryRun;
import io.mtlsmigration.rollout.MeshReadiness;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.WriteLedger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The relations between the steps of one plan: waves, the mesh step, the end. Pure. */
public final class WaveOrder {

  private WaveOrder() {}

  /** Returns whether later steps no longer wait for this one. */
  public static boolean settled(@Nullable StepRecord step, MeshModes modes, String namespace) {
    return settled(step, modes.snapshot().namespace(namespace));
  }

  /**
   * The same.
   *
   * @param facts null when the step's namespace does not exist
   */
  public static boolean settled(@Nullable StepRecord step, @Nullable NamespaceFacts facts) {
    if (step != null) {
      switch (step.phase()) {
        case LOCKED, EXEMPT, SKIPPED -> {
          return true;
        }
        case LOCKING, VERIFYING, ROLLING_BACK -> {
          return false;
        }
        default -> {
          // depends on whether there is anything to lock
        }
      }
    }
    return facts == null || facts.capturedPods() == 0;
  }

  /**
   * Returns the members of the first wave that is not settled, and of all before it. When all are
   * settled, also the namespaces in no wave: left open by default, and taken up by a person since.
   */
  public static Set<String> open(PlanRecord plan, Map<StepKey, StepRecord> steps, MeshModes modes) {
    Set<String> open = new HashSet<>();
    for (Wave wave : plan.waves()) {
      boolean settled = true;
      for (Wave.Member member : wave.members()) {
        open.add(member.namespace());
        settled &= settled(steps.get(new StepKey(member.namespace())), modes, member.namespace());
      }
      if (!settled) {
        return open;
      }
    }
    steps.keySet().forEach(key -> open.add(key.namespace()));
    return open;
  }

  /** Returns the state of all namespaces that will have captured pods, for mesh-wide STRICT. */
  public static MeshReadiness readiness(
      PlanRecord plan, Map<StepKey, StepRecord> steps, MeshModes modes) {
    Set<String> locked = new HashSet<>();
    Set<String> exempt = new HashSet<>();
    List<MeshReadiness.Open> open = new ArrayList<>();
    for (NamespaceFacts facts : modes.snapshot().namespaces().values()) {
      StepRecord step = steps.get(new StepKey(facts.name()));
      // Waves contain namespaces with captured pods: one that is scaled to zero at night has them
      // again in the morning. So has one that a person exempts.
      boolean planned = step != null && (step.phase() != Phase.EXEMPT || step.asked());
      if (modes.snapshot().isRoot(facts.name()) || !(planned || facts.captures())) {
        continue;
      }
      if (step == null) {
        open.add(new MeshReadiness.Open(facts.name(), "not in the plan yet"));
      } else if (step.phase() == Phase.LOCKED) {
        locked.add(facts.name());
      } else if (step.phase() != Phase.EXEMPT) {
        open.add(new MeshReadiness.Open(facts.name(), Words.of(step.phase())));
      } else if (Lockdown.exempt(modes, facts.name(), plan.spec(), step.ledger()).done()) {
        exempt.add(facts.name());
      } else {
        open.add(
            new MeshReadiness.Open(
                facts.name(), "exempt, its explicit PERMISSIVE is not in force"));
      }
    }
    return new MeshReadiness(locked, exempt, open);
  }

  /**
   * Returns namespaces that mesh-wide STRICT has reached unprepared: created, or captured, between
   * the last look and the write, without a policy of their own.
   */
  public static List<String> newborn(StepRecord mesh, MeshReadiness others, MeshModes modes) {
    List<String> found = new ArrayList<>();
    Instant stored = stored(mesh, modes);
    for (MeshReadiness.Open open : others.open()) {
      NamespaceFacts facts = modes.snapshot().namespace(open.namespace());
      if (facts != null && older(facts, stored) && !policy(modes, open.namespace())) {
        found.add(open.namespace());
      }
    }
    return found;
  }

  private static boolean policy(MeshModes modes, String namespace) {
    return modes.namespace(namespace).namespacePolicy().map(PeerAuthentication::ref).isPresent();
  }

  /** Returns whether a captured pod is older than the write; younger ones knew only STRICT. */
  private static boolean older(NamespaceFacts facts, Instant stored) {
    return facts.pods().stream()
        .anyMatch(
            pod ->
                !pod.terminated()
                    && pod.dataPlane().captured()
                    && !pod.createdAt().isAfter(stored));
  }

  /**
   * Returns when the mesh's writes were stored, by the clock that dates pods, too: the API server's
   * may be ahead of this machine's, and admission takes seconds from the decision on.
   */
  private static Instant stored(StepRecord mesh, MeshModes modes) {
    Instant latest = Instant.MIN;
    for (LedgerEntry entry : mesh.ledger()) {
      PeerAuthentication shown = WriteLedger.find(modes.snapshot(), entry.ref());
      Instant theirs = shown == null ? Instant.MIN : shown.meta().specChangedAt();
      Instant at = theirs.isAfter(entry.writtenAt()) ? theirs : entry.writtenAt();
      latest = at.isAfter(latest) ? at : latest;
    }
    return latest;
  }

  /**
   * Returns the namespaces that the plan should have and has in no wave: those of a mesh plan that
   * have appeared since the waves were computed, and those that had nothing captured then.
   */
  static List<String> newcomers(PlanRecord plan, Set<String> members, MeshModes modes) {
    boolean all = plan.spec().target() == PlanSpec.Target.MESH;
    List<String> found = new ArrayList<>();
    for (NamespaceFacts facts : modes.snapshot().namespaces().values()) {
      boolean wanted = all || plan.exempt().containsKey(facts.name());
      if (wanted
          && !members.contains(facts.name())
          && !modes.snapshot().isRoot(facts.name())
          && !facts.terminating()
          && facts.capturedPods() > 0
          && !Planner.opensByDefault(facts.name())) {
        found.add(facts.name());
      }
    }
    return found;
  }

  /** Returns whether everything that the plan wanted is done. */
  public static boolean complete(
      PlanRecord plan, Map<StepKey, StepRecord> steps, MeshModes modes, Instant now) {
    for (StepRecord step : steps.values()) {
      if (audits(step)) {
        return false;
      }
      if (step.key().isMesh()) {
        if (step.phase() != Phase.LOCKED) {
          return false;
        }
      } else if (unsettled(step, modes)
          || (step.phase() == Phase.EXEMPT && !open(plan, step, modes))
          || !LockedHealth.closed(plan, step, modes, now).isEmpty()) {
        return false;
      }
    }
    return !steps.isEmpty()
        && (plan.spec().target() != PlanSpec.Target.MESH || steps.containsKey(StepKey.MESH));
  }

  /** Returns whether a namespace exists that the plan neither locked nor was told to leave. */
  public static boolean unsettled(StepRecord step, MeshModes modes) {
    return switch (step.phase()) {
      case LOCKED, EXEMPT, SKIPPED -> false;
      default -> step.key().isMesh() || modes.snapshot().namespace(step.key().namespace()) != null;
    };
  }

  /** Returns whether an exempt namespace has its own PERMISSIVE, where that was asked for. */
  public static boolean open(PlanRecord plan, StepRecord step, MeshModes modes) {
    return !step.asked()
        || modes.snapshot().namespace(step.key().namespace()) == null
        || Lockdown.exempt(modes, step.key().namespace(), plan.spec(), step.ledger()).done();
  }

  /** Returns whether the policy of the step's dry run may still exist. */
  private static boolean audits(StepRecord step) {
    DryRun run = step.dryRun();
    return run != null && run.there();
  }

  /** Returns whether no step is between two states. */
  public static boolean atRest(PlanRecord plan, Map<StepKey, StepRecord> steps, MeshModes modes) {
    for (StepRecord step : steps.values()) {
      if (step.phase().underWay() && !step.held()) {
        return false;
      }
      boolean toUndo = !step.ledger().isEmpty() && step.phase() != Phase.ROLLED_BACK;
      // An intent that has not happened and still could is checked further, but not waited for: the
      // process that had it may never continue.
      boolean owed = !plan.undoing() && step.phase() == Phase.EXEMPT && !open(plan, step, modes);
      if (step.request() != null || audits(step) || owed || (plan.undoing() && toUndo)) {
        return false;
      }
    }
    return true;
  }
}
