package io.mtlsmigration.traffic;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Joins what is counted with what is refused. A refusal is positive evidence and counts also while
 * the counts are not to be had: the reading is then one that ended long ago, with the refusals in
 * it, so that no gate takes it for fresh and verification still sees the harm.
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

  private record Joined(TrafficReading counts, RefusalRecord refusals, Instant from)
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
      Evidence<NamespaceTraffic> counted = counts.of(namespace);
      List<Refusal> refused = refusals.since(namespace, from);
      if (refused.isEmpty()) {
        return counted;
      }
      return switch (counted) {
        case Evidence.Measured<NamespaceTraffic>(var traffic, var asOf) ->
            new Evidence.Measured<>(with(traffic, refused), asOf);
        case Evidence.NoSamples<NamespaceTraffic>(var asOf, var detail) ->
            new Evidence.Measured<>(alone(refused), asOf);
        case Evidence.Unavailable<NamespaceTraffic>(var reason, var detail) ->
            new Evidence.Measured<>(alone(refused), Instant.EPOCH);
      };
    }

    @Override
    public Evidence<List<DirectCall>> direct() {
      return counts.direct();
    }

    private static NamespaceTraffic alone(List<Refusal> refused) {
      return new NamespaceTraffic(List.of(), refused, 0, 0);
    }

    private static NamespaceTraffic with(NamespaceTraffic traffic, List<Refusal> refused) {
      List<Refusal> all = new ArrayList<>(traffic.refusals());
      all.addAll(refused);
      return new NamespaceTraffic(
          traffic.edges(), all, traffic.clientRequests(), traffic.clientFailures());
    }
  }
}
