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
  private static final Refusal REFUSAL =
      new Refusal(
          NOW, Caller.UNKNOWN, new WorkloadRef("foo", "Deployment", "httpbin"), 8080, false);
  private static final NamespaceTraffic QUIET = new NamespaceTraffic(List.of(), List.of(), 7, 1);

  private static TrafficRecord counts(Evidence<NamespaceTraffic> evidence) {
    return (now, window) ->
        new TrafficReading() {
          @Override
          public Instant asOf() {
            return now;
          }

          @Override
          public Duration window() {
            return window;
          }

          @Override
          public Evidence<NamespaceTraffic> of(String namespace) {
            return evidence;
          }
        };
  }

  static Stream<Arguments> evidence() {
    return Stream.of(
        argumentSet("measured", new Evidence.Measured<>(QUIET, NOW), NOW),
        argumentSet("no samples", new Evidence.NoSamples<NamespaceTraffic>(NOW, ""), NOW),
        argumentSet(
            "counts not to be had, so that only the refusal counts",
            new Evidence.Unavailable<NamespaceTraffic>(Evidence.Reason.SOURCE_DOWN, ""),
            Instant.EPOCH));
  }

  @ParameterizedTest
  @MethodSource("evidence")
  void showsRefusalsWhateverIsCounted(Evidence<NamespaceTraffic> counted, Instant asOf) {
    TrafficRecord traffic =
        new TrafficWithRefusals(counts(counted), (namespace, from) -> List.of(REFUSAL));

    Evidence<NamespaceTraffic> joined = traffic.read(NOW, Duration.ofMinutes(10)).of("foo");

    Evidence.Measured<NamespaceTraffic> measured = (Evidence.Measured<NamespaceTraffic>) joined;
    assertEquals(List.of(REFUSAL), measured.value().refusals());
    assertEquals(asOf, measured.asOf());
  }

  @Test
  void leavesEvidenceAsItIsWhenNobodyWasRefused() {
    Evidence<NamespaceTraffic> down =
        new Evidence.Unavailable<>(Evidence.Reason.SOURCE_DOWN, "down");
    TrafficRecord traffic = new TrafficWithRefusals(counts(down), RefusalRecord.NONE);

    assertSame(down, traffic.read(NOW, Duration.ofMinutes(10)).of("foo"));
  }

  @Test
  void asksForRefusalsOfTheWindowAlone() {
    Instant[] asked = new Instant[1];
    TrafficRecord traffic =
        new TrafficWithRefusals(
            counts(new Evidence.Measured<>(QUIET, NOW)),
            (namespace, from) -> {
              asked[0] = from;
              return List.of();
            });

    assertEquals(
        new Evidence.Measured<>(QUIET, NOW), traffic.read(NOW, Duration.ofMinutes(10)).of("foo"));
    assertEquals(NOW.minus(Duration.ofMinutes(10)), asked[0]);
  }
}
