/**
 * Decisions about the next action for a step: before the lock, while it is made, verified, kept and
 * undone. All classes are pure except the {@link io.mtlsmigration.rollout.decisions.Journal}, which
 * keeps what was decided.
 */
@NullMarked
package io.mtlsmigration.rollout.decisions;

import org.jspecify.annotations.NullMarked;
