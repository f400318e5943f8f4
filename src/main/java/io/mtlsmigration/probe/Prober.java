package io.mtlsmigration.probe;

import java.time.Duration;

/** Port: makes probes from inside client pods. Blocking; called from virtual threads. */
public interface Prober {

  /** Never hangs beyond {@code timeout} by much; never throws for a failed probe. */
  ProbeResult probe(ProbeTarget target, Duration timeout);

  /** True when this pod can be used as a client (it is running and has what a probe needs). */
  boolean canProbeFrom(io.mtlsmigration.mesh.Pod pod);
}
