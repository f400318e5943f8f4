// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.decisions;

import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mtls.EffectiveMode;
import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.Lockdown;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.plan.PolicyWrites;
import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import io.mtlsmigration.plan.ScopeModes;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.ProxySync;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.WriteLedger;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Decides how a step is undone: writes are taken back in reverse order, until clients notice. Pure.
 */
public final class RollbackDecision {

  private RollbackDecision() {}

  /** Returns the move that undoes the step because the whole plan is being undone. */
  static Decision.@Nullable Move undo(StepContext view) {
    StepRecord step = view.step();
    if (step.phase() == Phase.ROLLING_BACK || !view.turn()) {
      return null;
    }
    boolean ours = step.ledger().isEmpty() ? offered(view) : left(view);
    return ours
        ? new Decision.Move(
            RolloutEvent.ROLLBACK_ASKED, Reason.REQUESTED, "the plan is being undone")
        : null;
  }

  /**
   * Returns whether an offered manifest is in force; it is taken back where it is kept. The
   * exemption of what was locked has opened nothing before that is applied, too.
   */
  private static boolean offered(StepContext view) {
    StepRecord step = view.step();
    boolean unopened =
        step.phase() == Phase.EXEMPT
            && step.asked()
            && view.plan().endedAt() == null
            && GatedDecision.applied(view);
    return view.manifest() && !step.found() && (locked(step.phase()) || unopened);
  }

  /**
   * Returns whether writes of the step are left to take back. Once the plan has ended, a policy
   * that somebody makes STRICT again is theirs, though it looks like what the plan had left: only a
   * write of ours that was found since is taken back.
   */
  private static boolean left(StepContext view) {
    boolean busy = view.plan().endedAt() == null || view.wroteInThisPhase();
    return view.step().phase() != Phase.ROLLED_BACK
        || (busy && !undoing(view, own(view.step(), view.snapshot())).done());
  }

  /**
   * Returns the writes that a rollback takes back. After one that is done, a policy whose mode
   * somebody else has set is not among them, not even for a clean-up.
   */
  public static List<LedgerEntry> own(StepRecord step, MeshSnapshot snapshot) {
    return step.phase() != Phase.ROLLED_BACK
        ? step.ledger()
        : step.ledger().stream()
            .filter(entry -> !OwnPolicies.taken(WriteLedger.find(snapshot, entry.ref())))
            .toList();
  }

  public static boolean locked(Phase phase) {
    return phase == Phase.LOCKING
        || phase == Phase.VERIFYING
        || phase == Phase.LOCKED
        || phase == Phase.DRIFTED;
  }

  private static PolicyWrites undoing(StepContext view) {
    return undoing(view, view.step().ledger());
  }

  private static PolicyWrites undoing(StepContext view, List<LedgerEntry> ledger) {
    boolean cleanup = view.plan().phase() == PlanPhase.CLEANED_UP;
    StepRecord step = view.step();
    // Only a person can return a server to DISABLE, where mutual TLS is refused.
    boolean person = step.asked() || view.undoing();
    return Lockdown.undo(
        view.modes(),
        ledger,
        cleanup ? PolicyChange.Purpose.CLEANUP : PolicyChange.Purpose.ROLLBACK,
        person);
  }

  /**
   * Returns whether the namespaces of a plan that is undone may be opened, as far as its mesh step
   * is concerned: nothing STRICT is left for it to take back, or that is for others to do. Neither
   * proxies nor probes nor a policy of somebody else keep a namespace closed: under a STRICT mesh
   * it gets a PERMISSIVE of its own.
   */
  public static boolean makesWay(StepContext mesh) {
    StepRecord step = mesh.step();
    if (step.ledger().isEmpty() || step.phase() == Phase.ROLLED_BACK) {
      return true;
    }
    if (step.phase() != Phase.ROLLING_BACK) {
      return false;
    }
    PolicyWrites left = undoing(mesh);
    return mesh.seen()
        ? left.changes().isEmpty() || ScopeModes.disables(mesh.modes(), left.changes().getFirst())
        : unreadable(left).isPresent();
  }

  static Decision rollingBack(StepContext view) {
    if (view.manifest() && view.step().ledger().isEmpty()) {
      return takenBack(view);
    }
    PolicyWrites left = undoing(view);
    if (!view.seen()) {
      // Nor does the API server confirm what cannot be read.
      return unreadable(left)
          .map(RollbackDecision::obstructed)
          .orElseGet(() -> new Decision.Stay("waits until its write shows in the mesh"));
    }
    if (!left.obstacles().isEmpty()) {
      return obstructed(left.obstacles().getFirst());
    }
    // Also for writes that others have taken back: a proxy may still follow them.
    boolean lagging = !view.step().ledger().isEmpty() && !view.synced();
    if (!left.changes().isEmpty()) {
      PolicyChange next = left.changes().getFirst();
      Decision.Stay settling =
          ScopeModes.disables(view.modes(), next) ? settling(view, left) : null;
      if (settling != null) {
        return settling;
      }
      // The rollback does not wait for a proxy that may never answer.
      return lagging && view.wroteInThisPhase() && view.draining()
          ? new Decision.Stay("waits until every proxy has the last write")
          : new Decision.Write(next);
    }
    List<String> notes = notes(view, left);
    return lagging || view.wroteInThisPhase() ? felt(view, lagging, notes) : undone(notes);
  }

