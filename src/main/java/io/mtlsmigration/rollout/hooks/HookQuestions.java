// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.hooks;

import io.mtlsmigration.plan.Digest;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.HookCall;
import io.mtlsmigration.rollout.HookNotice;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.decisions.Decision;
import io.mtlsmigration.rollout.decisions.RolloutEvent;
import io.mtlsmigration.rollout.gates.GateContext;
import io.mtlsmigration.rollout.gates.HookCheck;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Builds the questions and messages for hooks. Pure. */
public final class HookQuestions {

  /** The number of hex digits of SHA-256 that are used: as long as a UUID. */
  private static final int ID_DIGITS = 32;

  private HookQuestions() {}

  /** Returns the questions to a step's hooks before it is locked, one for each hook. */
  public static List<HookCall> before(GateContext context) {
    List<HookCall> calls = new ArrayList<>();
    PlanRecord plan = context.plan();
    StepRecord step = context.step();
    Instant at = since(context);
    List<HookCall.Change> objects =
        context.writes().changes().stream().map(HookCall.Change::of).toList();
    // A new readiness is a new question, and so are other writes: no answer of before is theirs.
    String about = about(plan.generation(), step.attempt(), objects);
    for (PlanSpec.Hook hook : HookCheck.before(context.spec())) {
      calls.add(
          new HookCall(
              hook,
              id(plan, step, hook, about, at),
              new HookCall.Origin(plan.name(), plan.uid(), plan.generation(), step.key()),
              step.phase(),
              Reason.GATES_HOLD,
              "every other gate holds",
              at,
              objects));
    }
    return calls;
  }

  /** Returns since when the gates hold; a write from DISABLE does not wait for them. */
  private static Instant since(GateContext context) {
    Instant held = context.step().heldSince();
    Instant started = context.plan().startedAt();
    if (held != null) {
      return held;
    }
    return started == null ? context.plan().createdAt() : started;
  }

  /**
   * Returns the notices to hooks about a change of phase.
   *
   * @param step the step before the change, with everything that it had written
   */
  public static List<HookNotice> after(
      PlanRecord plan, StepRecord step, Phase to, Decision.Move move, Instant at) {
    PlanSpec.Hook.When when = when(to, move.event());
    List<HookNotice> notices = new ArrayList<>();
    for (PlanSpec.Hook hook : plan.spec().gates().hooks()) {
      if (hook.when() == when) {
        notices.add(
            new HookNotice(
                id(plan, step, hook, to.name(), at),
                hook,
                plan.generation(),
                to,
                move.reason(),
                move.message(),
                at,
                step.ledger().stream().map(HookCall.Change::of).toList(),
                ""));
      }
    }
    return notices;
  }

  private static PlanSpec.Hook.@Nullable When when(Phase to, RolloutEvent event) {
    return switch (to) {
      // A recovery from drift is not reported again: the lock was.
      case LOCKED -> event == RolloutEvent.RECOVERED ? null : PlanSpec.Hook.When.AFTER_LOCK;
      case ROLLED_BACK -> PlanSpec.Hook.When.AFTER_ROLLBACK;
      default -> null;
    };
  }

  static HookCall call(PlanRecord plan, StepRecord step, HookNotice notice) {
    return new HookCall(
        notice.hook(),
        notice.id(),
        new HookCall.Origin(plan.name(), plan.uid(), notice.generation(), step.key()),
        notice.phase(),
        notice.reason(),
        notice.message(),
        notice.at(),
        notice.objects());
  }

  private static String about(long generation, int attempt, List<HookCall.Change> objects) {
    Digest digest = new Digest();
    digest.line(generation, attempt);
    for (HookCall.Change change : objects) {
      digest.line(
          change.ref(),
          change.purpose(),
          Digest.words(change.before()),
          Digest.words(change.after()));
    }
    return digest.hex();
  }

  private static String id(
      PlanRecord plan, StepRecord step, PlanSpec.Hook hook, String what, Instant at) {
    Digest digest = new Digest();
    digest.line(plan.uid(), step.key(), step.namespaceUid(), hook.when(), hook.url(), what, at);
    return digest.hex().substring(0, ID_DIGITS);
  }
}
