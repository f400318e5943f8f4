// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import java.time.Duration;
import java.time.Instant;

/**
 * Port: a source of traffic evidence. One call reads the whole mesh, so that a tick costs the same
 * few queries for ten namespaces as for ten thousand.
 */
public interface TrafficRecord {

  /** The port where nothing is measured: every namespace is unavailable. */
  TrafficRecord NOT_CONFIGURED = NotConfigured::new;

  /** Reads the source. Never throws for one that is down: all namespaces are then Unavailable. */
  TrafficReading read(Instant now, Duration window);

  /** A reading without a source. */
  record NotConfigured(Instant asOf, Duration window) implements TrafficReading {
    @Override
    public Evidence<NamespaceTraffic> of(String namespace) {
      return new Evidence.Unavailable<>(
          Evidence.Reason.NOT_CONFIGURED,
          "no source of traffic evidence is configured: set mtls-migration.prometheus.url");
    }
  }
}
