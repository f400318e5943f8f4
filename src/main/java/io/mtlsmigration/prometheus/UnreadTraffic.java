// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import io.mtlsmigration.traffic.DirectCall;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.TrafficReading;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** A reading that knows nothing about any namespace. */
record UnreadTraffic(Instant asOf, Duration window, Evidence.Reason reason, String detail)
    implements TrafficReading {

  UnreadTraffic(Instant asOf, Duration window, String detail) {
    this(asOf, window, Evidence.Reason.SOURCE_DOWN, detail);
  }

  @Override
  public Evidence<NamespaceTraffic> of(String namespace) {
    return new Evidence.Unavailable<>(reason, detail);
  }

  @Override
  public Evidence<List<DirectCall>> direct() {
    return new Evidence.Unavailable<>(reason, detail);
  }
}
