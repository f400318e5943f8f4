// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import java.time.Duration;
import java.time.Instant;

/** Has the same evidence of each namespace. */
record FixedReading(Instant asOf, Duration window, Evidence<NamespaceTraffic> evidence)
    implements TrafficReading {

  static TrafficRecord of(Evidence<NamespaceTraffic> evidence) {
    return (now, window) -> new FixedReading(now, window, evidence);
  }

  @Override
  public Evidence<NamespaceTraffic> of(String namespace) {
    return evidence;
  }
}
