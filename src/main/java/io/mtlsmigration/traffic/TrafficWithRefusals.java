// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import java.time.Duration;
import java.time.Instant;

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

  private static final class Joined extends CompletedReading {
    private final RefusalRecord record;
    private final Instant from;

    Joined(TrafficReading counted, RefusalRecord record, Instant from) {
      super(counted);
      this.record = record;
      this.from = from;
    }

    @Override
    public Refusals refusals(String namespace) {
      return record.since(namespace, from);
    }
  }
}
