// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The times for which a plan looks before and after a lock: the parts of its spec that are lengths
 * of evidence.
 *
 * @param plaintextWindow the time without any plaintext
 * @param soak the time for which all gates must have held without a break
 * @param audit length of the dry run of STRICT; null = none
 * @param verificationDuration the time for which a locked namespace is watched
 */
public record PlanWindows(
    Duration plaintextWindow,
    Duration soak,
    @Nullable Duration audit,
    Duration verificationDuration) {

  public static PlanWindows of(PlanSpec spec) {
    return new PlanWindows(
        spec.gates().plaintextWindow(),
        spec.gates().soak(),
        spec.gates().audit(),
        spec.verification().duration());
  }

  /** Returns a copy of a spec with these windows. */
  public PlanSpec in(PlanSpec spec) {
    PlanSpec.Gates gates = spec.gates();
    PlanSpec.Verification verification = spec.verification();
    return spec.with(
        new PlanSpec.Gates(
            plaintextWindow,
            gates.noSamples(),
            soak,
            gates.probes(),
            audit,
            gates.approval(),
            gates.changeWindows(),
            gates.hooks()),
        new PlanSpec.Verification(
            verificationDuration,
            verification.maxRefusals(),
            verification.maxClientFailureRatio(),
            verification.ignoreClients()));
  }
}
