package io.mtlsmigration.hazard;

import java.util.List;

/**
 * An entry of the catalogue: what a rule looks for, whatever the mesh.
 *
 * @param severity the highest that the rule gives
 * @param title a few words
 * @param happens what happens to people who go on regardless
 * @param remedy what to do
 * @param silentWhen what looks like this hazard and is none
 * @param issues numbers of issues and pull requests of {@code istio/istio}
 */
public record Hazard(
    HazardCode code,
    Severity severity,
    String title,
    String happens,
    String remedy,
    String silentWhen,
    List<Integer> issues) {

  public Hazard {
    issues = List.copyOf(issues);
  }

  /** Addresses of {@link #issues}. */
  public List<String> references() {
    return issues.stream().map(n -> "https://github.com/istio/istio/issues/" + n).toList();
  }
}
