package io.mtlsmigration.sandbox;

import io.mtlsmigration.manifest.ManifestProblem;
import java.util.List;
import java.util.stream.Collectors;

/** A scenario that cannot be played. Carries everything that is wrong with it, file by file. */
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

  /** Each with file, document and field; empty when the scenario as a whole is not there. */
  public List<ManifestProblem> problems() {
    return problems;
  }
}
