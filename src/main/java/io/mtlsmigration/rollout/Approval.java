package io.mtlsmigration.rollout;

import java.time.Instant;

/**
 * A person's consent, bound to what was shown.
 *
 * @param subject a namespace, {@code wave:NAME} or {@code mesh}
 * @param generation of the plan when it was given
 * @param attempt of the step when it was given, see {@link StepRecord#attempt}; 0 for a wave as
 *     such
 * @param impactHash of the impact that was shown; a changed impact voids it
 */
public record Approval(
    String subject,
    String by,
    Instant at,
    String comment,
    long generation,
    int attempt,
    String impactHash) {}
