// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import java.util.List;

/**
 * An entry of the catalogue: the description of a rule, independent of the mesh.
 *
 * @param severity the highest that the rule gives
 * @param title a few words
 * @param happens the consequences for people who proceed regardless
 * @param remedy what to do
 * @param silentWhen situations that look like this hazard and are not
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

  /** Returns the addresses of {@link #issues}. */
  public List<String> references() {
    return issues.stream().map(n -> "https://github.com/istio/istio/issues/" + n).toList();
  }
}
