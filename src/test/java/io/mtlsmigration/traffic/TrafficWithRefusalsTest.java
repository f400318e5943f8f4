// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class TrafficWithRefusalsTest {

  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final Duration WINDOW = Duration.ofMinutes(10);
  private static final Refusals REFUSED =
      new Refusals.Read(
          List.of(
              new Refusal(
                  NOW,
                  Caller.UNKNOWN,
                  new WorkloadRef("foo", "Deployment", "httpbin"),
                  8080,
                  false)),
          Instant.EPOCH,
          NOW);

  static Stream<Arguments> evidence() {
    return Stream.of(
        argumentSet(
            "measured", new Evidence.Measured<>(new NamespaceTraffic(List.of(), 7, 1), NOW)),
        argumentSet("no samples", new Evidence.NoSamples<NamespaceTraffic>(NOW, "")),
        argumentSet(
            "counts not to be had",
            new Evidence.Unavailable<NamespaceTraffic>(Evidence.Reason.SOURCE_DOWN, "")));
  }

  @ParameterizedTest
  @MethodSource("evidence")
  void tellsOfRefusalsAndLeavesCountsAsTheyAre(Evidence<NamespaceTraffic> counted) {
    TrafficRecord traffic =
        new TrafficWithRefusals(FixedReading.of(counted), (namespace, from) -> REFUSED);

    TrafficReading reading = traffic.read(NOW, WINDOW);

    assertSame(counted, reading.of("foo"));
    assertSame(REFUSED, reading.refusals("foo"));
  }

  @Test
  void asksForRefusalsOfTheWindowAlone() {
    Instant[] asked = new Instant[1];
    TrafficRecord traffic =
        new TrafficWithRefusals(
            TrafficRecord.NOT_CONFIGURED,
            (namespace, from) -> {
              asked[0] = from;
              return REFUSED;
            });

    Refusals unused = traffic.read(NOW, WINDOW).refusals("foo");

    assertEquals(NOW.minus(WINDOW), asked[0]);
  }
}
