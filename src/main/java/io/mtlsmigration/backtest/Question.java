// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.backtest;

import io.mtlsmigration.plan.PlanSpec;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * The question that a backtest answers.
 *
 * @param from a whole hour, at which the plan would have been started
 * @param to a whole hour after that
 * @param waves names and namespaces, in order; all namespaces are subjects
 */
public record Question(
    PlanSpec spec, Instant from, Instant to, List<Part> waves, Map<String, Subject> subjects) {

  public Question {
    waves = List.copyOf(waves);
    subjects = Map.copyOf(subjects);
  }

  /** A wave, or the part of it that is asked about. */
  public record Part(String wave, List<String> namespaces) {
    public Part {
      namespaces = List.copyOf(namespaces);
    }
  }
}
