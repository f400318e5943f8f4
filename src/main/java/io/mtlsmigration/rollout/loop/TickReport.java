// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.loop;

import java.util.List;

/**
 * The result of one tick.
 *
 * @param failures steps (and plans) that ended in an error; the others were not held up
 */
public record TickReport(
    int plans, int steps, int writes, int transitions, List<Failure> failures) {

  public TickReport {
    failures = List.copyOf(failures);
  }

  /**
   * An error that ended the processing of one step.
   *
   * @param plan empty when it is about what all plans have in common
   * @param subject a namespace, {@code mesh}, {@code openings} of all plans, or empty when it is
   *     about the plan itself
   */
  public record Failure(String plan, String subject, RuntimeException cause) {}
}
