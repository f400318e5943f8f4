// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import java.time.Instant;
import java.util.Map;

/**
 * An event in the history of a plan.
 *
 * @param id assigned by the ledger; increases
 * @param subject a namespace, {@code mesh}, or empty when the event is about the plan itself
 * @param type such as {@code PHASE_CHANGED}, {@code POLICY_WRITTEN}, {@code APPROVED}
 * @param from the phase before, empty when no phase changed
 * @param to the phase after, empty when no phase changed
 * @param actor a person's name, or {@code mtls-migration}
 * @param evidence names and figures behind the event; of many, some and the number of the others
 */
public record Event(
    long id,
    Instant at,
    String plan,
    String subject,
    Type type,
    String from,
    String to,
    Reason reason,
    String message,
    String actor,
    Map<String, String> evidence) {

  public Event {
    message = SomeFacts.of(message);
    evidence = SomeFacts.of(evidence);
  }

  /** Returns the event with the id that the ledger has assigned. */
  public Event withId(long next) {
    return new Event(next, at, plan, subject, type, from, to, reason, message, actor, evidence);
  }

  /** The kind of an event. */
  public enum Type {
    PLAN_CHANGED,
    PHASE_CHANGED,
    GATE_CHANGED,
    POLICY_WRITTEN,
    WRITE_FAILED,
    APPROVED,
    OVERRIDDEN,
    REQUESTED,
    DRIFT_FOUND,
    HOOK_DELIVERED,
    HOOK_FAILED,
    RATCHET_LIFTED
  }
}
