// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.probe;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A round of probes on request.
 *
 * @param coverage number of probes to make, and what they stand for
 * @param cells results so far, in key order
 * @param endedAt null while it runs
 */
public record ProbeRun(
    String id,
    Instant startedAt,
    @Nullable Instant endedAt,
    ProbeCoverage coverage,
    List<Cell> cells) {
  public ProbeRun {
    cells = List.copyOf(cells);
  }

  /** Returns the number of probes to make. */
  public int total() {
    return coverage.probes();
  }

  public boolean done() {
    return endedAt != null;
  }
}