  /**
   * Returns what was left as it is, or why STRICT stays in force: somebody may have written a
   * policy since the lock, which changed nothing then.
   */
  private static List<String> notes(StepContext view, PolicyWrites left) {
    return left.notes().isEmpty() ? stillStrict(view) : left.notes();
  }

  private static Optional<Obstacle> unreadable(PolicyWrites left) {
    return left.obstacles().stream()
        .filter(obstacle -> obstacle.kind() == Obstacle.Kind.UNREADABLE_POLICY)
        .findFirst();
  }

  private static Decision obstructed(Obstacle obstacle) {
    return new Decision.Stay(obstacle.message());
  }

  /**
   * Returns what DISABLE waits for: a proxy that goes from STRICT to it at once refuses each client
   * that has not followed yet, and so does a connection that is older than PERMISSIVE. Null when
   * nothing is left to wait for.
   */
  private static Decision.@Nullable Stay settling(StepContext view, PolicyWrites left) {
    boolean followed =
        view.synced()
            || (view.context().sync() instanceof ProxySync.Status.Differs differs
                && differs.endsWith(left));
    if (!followed) {
      return new Decision.Stay(
          "is open, and DISABLE as before comes back when every proxy knows: "
              + view.awaited()
              + "; restart or delete a pod that never follows");
    }
    return view.settling()
        ? new Decision.Stay(
            "is open, and DISABLE as before comes back when connections from before have drained")
        : null;
  }

  /** Returns the step with the calls that are known to be refused since it was undone. */
  public static StepRecord kept(StepContext view) {
    return RollbackVerification.kept(view.context());
  }

  /** Decides about a manifest that others have to take back where they keep it. */
  private static Decision takenBack(StepContext view) {
    if (view.context().stale()) {
      return new Decision.Stay("waits for a fresh view of the mesh");
    }
    // The mesh-wide policy is not for this namespace's owner to take back.
    boolean strict =
        view.isMesh()
            ? view.strict()
            : Stream.concat(view.deciding().stream(), applied(view))
                .anyMatch(policy -> policy.spec().mode() == MtlsMode.STRICT);
    return strict
        ? new Decision.Stay("waits until the manifest is taken back where it is kept")
        : felt(view, !view.synced(), stillStrict(view));
  }

  /**
   * Returns the policies of exceptions, as the manifest has them: on ambient they are STRICT
   * themselves. One that was STRICT before goes on to be, without the port that they open.
   */
  private static Stream<PeerAuthentication> applied(StepContext view) {
    Instant began = view.plan().startedAt();
    return view.facts().peerAuthentications().stream()
        .filter(policy -> began != null && policy.meta().specChangedAt().isAfter(began))
        .filter(policy -> !policy.spec().selector().isEmpty() && !OwnPolicies.owned(policy))
        .filter(
            policy ->
                view.plan().spec().exceptions().stream()
                    .filter(open -> open.namespace().equals(view.facts().name()))
                    .anyMatch(open -> opens(policy.spec(), open)));
  }

  private static boolean opens(PeerAuthentication.Spec spec, PlanSpec.PolicyException exception) {
    boolean meant =
        LabelSelector.containsAll(spec.selector(), exception.selector())
            || LabelSelector.containsAll(exception.selector(), spec.selector());
    return meant
        && exception.port() != null
        && spec.portModes().get(exception.port()) == MtlsMode.PERMISSIVE;
  }

  /** Returns a sentence for each policy that still refuses clients of the namespace. */
  private static List<String> stillStrict(StepContext view) {
    if (view.isMesh()) {
      return List.of();
    }
    NamespaceModes modes = view.modes().namespace(view.facts().name());
    Set<String> deciders = new TreeSet<>();
    Stream.concat(
            Stream.of(modes.mode()),
            view.facts().pods().stream()
                .filter(pod -> !pod.terminated() && pod.dataPlane().captured())
                .map(modes::of))
        .forEach(mode -> strict(mode, deciders));
    return deciders.stream().map(ref -> "STRICT stays in force by " + ref).toList();
  }

  private static void strict(EffectiveMode mode, Set<String> deciders) {
    if (mode.mode() == MtlsMode.STRICT) {
      deciders.add(String.valueOf(mode.decidedBy()));
    }
    if (mode.ports().containsValue(MtlsMode.STRICT)) {
      deciders.add(String.valueOf(mode.portsDecidedBy()));
    }
  }

  /** A step is undone when clients notice, not when it is stored. */
  private static Decision felt(StepContext view, boolean lagging, List<String> notes) {
    if (lagging) {
      return new Decision.Stay("is taken back; " + view.awaited());
    }
    RollbackVerification.Verdict felt = RollbackVerification.of(view.context());
    return felt.waitsFor() == null
        ? undone(notes, felt.note())
        : new Decision.Stay("is taken back, but " + felt.waitsFor());
  }

  private static Decision undone(List<String> notes) {
    return undone(notes, "");
  }

  /** Reports the policies that were left as they are, which differ from the state before. */
  private static Decision undone(List<String> notes, String known) {
    return new Decision.Move(
        RolloutEvent.UNDONE,
        Reason.UNDONE,
        (notes.isEmpty()
                ? "the previous modes are in force again"
                : "what was written is taken back, but " + Words.list(notes))
            + known);
  }
}
