// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.ConnectionRecord.Connections;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class TrafficWithConnectionsTest {

  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final WorkloadRef SERVER = new WorkloadRef("foo", "Deployment", "httpbin");
  private static final Caller CLIENT =
      new Caller(new WorkloadRef("legacy", "Deployment", "curl"), "10.244.0.8");
  private static final SeenCaller HELD =
      new SeenCaller(CLIENT, 8080, false, false, 2, NOW.minusSeconds(40), NOW);
  private static final Connections OPEN =
      new Connections(
          Map.of(SERVER, List.of(HELD)), Map.of(), Map.of(), Map.of(), Map.of(), Set.of());
  private static final Connections UNREAD =
      new Connections(
          Map.of(), Map.of(), Map.of(SERVER, "not read yet"), Map.of(), Map.of(), Set.of());

  private static TrafficReading reading(
      Evidence<NamespaceTraffic> counted, Connections connections) {
    return new TrafficWithConnections(FixedReading.of(counted), () -> open(() -> connections))
        .read(NOW, Duration.ofMinutes(10));
  }

  private static ConnectionRecord.Reading open(Supplier<Connections> answers) {
    return new ConnectionRecord.Reading() {
      @Override
      public boolean any(String namespace) {
        return true;
      }

      @Override
      public Connections of(String namespace) {
        return answers.get();
      }

      @Override
      public void wanted(String namespace, boolean soon) {}
    };
  }

  private static Evidence<NamespaceTraffic> measured(Edge... edges) {
    return measured(Watch.from(NOW.minus(Duration.ofDays(1)), true), edges);
  }

  private static Evidence<NamespaceTraffic> measured(Watch watch, Edge... edges) {
    return new Evidence.Measured<>(
        new NamespaceTraffic(List.of(edges), 7, 1, Map.of(SERVER, watch)), NOW);
  }

  static Stream<Arguments> evidence() {
    return Stream.of(
        argumentSet("measured", measured()),
        argumentSet("no samples", new Evidence.NoSamples<NamespaceTraffic>(NOW, "")),
        argumentSet(
            "counts not to be had",
            new Evidence.Unavailable<NamespaceTraffic>(Evidence.Reason.SOURCE_DOWN, "")));
  }

  private static List<Edge> plaintext(Evidence<NamespaceTraffic> evidence) {
    Evidence.Measured<?> read = assertInstanceOf(Evidence.Measured.class, evidence);
    return ((NamespaceTraffic) read.value()).plaintext();
  }

  @Test
  void addsWhoIsConnectedToWhatWasCounted() {
    Edge edge = plaintext(reading(measured(), OPEN).of("foo")).getFirst();

    assertEquals(CLIENT, edge.client());
    assertEquals(8080, edge.port());
    assertEquals(2, edge.open());
    assertEquals(2, edge.count());
    assertEquals(Connections.SOURCE, edge.source());
  }

  private static Edge stream() {
    return new Edge(
        Caller.UNKNOWN,
        SERVER,
        0,
        "grpc",
        Edge.Security.PLAINTEXT,
        1,
        0,
        NOW,
        NOW,
        "prometheus",
        1);
  }

  /** Messages of a stream name neither client nor port; the connection does. */
  @Test
  void namesAStreamThatIsCountedByItsMessages() {
    assertEquals(
        List.of(CLIENT),
        plaintext(reading(measured(stream()), OPEN).of("foo")).stream().map(Edge::client).toList());
  }

  @Test
  void keepsAStreamWhereNotAllConnectionsAreKnown() {
    Connections some =
        new Connections(
            OPEN.held(), Map.of(), Map.of(), Map.of(SERVER, "a node hangs"), Map.of(), Set.of());

    assertEquals(2, plaintext(reading(measured(stream()), some).of("foo")).size());
  }

  /** Those who are connected by name may be excepted; whose stream it is nobody knows. */
  @Test
  void keepsAStreamWhereOthersThanPodsAreConnected() {
    Connections some =
        new Connections(OPEN.held(), Map.of(), Map.of(), Map.of(), Map.of(), Set.of(SERVER));

    assertEquals(2, plaintext(reading(measured(stream()), some).of("foo")).size());
  }

  /** A pod that was killed takes its connections along, and counts a stream never. */
  @ParameterizedTest
  @CsvSource({"PT1M, 2", "PT10M20S, 2", "PT11M, 1"})
  void keepsAStreamOfAPodThatHasEnded(Duration ago, int edges) {
    Watch watch = new Watch(NOW.minus(Duration.ofDays(1)), true, null, "", List.of(NOW.minus(ago)));

    assertEquals(edges, plaintext(reading(measured(watch, stream()), OPEN).of("foo")).size());
  }

  @Test
  void keepsAStreamOfAPodWhoseEndNobodySaw() {
    Watch watch = Watch.from(NOW.minusSeconds(60), true);

    assertEquals(2, plaintext(reading(measured(watch, stream()), OPEN).of("foo")).size());
  }

  @ParameterizedTest
  @MethodSource("evidence")
  void leavesEverythingAsItIsWhereNobodyIsConnected(Evidence<NamespaceTraffic> counted) {
    assertSame(counted, reading(counted, UNREAD).of("foo"));
    assertSame(UNREAD, reading(counted, UNREAD).connections("foo"));
  }

  /** What is read between two questions would be counted as read, and its clients be missing. */
  @Test
  void asksOnceForWhatIsOpen() {
    List<Connections> answers = new ArrayList<>(List.of(UNREAD, OPEN));
    TrafficReading reading =
        new TrafficWithConnections(
                (now, window) -> reading(measured(), Connections.NONE),
                () -> open(answers::removeFirst))
            .read(NOW, Duration.ofMinutes(10));

    Evidence<NamespaceTraffic> evidence = reading.of("foo");

    assertEquals(measured(), evidence);
    assertSame(UNREAD, reading.connections("foo"));
  }
}
