// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** A reading that another source adds to: whatever is not overridden is the first one's. */
abstract class CompletedReading implements TrafficReading {

  final TrafficReading counted;

  CompletedReading(TrafficReading counted) {
    this.counted = counted;
  }

  @Override
  public Instant asOf() {
    return counted.asOf();
  }

  @Override
  public Duration window() {
    return counted.window();
  }

  @Override
  public Evidence<NamespaceTraffic> of(String namespace) {
    return counted.of(namespace);
  }

  @Override
  public Refusals refusals(String namespace) {
    return counted.refusals(namespace);
  }

  @Override
  public Evidence<List<DirectCall>> direct() {
    return counted.direct();
  }

  @Override
  public ConnectionRecord.Connections connections(String namespace) {
    return counted.connections(namespace);
  }

  @Override
  public void connectionsWanted(String namespace, boolean soon) {
    counted.connectionsWanted(namespace, soon);
  }
}
