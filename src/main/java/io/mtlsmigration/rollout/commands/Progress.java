// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.commands;

import io.mtlsmigration.rollout.Phase;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The progress of a plan. Steps that were rolled back, exempt or skipped are not done; steps with
 * nothing to lock do not count.
 *
 * @param total number of steps with something to lock
 * @param done number of steps that are locked
 * @param eta null when it cannot be estimated
 */
public record Progress(
    int total, int done, Map<Phase, Integer> byPhase, int percent, @Nullable Duration eta) {
  public Progress {
    byPhase = Map.copyOf(byPhase);
  }
}
