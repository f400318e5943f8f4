// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.MeshSnapshot;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Maximum ages of facts and durations of operations. A real mesh needs the defaults; the sandbox,
 * whose stand-in proxies drain at once, needs seconds.
 *
 * @param observationAge decisions are only made on facts that are not older
 * @param evidenceAge traffic evidence that is older says nothing about now
 * @param probeAge a probe that is older says nothing about now
 * @param drain how long an old plaintext connection may live on after the switch (Istio: 45 s)
 * @param watchGap a longer pause between two ticks breaks the soak, because nobody watched
 * @param proofAge how long the answer to a dry-run write or a hook is kept
 * @param readBack how long a snapshot may lag behind the service's own writes
 * @param turns how long steps are processed in one tick; the remaining steps come first in the next
 *     one. Steps between two states do not wait: a rollback must not queue behind ten thousand
 *     records
 */
public record Limits(
    Duration observationAge,
    Duration evidenceAge,
    Duration probeAge,
    Duration drain,
    Duration watchGap,
    Duration proofAge,
    Duration readBack,
    Duration turns) {

  /** How far the clocks of this machine, of another replica and of the API server may be apart. */
  public static final Duration CLOCKS_APART = Duration.ofMinutes(1);

  /** Longer than a tick. */
  private static final Duration AHEAD = Duration.ofSeconds(30);

  public static final Limits DEFAULT =
      new Limits(
          Duration.ofSeconds(60),
          Duration.ofMinutes(2),
          Duration.ofMinutes(5),
          Duration.ofSeconds(45),
          Duration.ofMinutes(2),
          Duration.ofSeconds(30),
          Duration.ofSeconds(10),
          Duration.ofSeconds(5));

  /** Returns whether facts are too old to base a claim or a write on. */
  public boolean outdated(MeshSnapshot facts, Instant now) {
    return old(facts.observedAt(), observationAge, now);
  }

  /**
   * Returns whether what was known at a time says nothing about now: it is older than it may be, or
   * this process's clock was set back since, and nobody knows how old it is. Times that are seconds
   * ahead were read during the same tick.
   */
  public static boolean old(Instant asOf, Duration age, Instant now) {
    return asOf.plus(age).isBefore(now) || asOf.isAfter(now.plus(AHEAD));
  }

  /**
   * Returns whether something was not before an instant, for all that {@link #CLOCKS_APART} tells.
   */
  public static boolean since(@Nullable Instant at, Instant since) {
    return at != null && !at.isBefore(since.minus(CLOCKS_APART));
  }

  public Limits withDrain(Duration next) {
    return new Limits(
        observationAge, evidenceAge, probeAge, next, watchGap, proofAge, readBack, turns);
  }
}
