// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TrafficWithCallersTest {

  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final Duration DAY = Duration.ofHours(24);
  private static final Duration SCRAPE = Duration.ofSeconds(60);
  private static final WorkloadRef SERVER = new WorkloadRef("foo", "Deployment", "httpbin");
  private static final WorkloadRef CLIENT = new WorkloadRef("legacy", "Deployment", "curl");
  private static final Caller NAMED = new Caller(CLIENT, "10.244.0.8", Origin.pod("node-1"));

  private final List<WorkloadRef> asked = new ArrayList<>();
  private final List<Instant> openSince = new ArrayList<>();
  private List<SeenCaller> open = List.of();
  private Duration window = DAY;
  private LinesRead lines = new LinesRead(Instant.EPOCH, NOW, NOW, "");
  private List<SeenCaller> earlier = List.of();

  /** What the thread that reads logs does while they are looked at. */
  private Runnable meanwhile = () -> {};

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
    return new SeenCaller(
        client, 8080, http, false, count, NOW.minusSeconds(90), NOW.minusSeconds(3));
  }

  private static SeenCaller at(int port, SeenCaller seen) {
    return new SeenCaller(
        seen.client(),
        port,
        seen.http(),
        seen.own(),
        seen.count(),
        seen.firstSeen(),
        seen.lastSeen());
  }

  private static SeenCaller probes(long count) {
    return new SeenCaller(
        NAMED, 8080, true, true, count, NOW.minusSeconds(90), NOW.minusSeconds(3));
  }

  private static Edge named(Caller client, String protocol, long count) {
    return edge(client, 8080, protocol, count, 0, "access-log");
  }

  private static Edge edge(
      Caller client, int port, String protocol, long count, long own, String source) {
    return new Edge(
        client,
        SERVER,
        port,
        protocol,
        Edge.Security.PLAINTEXT,
        count,
        own,
        NOW.minusSeconds(90),
        NOW.minusSeconds(3),
        source);
  }

  /** As ztunnel counts clients that istiod knows. */
  private static Edge known(String protocol, long count) {
    return plaintext(new Caller(CLIENT, ""), protocol, count, 0);
  }

  private static Edge open(Edge edge, long open) {
    return new Edge(
        edge.client(),
        edge.server(),
        edge.port(),
        edge.protocol(),
        edge.security(),
        edge.count(),
        edge.ownProbes(),
        edge.firstSeen(),
        edge.lastSeen(),
        edge.source(),
        open);
  }

  /** With the lines of the two scrapes before the window. */
  private List<SeenCaller> before(List<SeenCaller> callers) {
    return Stream.concat(callers.stream(), earlier.stream()).toList();
  }

  private Evidence<NamespaceTraffic> read(
      Evidence<NamespaceTraffic> counted, List<SeenCaller> callers) {
    TrafficRecord counts = FixedReading.of(counted);
    CallerRecord names =
        new CallerRecord() {
          @Override
          public List<SeenCaller> plaintext(WorkloadRef server, Instant from, Instant to) {
            asked.add(server);
            meanwhile.run();
            List<SeenCaller> told =
                from.isBefore(NOW.minus(window).minusSeconds(60)) ? before(callers) : callers;
            return told.stream().filter(seen -> !seen.firstSeen().isAfter(to)).toList();
          }

          @Override
          public LinesRead lines(WorkloadRef server) {
            return lines;
          }

          @Override
          public List<SeenCaller> open(WorkloadRef server, Instant since) {
            openSince.add(since);
            return open;
          }
        };
    return new TrafficWithCallers(counts, names, SCRAPE).read(NOW, window).of("foo");
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
            "all but one of very many",
            List.of(unknown(100_000)),
            List.of(seen(NAMED, true, 99_999)),
            List.of(named(NAMED, "http", 99_999), unknown(1))),
        argumentSet(
            "own probes, which are told by their lines",
            List.of(unknown(50)),
            List.of(probes(30), seen(NAMED, true, 19)),
            List.of(
                edge(NAMED, 8080, "http", 0, 30, "access-log"),
                named(NAMED, "http", 19),
                unknown(1))),
        argumentSet(
            "two ports of a client that is known by name",
            List.of(known("tcp", 5)),
            List.of(seen(NAMED, false, 3), at(9090, seen(NAMED, false, 2))),
            List.of(named(NAMED, "tcp", 3), edge(NAMED, 9090, "tcp", 2, 0, "access-log"))),
        argumentSet(
            "a client by name whose lines were not all read",
            List.of(known("tcp", 5), unknown(4)),
            List.of(seen(NAMED, false, 3), seen(other, true, 4)),
            List.of(named(NAMED, "tcp", 3), named(other, "http", 4), known("tcp", 2))),
        argumentSet(
            "nobody else's lines account for a client by name",
            List.of(known("tcp", 5)),
            List.of(seen(other, false, 5)),
            List.of(named(other, "tcp", 5), known("tcp", 5))),
        argumentSet(
            "a connection that is open, beside those that were read of",
            List.of(open(known("tcp", 5), 1)),
            List.of(seen(NAMED, false, 9)),
            List.of(named(NAMED, "tcp", 9), open(known("tcp", 1), 1))),
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
            List.of(named(NAMED, "tcp", 5), unknown(5))),
        argumentSet(
            "a call that its client has counted under another one's name",
            List.of(known("http", 2)),
            List.of(at(9000, seen(NAMED, true, 3)), seen(other, true, 1)),
            List.of(edge(NAMED, 9000, "http", 3, 0, "access-log"), named(other, "http", 1))),
        argumentSet(
            "own probes stay",
            List.of(plaintext(Caller.UNKNOWN, "http", 5, 12)),
            List.of(seen(NAMED, true, 5)),
            List.of(named(NAMED, "http", 5), plaintext(Caller.UNKNOWN, "http", 0, 12))),
        argumentSet(
            "clients with and without a name",
            List.of(known("http", 9), unknown(5)),
            List.of(seen(NAMED, true, 9), seen(other, true, 5)),
            List.of(named(NAMED, "http", 9), named(other, "http", 5))));
  }

  @ParameterizedTest
  @MethodSource("splits")
  void namesWhatIsCounted(List<Edge> counted, List<SeenCaller> callers, List<Edge> expected) {
    assertEquals(expected, edges(counted, callers));
    assertEquals(Set.of(SERVER), Set.copyOf(asked));
  }

  private static Edge listed(int port, long count, long open) {
    return open(edge(NAMED, port, "tcp", count, 0, "ztunnel"), open);
  }

  static Stream<Arguments> whatIsOpen() {
    SeenCaller one = at(9090, seen(NAMED, false, 1));
    return Stream.of(
        argumentSet(
            "its port is told",
            List.of(one),
            open(known("tcp", 1), 1),
            List.of(),
            List.of(listed(9090, 1, 1))),
        argumentSet(
            "two, of which one is told",
            List.of(one),
            open(known("tcp", 2), 2),
            List.of(),
            List.of(listed(9090, 1, 1), open(known("tcp", 1), 1))),
        argumentSet(
            "one, and one that ended and was not read of",
            List.of(one),
            open(known("tcp", 2), 1),
            List.of(),
            List.of(listed(9090, 1, 1), known("tcp", 1))),
        argumentSet(
            "one, and those that were read of",
            List.of(one),
            open(known("tcp", 4), 1),
            List.of(seen(NAMED, false, 3)),
            List.of(named(NAMED, "tcp", 3), listed(9090, 1, 1))),
        argumentSet(
            "one, and lines of more than were counted",
            List.of(one),
            open(known("tcp", 4), 2),
            List.of(seen(NAMED, false, 9)),
            List.of(named(NAMED, "tcp", 9), listed(9090, 1, 1), open(known("tcp", 1), 1))),
        argumentSet(
            "with lines of the same port",
            List.of(one),
            open(known("tcp", 4), 1),
            List.of(at(9090, seen(NAMED, false, 3))),
            List.of(open(edge(NAMED, 9090, "tcp", 4, 0, "access-log"), 1))),
        argumentSet(
            "of somebody else",
            List.of(at(9090, seen(new Caller(null, "203.0.113.9", Origin.OUTSIDE), false, 1))),
            open(known("tcp", 1), 1),
            List.of(),
            List.of(
                open(
                    edge(
                        new Caller(null, "203.0.113.9", Origin.OUTSIDE),
                        9090,
                        "tcp",
                        1,
                        0,
                        "ztunnel"),
                    1),
                open(known("tcp", 1), 1))));
  }

  /** Only as many as are listed, of the same client, and nothing of what has ended. */
  @ParameterizedTest
  @MethodSource("whatIsOpen")
  void tellsWhereWhatIsOpenGoesTo(
      List<SeenCaller> listed, Edge counted, List<SeenCaller> callers, List<Edge> expected) {
    open = listed;

    assertEquals(expected, edges(List.of(counted), callers));
    // Two minutes and two scrapes: the oldest sample that says how many are open.
    assertEquals(List.of(NOW.minusSeconds(240)), openSince);
  }

  @Test
  void asksWhatIsOpenOnlyWhereSomethingIs() {
    open = List.of(seen(NAMED, false, 1));

    assertEquals(List.of(known("tcp", 5)), edges(List.of(known("tcp", 5)), List.of()));
    assertEquals(List.of(), openSince);
  }

  /** However short the window: one that was not read of is left. */
  @Test
  void leavesWhoIsUnreadHoweverShortTheWindow() {
    window = Duration.ofMinutes(2);

    assertEquals(
        List.of(named(NAMED, "http", 99), unknown(1)),
        edges(List.of(unknown(100)), List.of(seen(NAMED, true, 99))));
  }

  /** Counts are up to two scrapes older than they are said to be. */
  @Test
  void linesOfTheScrapeBeforeAccountForWhatWasCountedLate() {
    earlier = List.of(seen(NAMED, true, 2));

    assertEquals(
        List.of(named(NAMED, "http", 1439)),
        edges(List.of(unknown(1440)), List.of(seen(NAMED, true, 1439))));
  }

  /** A node's clock may be ahead: its lines account for nothing yet, and are told at once. */
  @Test
  void tellsALineOfAClockThatIsAhead() {
    Instant ahead = NOW.plusSeconds(90);
    Caller other = new Caller(null, "203.0.113.9", Origin.OUTSIDE);
    SeenCaller fresh = new SeenCaller(other, 8080, true, false, 1, ahead, ahead);
    SeenCaller excepted = at(9000, seen(NAMED, true, 3));

    List<Edge> edges = edges(List.of(unknown(3)), List.of(excepted, fresh));

    assertEquals(
        List.of(9000, 8080), edges.stream().filter(e -> e.port() > 0).map(Edge::port).toList());
    assertEquals(ahead, edges.get(1).lastSeen());
  }

  private static final WorkloadRef OTHER = new WorkloadRef("foo", "StatefulSet", "httpbin");

  /** Counts name no kind, lines are of a pod; each log has to be whole. */
  @Test
  void tellsWorkloadsOfOneNameByTheirLines() {
    Map<WorkloadRef, Watch> watched =
        Map.of(SERVER, Watch.from(Instant.EPOCH, true), OTHER, Watch.from(Instant.EPOCH, true));
    NamespaceTraffic counted = new NamespaceTraffic(List.of(unknown(6)), 0, 0, watched);
    CallerRecord names =
        new CallerRecord() {
          @Override
          public List<SeenCaller> plaintext(WorkloadRef server, Instant from, Instant to) {
            return List.of(
                server.equals(OTHER) ? seen(NAMED, true, 1) : at(9000, seen(NAMED, true, 5)));
          }

          @Override
          public LinesRead lines(WorkloadRef server) {
            Instant since = server.equals(OTHER) ? NOW.minusSeconds(60) : Instant.EPOCH;
            return new LinesRead(since, NOW, NOW, "its log was rotated");
          }
        };

    Evidence.Measured<NamespaceTraffic> read =
        (Evidence.Measured<NamespaceTraffic>)
            new TrafficWithCallers(
                    FixedReading.of(new Evidence.Measured<>(counted, NOW)), names, SCRAPE)
                .read(NOW, DAY)
                .of("foo");

    assertEquals(
        Set.of("Deployment foo/httpbin:9000", "StatefulSet foo/httpbin:8080"),
        read.value().edges().stream()
            .map(edge -> edge.server() + ":" + edge.port())
            .collect(Collectors.toSet()));
    assertEquals(Instant.EPOCH, read.value().watched().get(SERVER).since());
    assertEquals(NOW.minusSeconds(60), read.value().watched().get(OTHER).since());
  }

  /** A connection may be anybody's own TLS that asks for a name such as Istio's; no request is. */
  @ParameterizedTest
  @ValueSource(strings = {"tcp", "http"})
  void needsMoreThanANameWhereConnectionsAreCounted(String protocol) {
    Instant gap = NOW.minusSeconds(60);
    lines =
        new LinesRead(
            Instant.EPOCH,
            Map.of(LineLoss.NAME_ALONE, new LinesRead.Gap(gap, NOW.minusSeconds(900), "by name")),
            NOW,
            NOW,
            "");
    Map<WorkloadRef, Watch> watched = Map.of(SERVER, Watch.from(Instant.EPOCH, true));
    NamespaceTraffic counted = new NamespaceTraffic(List.of(known(protocol, 2)), 0, 0, watched);

    Evidence.Measured<NamespaceTraffic> read =
        (Evidence.Measured<NamespaceTraffic>)
            read(
                new Evidence.Measured<>(counted, NOW),
                List.of(at(9000, seen(NAMED, protocol.equals("http"), 2))));

    Watch watch = read.value().watched().get(SERVER);
    boolean tcp = protocol.equals("tcp");
    assertEquals(tcp ? gap : Instant.EPOCH, watch.since());
    assertEquals(tcp ? LineLoss.NAME_ALONE : null, watch.lost());
    assertEquals(tcp, watch.detail().contains("DOWNSTREAM_TLS_VERSION"), watch.detail());
  }

  /** What was read after it was looked for is not in the evidence. */
  @Test
  void linesThatAreReadMeanwhileAreNoneThatWereRead() {
    lines = new LinesRead(NOW.minusSeconds(600), NOW.minusSeconds(30), NOW.minusSeconds(900), "");
    meanwhile = () -> lines = new LinesRead(Instant.EPOCH, NOW, NOW.minusSeconds(900), "");
    Map<WorkloadRef, Watch> watched = Map.of(SERVER, Watch.from(Instant.EPOCH, true));
    NamespaceTraffic counted = new NamespaceTraffic(List.of(known("http", 2)), 0, 0, watched);

    Evidence.Measured<NamespaceTraffic> read =
        (Evidence.Measured<NamespaceTraffic>)
            read(new Evidence.Measured<>(counted, NOW), List.of(at(9000, seen(NAMED, true, 2))));

    Watch watch = read.value().watched().get(SERVER);
    assertEquals(NOW.minusSeconds(30), watch.until());
    assertEquals(NOW.minusSeconds(600), watch.since());
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
        argumentSet("a port", measured(named(new Caller(CLIENT, ""), "http", 5))),
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
