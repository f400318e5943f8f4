package io.mtlsmigration.api;

import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.traffic.TrafficReading;
import java.time.Duration;
import java.util.List;

/**
 * The window to show traffic of when nobody names one: the widest that the source has watched for.
 * A fixed one would show nothing at all for as long after a start.
 */
final class TrafficWindows {

  private static final List<Duration> WIDEST_FIRST =
      List.of(
          Duration.ofHours(24),
          Duration.ofHours(6),
          Duration.ofHours(1),
          Duration.ofMinutes(15),
          Duration.ofMinutes(5),
          Duration.ofMinutes(1),
          Duration.ofSeconds(20),
          Duration.ofSeconds(5));

  private static final Latest<Observation, TrafficReading> LATEST =
      new Latest<>(TrafficWindows::read);

  private TrafficWindows() {}

  /** Of the widest window that is covered. */
  static TrafficReading widest(Observation observation) {
    return LATEST.of(observation);
  }

  private static TrafficReading read(Observation observation) {
    return TrafficReading.widest(
        WIDEST_FIRST, observation::traffic, reading -> tooWide(reading, observation));
  }

  private static boolean tooWide(TrafficReading reading, Observation observation) {
    return observation.modes().snapshot().namespaces().keySet().stream()
        .anyMatch(namespace -> reading.of(namespace).windowTooWide());
  }
}
