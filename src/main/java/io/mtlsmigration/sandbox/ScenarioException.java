// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.manifest.ManifestProblem;
import java.util.List;
import java.util.stream.Collectors;

/** Thrown when a scenario cannot be played. Carries every problem, file by file. */
public final class ScenarioException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient List<ManifestProblem> problems;

  ScenarioException(String message) {
    super(message);
    this.problems = List.of();
  }

  ScenarioException(String scenario, List<ManifestProblem> problems) {
    super(
        problems.stream()
            .map(p -> "  " + p)
            .collect(
                Collectors.joining("\n", "Scenario " + scenario + " cannot be played:\n", "")));
    this.problems = List.copyOf(problems);
  }

  /** Returns the problems with file, document and field; empty when the scenario is missing. */
  public List<ManifestProblem> problems() {
    return problems;
  }
}
