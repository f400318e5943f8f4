// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.hooks;

import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.HookCaller;
import io.mtlsmigration.rollout.HookNotice;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.RolloutPorts;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.decisions.Journal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Tells hooks what has happened. Whatever the outcome, the step stays as it is: nothing is undone,
 * and nothing waits.
 */
public final class HookMessenger {

  private final RolloutPorts ports;
  private final Journal journal;
  private final PlanRecord plan;

  public HookMessenger(RolloutPorts ports, Journal journal, PlanRecord plan) {
    this.ports = ports;
    this.journal = journal;
    this.plan = plan;
  }

  /**
   * Tries each of the step's notices once. A notice is removed from the record only after the hook
   * has accepted it: it may be delivered twice, but is never lost.
   */
  public StepRecord deliver(StepRecord step) {
    if (step.notices().isEmpty() || !ports.leadership().leads()) {
      return step;
    }
    List<HookNotice> left = new ArrayList<>();
    List<Runnable> told = new ArrayList<>();
    for (HookNotice notice : step.notices()) {
      switch (ports.hooks().tell(HookQuestions.call(plan, step, notice))) {
        case HookCaller.Delivery.Delivered() -> told.add(() -> delivered(step, notice));
        case HookCaller.Delivery.Failed(var problem) ->
            told.add(() -> failed(step, notice, problem + "; it is not tried any more"));
        case HookCaller.Delivery.Pending(var problem) -> {
          // Only the first failure is recorded; the others are like it.
          boolean first = !problem.isEmpty() && notice.problem().isEmpty();
          left.add(first ? notice.withProblem(problem) : notice);
          if (first) {
            told.add(() -> failed(step, notice, problem + "; it is tried again"));
          }
        }
      }
    }
    if (told.isEmpty()) {
      return step;
    }
    StepRecord saved = ports.ledger().save(step.withNotices(left));
    told.forEach(Runnable::run);
    return saved;
  }

  private void delivered(StepRecord step, HookNotice notice) {
    tell(
        step,
        notice,
        Event.Type.HOOK_DELIVERED,
        Reason.HOOK_DELIVERED,
        notice.hook().host() + " has been told: " + Words.of(notice.phase()));
  }

  private void failed(StepRecord step, HookNotice notice, String problem) {
    tell(
        step,
        notice,
        Event.Type.HOOK_FAILED,
        Reason.HOOK_FAILED,
        "could not be told: " + Words.of(notice.phase()) + ": " + problem);
  }

  private void tell(
      StepRecord step, HookNotice notice, Event.Type type, Reason reason, String message) {
    journal.tell(
        step,
        type,
        reason,
        message,
        Map.of(
            "hook", notice.hook().host(), "when", notice.hook().when().name(), "id", notice.id()));
  }
}
