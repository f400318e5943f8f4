// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.hazard.HazardCode;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.traffic.DirectCall;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.TrafficReading;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SeenCallsTest {

  private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");
  private static final WorkloadRef CLIENT = new WorkloadRef("bar", "Deployment", "curl");

  private static final MeshSnapshot MESH =
      mesh(
          namespace("foo").with(sidecarPod("db").ports(8080).ip("10.0.0.7").otherIps("10.1.0.7")),
          namespace("bar").with(sidecarPod("curl").ip("10.0.0.8")));

  private final List<Duration> asked = new ArrayList<>();

  /** A source that has watched for so long. */
  private TrafficReading reading(Duration window, Duration watched, List<DirectCall> calls) {
    asked.add(window);
    return new TrafficReading() {
      @Override
      public Instant asOf() {
        return NOW;
      }

      @Override
      public Duration window() {
        return window;
      }

      @Override
      public Evidence<NamespaceTraffic> of(String namespace) {
        return new Evidence.NoSamples<>(NOW, "idle");
      }

      @Override
      public Evidence<List<DirectCall>> direct() {
        return window.compareTo(watched) > 0
            ? new Evidence.Unavailable<>(Evidence.Reason.WINDOW_NOT_COVERED, "just begun")
            : new Evidence.Measured<>(calls, NOW);
      }
    };
  }

  @Test
  void findsTheNamespaceThatAnAddressBelongsTo() {
    SeenCalls seen =
        SeenCalls.of(
            window ->
                reading(
                    window,
                    Duration.ofDays(2),
                    List.of(
                        new DirectCall(CLIENT, "10.0.0.7:8080", 1),
                        new DirectCall(CLIENT, "93.184.216.34", 1))),
            MESH);

    List<HazardCode> foo =
        seen.of(MeshModes.resolve(MESH), "foo").stream().map(Finding::code).toList();
    assertEquals(List.of(HazardCode.CALLED_BY_ADDRESS), foo);
    assertEquals(List.of(), seen.of(MeshModes.resolve(MESH), "bar"));
    assertEquals(List.of(Duration.ofHours(24)), asked.stream().distinct().toList());
  }

  @Test
  void findsTheNamespaceThatASecondAddressBelongsTo() {
    SeenCalls seen =
        SeenCalls.of(
            window ->
                reading(
                    window,
                    Duration.ofDays(2),
                    List.of(new DirectCall(CLIENT, "10.1.0.7:8080", 1))),
            MESH);

    assertEquals(1, seen.of(MeshModes.resolve(MESH), "foo").size());
  }

  @Test
  void findsNothingWhereNobodyTells() {
    SeenCalls seen = SeenCalls.of(window -> reading(window, Duration.ZERO, List.of()), MESH);

    assertEquals(List.of(), seen.of(MeshModes.resolve(MESH), "foo"));
  }
}
