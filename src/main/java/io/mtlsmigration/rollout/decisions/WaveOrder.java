package io.mtlsmigration.rollout.decisions;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.MeshModes;
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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where the steps of one plan stand to each other: waves, the mesh step, the end. Pure. */
public final class WaveOrder {

  private WaveOrder() {}

  /** Nothing that comes later waits for it. */
  public static boolean settled(@Nullable StepRecord step, MeshModes modes, String namespace) {
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
    NamespaceFacts facts = modes.snapshot().namespace(namespace);
    return facts == null || facts.capturedPods() == 0;
  }

  /** Members of the first wave that is not settled, and of all before it. */
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
    return open;
  }

  /** Every namespace that has or will have captured pods, as mesh-wide STRICT would find it. */
  public static MeshReadiness readiness(
      PlanRecord plan, Map<StepKey, StepRecord> steps, MeshModes modes) {
    Set<String> locked = new HashSet<>();
    Set<String> exempt = new HashSet<>();
    List<MeshReadiness.Open> open = new ArrayList<>();
    for (NamespaceFacts facts : modes.snapshot().namespaces().values()) {
      StepRecord step = steps.get(new StepKey(facts.name()));
      // In a wave because it had captured pods: scaled to zero tonight, it has them in the morning.
      boolean planned = step != null && step.phase() != Phase.EXEMPT;
      if (modes.snapshot().isRoot(facts.name()) || !(facts.captures() || planned)) {
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
   * Namespaces that mesh-wide STRICT has reached unprepared: born, or captured, between the last
   * look and the write, without a policy of their own.
   */
  public static List<String> newborn(StepRecord mesh, MeshReadiness others, MeshModes modes) {
    List<String> found = new ArrayList<>();
    for (MeshReadiness.Open open : others.open()) {
      NamespaceFacts facts = modes.snapshot().namespace(open.namespace());
      if (facts != null && older(facts, mesh) && !policy(modes, open.namespace())) {
        found.add(open.namespace());
      }
    }
    return found;
  }

  private static boolean policy(MeshModes modes, String namespace) {
    return modes.namespace(namespace).namespacePolicy().map(PeerAuthentication::ref).isPresent();
  }

  /** Pods that came after the write have never known anything but STRICT. */
  private static boolean older(NamespaceFacts facts, StepRecord mesh) {
    java.time.Instant written = mesh.lastWrite();
    for (Pod pod : facts.pods()) {
      if (!pod.terminated()
          && pod.dataPlane().captured()
          && written != null
          && !pod.createdAt().isAfter(written)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Namespaces that the plan should have and has in no wave: those of a mesh plan that have
   * appeared since the waves were computed, and those that had nothing captured then.
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

  /** Everything that the plan wanted is so. */
  public static boolean complete(PlanRecord plan, Map<StepKey, StepRecord> steps, MeshModes modes) {
    for (StepRecord step : steps.values()) {
      if (audits(step)) {
        return false;
      }
      if (step.key().isMesh()) {
        if (step.phase() != Phase.LOCKED) {
          return false;
        }
      } else if (unsettled(step, modes)
          || (step.phase() == Phase.EXEMPT && !open(plan, step, modes))) {
        return false;
      }
    }
    return !steps.isEmpty()
        && (plan.spec().target() != PlanSpec.Target.MESH || steps.containsKey(StepKey.MESH));
  }

  /** A namespace that is there and that the plan has neither locked nor been told to leave. */
  public static boolean unsettled(StepRecord step, MeshModes modes) {
    return switch (step.phase()) {
      case LOCKED, EXEMPT, SKIPPED -> false;
      default -> step.key().isMesh() || modes.snapshot().namespace(step.key().namespace()) != null;
    };
  }

  /** Whether an exempt namespace says PERMISSIVE itself, where that was asked for. */
  public static boolean open(PlanRecord plan, StepRecord step, MeshModes modes) {
    return !step.asked()
        || modes.snapshot().namespace(step.key().namespace()) == null
        || Lockdown.exempt(modes, step.key().namespace(), plan.spec(), step.ledger()).done();
  }

  /** The policy of its dry run may still be there. */
  private static boolean audits(StepRecord step) {
    DryRun run = step.dryRun();
    return run != null && run.there();
  }

  /** No step is between two states any more. */
  public static boolean atRest(PlanRecord plan, Map<StepKey, StepRecord> steps, MeshModes modes) {
    for (StepRecord step : steps.values()) {
      switch (step.phase()) {
        case ROLLING_BACK, LOCKING, VERIFYING -> {
          if (!step.held()) {
            return false;
          }
        }
        default -> {
          // at rest
        }
      }
      boolean toUndo = !step.ledger().isEmpty() && step.phase() != Phase.ROLLED_BACK;
      // An intent that has not happened and still could keeps being looked at, but cannot be waited
      // for: nobody knows whether the process that had it will ever go on.
      boolean owed = !plan.undoing() && step.phase() == Phase.EXEMPT && !open(plan, step, modes);
      if (step.request() != null || audits(step) || owed || (plan.undoing() && toUndo)) {
        return false;
      }
    }
    return true;
  }
}
