package io.mtlsmigration.traffic;

import java.time.Duration;
import java.time.Instant;

/**
 * Port: a source of traffic evidence. One call reads the whole mesh, so that a tick costs the same
 * few queries for ten namespaces and for ten thousand.
 */
public interface TrafficRecord {

  /** Where nobody measures: nothing is known of any namespace. */
  TrafficRecord NOT_CONFIGURED = NotConfigured::new;

  /** Never throws for a source that is down: every namespace is then Unavailable. */
  TrafficReading read(Instant now, Duration window);

  /** A reading of no source. */
  record NotConfigured(Instant asOf, Duration window) implements TrafficReading {
    @Override
    public Evidence<NamespaceTraffic> of(String namespace) {
      return new Evidence.Unavailable<>(
          Evidence.Reason.NOT_CONFIGURED,
          "no source of traffic evidence is configured: set mtls-migration.prometheus.url");
    }
  }
}
