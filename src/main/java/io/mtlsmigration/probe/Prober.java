// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.probe;

import io.mtlsmigration.mesh.Pod;
import java.time.Duration;

/** Port: makes probes from inside client pods. Blocking; called from virtual threads. */
public interface Prober {

  /** Makes a probe. Ends soon after {@code timeout}; never throws for a failed probe. */
  ProbeResult probe(ProbeTarget target, Duration timeout);

  /**
   * Makes a probe that can be told apart from other traffic of its client.
   *
   * @param port the local port of a client without a proxy; 0 where its proxy chooses
   * @param ended called once when it is known that the probe no longer runs and will not begin any
   *     more: before the result, long after it, or never
   */
  default ProbeResult probe(ProbeTarget target, int port, Duration timeout, Runnable ended) {
    try {
      return probe(target, timeout);
    } finally {
      ended.run();
    }
  }

  /** Returns true when this pod can be a client: it runs and has what a probe needs. */
  boolean canProbeFrom(Pod pod);

  /** Returns true when a probe has shown that this pod lacks the program that makes them. */
  default boolean lacksProgram(Pod pod) {
    return false;
  }
}
