// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.probe;

/**
 * The share of all pairs of clients and endpoints that a round of probes covers.
 *
 * @param representative true when chosen clients stand for the others
 * @param probes number of probes in the round
 * @param whole number of all pairs; at least {@code probes}
 */
public record ProbeCoverage(boolean representative, int probes, long whole) {

  /** Returns the coverage of a round of named pairs only, or before the first round. */
  public static ProbeCoverage of(int probes) {
    return new ProbeCoverage(false, probes, probes);
  }
}
