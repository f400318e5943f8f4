package io.mtlsmigration.rollout;

import java.time.Instant;

/**
 * A person's consent, bound to what was shown.
 *
 * @param subject a namespace, {@code wave:NAME} or {@code mesh}
 * @param generation of the plan when it was given
 * @param impactHash of the impact that was shown; a changed impact voids it
 */
public record Approval(
    String subject, String by, Instant at, String comment, long generation, String impactHash) {}
