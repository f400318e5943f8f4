// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import io.mtlsmigration.rollout.Reason;
import java.time.Instant;

/**
 * One reason for waiting.
 *
 * @param subject a namespace or {@code mesh}
 * @param gate lower-case name of the gate, or what else the plan waits for
 */
public record Waiting(String subject, String gate, Reason reason, String message, Instant since) {}
