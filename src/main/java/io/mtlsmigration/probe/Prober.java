package io.mtlsmigration.probe;

import io.mtlsmigration.mesh.Pod;
import java.time.Duration;

/** Port: makes probes from inside client pods. Blocking; called from virtual threads. */
public interface Prober {

  /** Never hangs beyond {@code timeout} by much; never throws for a failed probe. */
  ProbeResult probe(ProbeTarget target, Duration timeout);

  /**
   * The same, for a probe that is to be told from all else that its client does.
   *
   * @param port that a client without a proxy connects from; 0 where its proxy chooses
   * @param ended called once when it is known that the probe runs no more and will not begin any
   *     more: before the result, long after it, or never
   */
  default ProbeResult probe(ProbeTarget target, int port, Duration timeout, Runnable ended) {
    try {
      return probe(target, timeout);
    } finally {
      ended.run();
    }
  }

  /** True when this pod can be used as a client (it is running and has what a probe needs). */
  boolean canProbeFrom(Pod pod);

  /** True when a probe has shown that this pod lacks the program that makes them. */
  default boolean lacksProgram(Pod pod) {
    return false;
  }
}
