// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.backtest;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer about one namespace.
 *
 * @param message a sentence
 * @param gateOpensAt when its plaintext gate alone would have passed, whatever its wave, at the
 *     latest; null when that is not known to have happened
 * @param opensAt when it would have been locked, at the latest, as far as history can judge; null
 *     unless the outcome is OPENS
 * @param mayOpenAt before this it would not have been locked, whatever is not known; null when it
 *     would not have been at all, or was left out
 * @param refused whom the lock would have refused, in the order of first calls; empty unless the
 *     outcome is OPENS
 * @param unknown times within the range, and the window before it, whose silence is not known
 * @param knownFrom since when anything is known; null when nothing is
 */
public record Member(
    String namespace,
    String wave,
    Outcome outcome,
    Cause cause,
    String message,
    @Nullable Instant gateOpensAt,
    @Nullable Instant opensAt,
    @Nullable Instant mayOpenAt,
    List<RefusedClient> refused,
    List<UnknownTime> unknown,
    @Nullable Instant knownFrom) {

  public Member {
    refused = List.copyOf(refused);
    unknown = List.copyOf(unknown);
  }

  /** The fate that a namespace would have had. */
  public enum Outcome {
    /** It would have been locked. */
    OPENS,
    /** It would not have been locked, whatever is not known. */
    STAYS_SHUT,
    /** History cannot tell. */
    UNKNOWN,
    /** The plan leaves it as it is. */
    LEFT_OPEN
  }

  /** The cause of an outcome. */
  public enum Cause {
    /** Nobody called for the whole window. */
    SILENCE,
    /** Somebody called within each window. */
    PLAINTEXT_CLIENTS,
    /** A wave before did not end, or is not known to have ended. */
    EARLIER_WAVE,
    /** No silence was long enough for soak, or reached into a change window. */
    SOAK_OR_CHANGE_WINDOW,
    /** A silence that would be long enough is not known. */
    EVIDENCE_MISSING,
    /** Silences are known to the hour, which is too coarse for this window. */
    RESOLUTION,
    /** A person exempted or skipped it. */
    LEFT_BY_PERSON
  }
}
