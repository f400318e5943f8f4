package io.mtlsmigration.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class TrafficWithCallersTest {

  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final Duration DAY = Duration.ofHours(24);
  private static final Duration SCRAPE = Duration.ofSeconds(60);
  private static final WorkloadRef SERVER = new WorkloadRef("foo", "Deployment", "httpbin");
  private static final WorkloadRef CLIENT = new WorkloadRef("legacy", "Deployment", "curl");
  private static final Caller NAMED = new Caller(CLIENT, "10.244.0.8", Origin.pod("node-1"));

  private final List<WorkloadRef> asked = new ArrayList<>();
  private Duration window = DAY;

  private static Edge plaintext(Caller client, String protocol, long count, long own) {
    return new Edge(
        client,
        SERVER,
        0,
        protocol,
        Edge.Security.PLAINTEXT,
        count,
        own,
        NOW.minus(DAY),
        NOW,
        "prometheus");
  }

  private static Edge unknown(long count) {
    return plaintext(Caller.UNKNOWN, "http", count, 0);
  }

  private static SeenCaller seen(Caller client, boolean http, long count) {
    return new SeenCaller(client, 8080, http, count, NOW.minusSeconds(90), NOW.minusSeconds(3));
  }

  private static Edge named(Caller client, String protocol, long count) {
    return new Edge(
        client,
        SERVER,
        8080,
        protocol,
        Edge.Security.PLAINTEXT,
        count,
        0,
        NOW.minusSeconds(90),
        NOW.minusSeconds(3),
        "access-log");
  }

  private Evidence<NamespaceTraffic> read(
      Evidence<NamespaceTraffic> counted, List<SeenCaller> callers) {
    TrafficRecord counts = (now, asks) -> new Fixed(now, asks, counted);
    CallerRecord names =
        (server, from, to) -> {
          asked.add(server);
          assertEquals(window, Duration.between(from, to));
          return callers;
        };
    return new TrafficWithCallers(counts, names, SCRAPE).read(NOW, window).of("foo");
  }

  private record Fixed(Instant asOf, Duration window, Evidence<NamespaceTraffic> evidence)
      implements TrafficReading {
    @Override
    public Evidence<NamespaceTraffic> of(String namespace) {
      return evidence;
    }
  }

  private List<Edge> edges(List<Edge> counted, List<SeenCaller> callers) {
    Evidence<NamespaceTraffic> read =
        read(new Evidence.Measured<>(new NamespaceTraffic(counted, 7, 1), NOW), callers);
    Evidence.Measured<NamespaceTraffic> measured = (Evidence.Measured<NamespaceTraffic>) read;
    assertEquals(NOW, measured.asOf());
    assertEquals(7, measured.value().clientRequests());
    assertEquals(1, measured.value().clientFailures());
    return measured.value().edges();
  }

  static Stream<Arguments> splits() {
    Caller other = new Caller(null, "203.0.113.9", Origin.OUTSIDE);
    return Stream.of(
        argumentSet("nothing was read", List.of(unknown(50)), List.of(), List.of(unknown(50))),
        argumentSet(
            "all were read",
            List.of(unknown(50)),
            List.of(seen(NAMED, true, 30), seen(other, true, 20)),
            List.of(named(NAMED, "http", 30), named(other, "http", 20))),
        argumentSet(
            "some were read",
            List.of(unknown(50)),
            List.of(seen(NAMED, true, 30)),
            List.of(named(NAMED, "http", 30), unknown(20))),
        argumentSet(
            "more than were counted",
            List.of(unknown(50)),
            List.of(seen(NAMED, true, 80)),
            List.of(named(NAMED, "http", 80))),
        argumentSet(
            "as many as a scrape's blur allows",
            List.of(unknown(100_000)),
            List.of(seen(NAMED, true, 99_862)),
            List.of(named(NAMED, "http", 99_862))),
        argumentSet(
            "one fewer than that",
            List.of(unknown(100_000)),
            List.of(seen(NAMED, true, 99_861)),
            List.of(named(NAMED, "http", 99_861), unknown(139))),
        argumentSet(
            "gRPC, which lines do not tell from HTTP",
            List.of(plaintext(Caller.UNKNOWN, "grpc", 5, 0)),
            List.of(seen(NAMED, true, 5)),
            List.of(named(NAMED, "grpc", 5))),
        argumentSet(
            "connections and requests",
            List.of(unknown(5), plaintext(Caller.UNKNOWN, "tcp", 4, 0)),
            List.of(seen(NAMED, false, 4)),
            List.of(named(NAMED, "tcp", 4), unknown(5))),
        argumentSet(
            "what accounts for one protocol does not account for the next",
            List.of(
                unknown(50),
                plaintext(Caller.UNKNOWN, "grpc", 40, 0),
                plaintext(Caller.UNKNOWN, "tcp", 5, 0)),
            List.of(seen(NAMED, true, 60), seen(other, false, 5)),
            List.of(
                named(NAMED, "http", 60),
                named(other, "tcp", 5),
                plaintext(Caller.UNKNOWN, "grpc", 30, 0))),
        argumentSet(
            "connections that nobody counted",
            List.of(unknown(5)),
            List.of(seen(NAMED, false, 5)),
            List.of(unknown(5))),
        argumentSet(
            "own probes stay",
            List.of(plaintext(Caller.UNKNOWN, "http", 5, 12)),
            List.of(seen(NAMED, true, 5)),
            List.of(named(NAMED, "http", 5), plaintext(Caller.UNKNOWN, "http", 0, 12))),
        argumentSet(
            "a client that is counted by name",
            List.of(plaintext(new Caller(CLIENT, ""), "http", 9, 0), unknown(5)),
            List.of(seen(NAMED, true, 9), seen(other, true, 5)),
            List.of(plaintext(new Caller(CLIENT, ""), "http", 9, 0), named(other, "http", 5))));
  }

  @ParameterizedTest
  @MethodSource("splits")
  void namesWhatIsCounted(List<Edge> counted, List<SeenCaller> callers, List<Edge> expected) {
    assertEquals(expected, edges(counted, callers));
    assertEquals(List.of(SERVER), asked);
  }

  /** Two scrapes of a short window are much of it; so much may not go unread. */
  @Test
  void leavesWhoIsUnreadHoweverShortTheWindow() {
    window = Duration.ofMinutes(2);

    assertEquals(
        List.of(named(NAMED, "http", 89), unknown(11)),
        edges(List.of(unknown(100)), List.of(seen(NAMED, true, 89))));
  }

  static Stream<Arguments> untouched() {
    Edge secured =
        new Edge(
            new Caller(CLIENT, ""),
            SERVER,
            0,
            "http",
            Edge.Security.MUTUAL_TLS,
            5,
            0,
            NOW,
            NOW,
            "prometheus");
    return Stream.of(
        argumentSet("mutual TLS", measured(secured)),
        argumentSet("a name", measured(plaintext(new Caller(CLIENT, ""), "http", 5, 0))),
        argumentSet("own probes alone", measured(plaintext(Caller.UNKNOWN, "http", 0, 5))),
        argumentSet("no samples", new Evidence.NoSamples<NamespaceTraffic>(NOW, "")),
        argumentSet(
            "no source",
            new Evidence.Unavailable<NamespaceTraffic>(Evidence.Reason.SOURCE_DOWN, "")));
  }

  private static Evidence<NamespaceTraffic> measured(Edge edge) {
    return new Evidence.Measured<>(new NamespaceTraffic(List.of(edge), 0, 0), NOW);
  }

  /** Nor is any log read for it. */
  @ParameterizedTest
  @MethodSource("untouched")
  void leavesEverythingElseAsItIs(Evidence<NamespaceTraffic> counted) {
    assertSame(counted, read(counted, List.of(seen(NAMED, true, 5))));
    assertEquals(List.of(), asked);
  }
}
