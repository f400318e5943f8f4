// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import java.time.Instant;
import java.util.List;

/**
 * The result of one gate.
 *
 * @param message a sentence that names the client or object that holds the gate, and what to do
 * @param evidence the facts behind the result, each in words that name the object or client; of
 *     many, the first and the number of the others
 */
public record GateResult(
    Gate gate,
    Result result,
    Reason reason,
    String message,
    List<String> evidence,
    Instant evaluatedAt) {

  public GateResult {
    message = SomeFacts.of(message);
    evidence = SomeFacts.of(evidence);
  }

  /** Returns whether it says this, whatever its evidence. */
  public boolean says(Result other, Reason why, String what) {
    return result == other && reason == why && message.equals(what);
  }

  /** The outcome of a gate. INCONCLUSIVE holds, as FAIL does; it never passes. */
  public enum Result {
    PASS,
    FAIL,
    INCONCLUSIVE
  }
}
