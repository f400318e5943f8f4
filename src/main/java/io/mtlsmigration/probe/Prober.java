package io.mtlsmigration.probe;

import io.mtlsmigration.mesh.Pod;
import java.time.Duration;

/** Port: makes probes from inside client pods. Blocking; called from virtual threads. */
public interface Prober {

  /** Never hangs beyond {@code timeout} by much; never throws for a failed probe. */
  ProbeResult probe(ProbeTarget target, Duration timeout);

  /** True when this pod can be used as a client (it is running and has what a probe needs). */
  boolean canProbeFrom(Pod pod);

  /** True when a probe has shown that this pod lacks the program that makes them. */
  default boolean lacksProgram(Pod pod) {
    return false;
  }
}
