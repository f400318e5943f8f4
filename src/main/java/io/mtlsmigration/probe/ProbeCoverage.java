package io.mtlsmigration.probe;

/**
 * How much of the product of all clients and endpoints a round of probes covers.
 *
 * @param representative true when chosen clients stand for the others
 * @param probes how many probes the round is made of
 * @param whole how many the product would be; at least {@code probes}
 */
public record ProbeCoverage(boolean representative, int probes, long whole) {

  /** Of a round in which only named pairs are probed, or none has been yet. */
  public static ProbeCoverage of(int probes) {
    return new ProbeCoverage(false, probes, probes);
  }
}
