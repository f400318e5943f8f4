// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import org.jspecify.annotations.Nullable;

/**
 * An approval that the plan waits for.
 *
 * @param subject a namespace, {@code wave:NAME} or {@code mesh}
 * @param impactHash hash of the present impact; null when it takes too long to compute on every
 *     request
 */
public record Awaited(String subject, @Nullable String impactHash) {}
