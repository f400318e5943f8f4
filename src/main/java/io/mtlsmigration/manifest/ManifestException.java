// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Thrown when a source could not be read as Kubernetes manifests. Carries every problem found. */
public final class ManifestException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final transient List<ManifestProblem> problems;

  public ManifestException(List<ManifestProblem> problems) {
    super(problems.stream().map(ManifestProblem::toString).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  /** Returns the problems, at least one, in the order in which they were found. */
  public List<ManifestProblem> problems() {
    return problems;
  }

  /** Returns whether each document that has a problem is none that anybody could mean to apply. */
  public boolean ofNoObject() {
    Set<Integer> moot =
        problems.stream()
            .filter(ManifestProblem::ofNoObject)
            .map(ManifestProblem::document)
            .collect(Collectors.toSet());
    return problems.stream().allMatch(problem -> moot.contains(problem.document()));
  }
}
