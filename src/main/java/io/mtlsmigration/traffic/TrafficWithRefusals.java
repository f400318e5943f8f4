// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Combines counts of one source with refusals of another. Neither changes the other: unavailable
 * counts stay unavailable however many connections were refused.
 */
public final class TrafficWithRefusals implements TrafficRecord {

  private final TrafficRecord counts;
  private final RefusalRecord refusals;

  public TrafficWithRefusals(TrafficRecord counts, RefusalRecord refusals) {
    this.counts = counts;
    this.refusals = refusals;
  }

  @Override
  public TrafficReading read(Instant now, Duration window) {
    TrafficReading reading = counts.read(now, window);
    return new Joined(reading, refusals, now.minus(window));
  }

  private record Joined(TrafficReading counts, RefusalRecord record, Instant from)
      implements TrafficReading {

    @Override
    public Instant asOf() {
      return counts.asOf();
    }

    @Override
    public Duration window() {
      return counts.window();
    }

    @Override
    public Evidence<NamespaceTraffic> of(String namespace) {
      return counts.of(namespace);
    }

    @Override
    public Refusals refusals(String namespace) {
      return record.since(namespace, from);
    }

    @Override
    public ConnectionRecord.Connections connections(String namespace) {
      return counts.connections(namespace);
    }

    @Override
    public void connectionsWanted(String namespace, boolean soon) {
      counts.connectionsWanted(namespace, soon);
    }

    @Override
    public Evidence<List<DirectCall>> direct() {
      return counts.direct();
    }
  }
}
