package io.mtlsmigration.traffic;

import java.time.Duration;
import java.time.Instant;

/**
 * Port: a source of traffic evidence. One call reads the whole mesh, so that a tick costs the same
 * few queries for ten namespaces and for ten thousand.
 */
public interface TrafficRecord {

  /** Never throws for a source that is down: every namespace is then Unavailable. */
  TrafficReading read(Instant now, Duration window);
}
