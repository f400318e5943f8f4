package io.mtlsmigration.traffic;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Joins what one source counts with what another one tells of refusals. Neither changes what the
 * other one says: counts that are not to be had stay unavailable however many were refused.
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
    public Evidence<List<DirectCall>> direct() {
      return counts.direct();
    }
  }
}
