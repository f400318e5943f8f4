// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import java.time.Instant;

/**
 * A person's approval, bound to what was shown.
 *
 * @param subject a namespace, {@code wave:NAME} or {@code mesh}
 * @param generation the plan's generation when the approval was given
 * @param attempt the step's attempt when the approval was given, see {@link StepRecord#attempt}; 0
 *     for a wave as such
 * @param impactHash the hash of the impact that was shown; a changed impact voids the approval
 */
public record Approval(
    String subject,
    String by,
    Instant at,
    String comment,
    long generation,
    int attempt,
    String impactHash) {}
