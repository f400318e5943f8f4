// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import static io.mtlsmigration.mesh.MeshBuilders.logsInPart;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.mesh.MeshBuilders.silent;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.Absent;
import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.testing.ManualClock;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.Edge;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.LineLoss;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.TrafficReading;
import io.mtlsmigration.traffic.TrafficWithCallers;
import io.mtlsmigration.traffic.Watch;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Lines of the scrapes before a window are more than was counted in it: they must not stand for
 * calls whose own lines nobody has read. Each case has one such call, and more lines than counts.
 */
final class SurplusLinesTest {

  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final Duration WINDOW = Duration.ofMinutes(30);
  private static final Duration SCRAPE = Duration.ofSeconds(60);
  private static final WorkloadRef SERVER = new WorkloadRef("foo", "Deployment", "httpbin");
  private static final String SCRAPER = "10.244.0.8:40000";

  private final ManualClock clock = new ManualClock(NOW.minus(WINDOW).minusSeconds(600));
  private LogServer server;
  private AccessLogCallers callers;
  private MeshSnapshot mesh = with(old("httpbin"));
  private final List<Instant> left = new ArrayList<>();
  private long counted;

  private static MeshBuilders.PodBuilder old(String name) {
    return sidecarPod(name)
        .of("Deployment", "httpbin")
        .ip("10.244.0.4")
        .createdAt(NOW.minus(Duration.ofDays(2)));
  }

  private static MeshSnapshot with(MeshBuilders.PodBuilder... pods) {
    return mesh(
        namespace("foo").with(pods),
        namespace("legacy").with(pod("scraper").ip("10.244.0.8").node("node-1")));
  }

  @BeforeEach
  void start() throws IOException {
    server = new LogServer();
    callers =
        new AccessLogCallers(
            new LogSource(
                server.client,
                () -> mesh.observed(clock.instant(), List.of()),
                new ClusterNodes(server.client, clock),
                new AddressHistory(AccessLogCallers.RETAINED),
                "istio-system"),
            (pod, port, request) -> {
              throw new AssertionError("nobody is asked what is open");
            },
            () -> AccessLogCallers.Gates.NONE,
            Absent.OWN_PROBES,
            clock,
            1 << 20);
    server.writes("foo", "httpbin", NOW.minus(Duration.ofDays(2)), "info FLAG: --concurrency");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static String line(String remote) {
    return "[2026-01-01T11:59:59.001Z] \"GET /metrics HTTP/1.1\" 200 - via_upstream - \"-\" 0 33 1"
        + " 0 \"-\" \"curl/8\" \"4f\" \"httpbin.foo:8000\" \"10.244.0.4:8080\" inbound|8080||"
        + " 127.0.0.6:33145 10.244.0.4:8080 "
        + remote
        + " - default";
  }

  private Evidence.Measured<NamespaceTraffic> evidence() {
    Edge edge =
        new Edge(
            Caller.UNKNOWN,
            SERVER,
            0,
            "http",
            Edge.Security.PLAINTEXT,
            counted,
            0,
            clock.instant().minus(WINDOW),
            clock.instant(),
            "prometheus");
    Instant asOf = clock.instant();
    NamespaceTraffic traffic = new NamespaceTraffic(List.of(edge), 0, 0, Map.of(SERVER, watch()));
    TrafficReading reading =
        new TrafficReading() {
          @Override
          public Instant asOf() {
            return asOf;
          }

          @Override
          public Duration window() {
            return WINDOW;
          }

          @Override
          public Evidence<NamespaceTraffic> of(String namespace) {
            return new Evidence.Measured<>(traffic, asOf);
          }
        };
    return (Evidence.Measured<NamespaceTraffic>)
        new TrafficWithCallers((now, window) -> reading, callers, SCRAPE)
            .read(asOf, WINDOW)
            .of("foo");
  }

  private Watch watch() {
    return new Watch(NOW.minus(Duration.ofDays(2)), true, null, "", left);
  }

  /** That nobody but who is told of has called: what a gate asks. */
  private boolean vouches() {
    Evidence.Measured<NamespaceTraffic> told = evidence();
    return told.value().plaintext().stream().noneMatch(edge -> edge.port() == 0)
        && told.value().watched().get(SERVER).covers(told.asOf().minus(WINDOW))
        && !until(told).plusSeconds(90).isBefore(clock.instant());
  }

  private static Instant until(Evidence.Measured<NamespaceTraffic> told) {
    Instant lines = told.value().watched().get(SERVER).until();
    return lines == null || told.asOf().isBefore(lines) ? told.asOf() : lines;
  }

  private void assertHolds(String because) {
    assertFalse(vouches(), evidence()::toString);
    String detail = evidence().value().watched().get(SERVER).detail();
    assertTrue(detail.contains(because), detail);
  }

  /** A scraper without a proxy calls every 15 seconds, and its lines are read every five. */
  private void goOn(String pod, Duration time) {
    for (int second = 0; second < time.toSeconds(); second += 5) {
      clock.advance(Duration.ofSeconds(5));
      if (clock.instant().getEpochSecond() % 15 == 0) {
        String call = line(SCRAPER);
        server.writes(
            "foo",
            pod,
            clock.instant().minusMillis(200),
            pod.equals("next") ? call.replace("10.244.0.4:", "10.244.0.5:") : call);
        counted += clock.instant().isAfter(NOW.minus(WINDOW)) ? 1 : 0;
      }
      evidence();
      callers.read();
    }
  }

  @Test
  void linesThatWereAllReadAccountForWhatWasCounted() {
    goOn("httpbin", Duration.ofMinutes(40));

    assertTrue(vouches(), evidence()::toString);
    assertEquals(
        List.of("legacy/scraper"),
        evidence().value().plaintext().stream().map(edge -> edge.client().id()).toList());
  }

  /** Between two readings somebody called, and then the file was full. */
  @Test
  void aLogThatWasRotatedBetweenTwoReadings() {
    goOn("httpbin", Duration.ofMinutes(30));
    counted++;
    server.rotates("foo", "httpbin");

    goOn("httpbin", Duration.ofMinutes(10));

    assertHolds("that nobody could read");
  }

  /** The kubelet has the last file alone, whatever was asked of it. */
  @Test
  void aLogThatWasRotatedBeforeItWasFirstRead() {
    server.rotates("foo", "httpbin");
    counted = 1;
    for (int at = 900; at > 0; at -= 15) {
      server.writes("foo", "httpbin", NOW.minusSeconds(at), line(SCRAPER));
    }
    clock.set(NOW);
    counted = 60;

    evidence();
    callers.read();

    assertHolds("that nobody could read");
  }

  private static MeshBuilders.PodBuilder young(String name) {
    return old(name).ip("10.244.0.5").createdAt(NOW.minusSeconds(900));
  }

  /** A connection that was open until then is counted, and told of by a line that nobody read. */
  @Test
  void aPodThatEndedBetweenTwoReadings() {
    goOn("httpbin", Duration.ofMinutes(25));
    counted++;
    mesh = with(young("next"));
    left.add(clock.instant());
    server.writes("foo", "next", clock.instant(), "info FLAG: --concurrency");

    goOn("next", Duration.ofMinutes(15));

    assertHolds("ended before it was read to its end");
    assertEquals(
        Evidence.Reason.WINDOW_NOT_COVERED, evidence().value().watched().get(SERVER).reason());
    assertNull(lost());
  }

  /** Waiting mends nothing then, and somebody has to act. */
  @Test
  void aLogThatIsRotatedMoreOftenThanTheWindowIsLong() {
    goOn("httpbin", Duration.ofMinutes(20));
    server.rotates("foo", "httpbin");
    goOn("httpbin", Duration.ofMinutes(10));
    LineLoss once = lost();
    server.rotates("foo", "httpbin");

    goOn("httpbin", Duration.ofMinutes(10));

    assertNull(once);
    assertHolds("that nobody could read");
    assertEquals(LineLoss.NOT_KEPT, lost());
  }

  /** What it leaves out is counted all the same, and nobody knows who it was. */
  @Test
  void aLogThatATelemetryLeavesCallsOutOf() {
    goOn("httpbin", Duration.ofMinutes(20));
    MeshSnapshot whole = mesh;
    mesh =
        mesh(
            namespace("foo").with(old("httpbin")).with(logsInPart("errors")),
            namespace("legacy").with(pod("scraper").ip("10.244.0.8").node("node-1")));
    counted++;
    goOn("httpbin", Duration.ofMinutes(1));
    assertHolds("Telemetry foo/errors");
    Instant goesOn = evidence().value().watched().get(SERVER).traceless();
    assertTrue(goesOn != null && goesOn.isAfter(clock.instant()), "and the record says so");
    mesh = whole;

    goOn("httpbin", Duration.ofMinutes(19));

    assertHolds("Telemetry foo/errors");
    assertNull(lost());
    assertEquals(goesOn, evidence().value().watched().get(SERVER).traceless());
    goOn("httpbin", Duration.ofMinutes(13));
    counted = 120;
    assertTrue(vouches(), evidence()::toString);
  }

  /** As when the Telemetry by which they log is deleted for a while. */
  @Test
  void aTimeInWhichNothingWasLogged() {
    goOn("httpbin", Duration.ofMinutes(20));
    MeshSnapshot logging = mesh;
    mesh = MeshSnapshot.of(silent(mesh.settings()), mesh.observedAt(), mesh.namespaces().values());
    counted++;
    goOn("httpbin", Duration.ofMinutes(1));
    assertHolds("were not logged");
    mesh = logging;

    goOn("httpbin", Duration.ofMinutes(19));

    assertHolds("were not logged");
  }

  /** An EnvoyFilter may say what they log. */
  @Test
  void aMeshThatLogsByOtherMeans() {
    mesh = MeshSnapshot.of(silent(mesh.settings()), mesh.observedAt(), mesh.namespaces().values());

    goOn("httpbin", Duration.ofMinutes(40));

    assertTrue(vouches(), evidence()::toString);
  }

  /** It was seen before its proxy, and logs no less since. */
  @Test
  void aServerOfSuchAMeshThatWasCapturedLater() {
    MeshSnapshot captured =
        MeshSnapshot.of(silent(mesh.settings()), mesh.observedAt(), mesh.namespaces().values());
    MeshSnapshot before = with(pod("earlier").of("Deployment", "httpbin"));
    mesh =
        MeshSnapshot.of(silent(mesh.settings()), before.observedAt(), before.namespaces().values());
    callers.read();
    mesh = captured;

    goOn("httpbin", Duration.ofMinutes(40));

    assertTrue(vouches(), evidence()::toString);
  }

  private @Nullable LineLoss lost() {
    return evidence().value().watched().get(SERVER).lost();
  }

  private void hides() {
    server.writes(
        "foo",
        "httpbin",
        clock.instant(),
        line("10.244.0.99:40000").replace("\"-\" \"curl/8\"", "\"10.9.9.9\" \"curl/8\""));
  }

  /** No log that is kept for longer helps against a header, and anybody may send one. */
  @Test
  void aHeaderAsksNobodyForLongerLogs() {
    goOn("httpbin", Duration.ofMinutes(20));
    for (int i = 0; i < 4; i++) {
      hides();
      goOn("httpbin", Duration.ofMinutes(5));
    }

    assertHolds("does not tell who called");
    assertEquals(LineLoss.HIDDEN, lost());
  }

  /** One that ends by itself is waited for. */
  @Test
  void aGapOfTwoMinutesIsOneGap() {
    goOn("httpbin", Duration.ofMinutes(20));
    for (int i = 0; i < 5; i++) {
      hides();
      goOn("httpbin", Duration.ofSeconds(30));
    }

    assertHolds("does not tell who called");
    assertNull(lost());
  }

  /** One that goes on is not. */
  @Test
  void aGapThatDoesNotEndIsNotWaitedFor() {
    goOn("httpbin", Duration.ofMinutes(20));
    for (int i = 0; i < 30; i++) {
      hides();
      goOn("httpbin", Duration.ofSeconds(30));
    }

    assertEquals(LineLoss.HIDDEN, lost());
  }

  /** Neither does a header after a log that was rotated once, nor before. */
  @Test
  void aHeaderMakesNoLogRotateAgain() {
    goOn("httpbin", Duration.ofMinutes(20));
    hides();
    goOn("httpbin", Duration.ofMinutes(5));
    server.rotates("foo", "httpbin");
    goOn("httpbin", Duration.ofMinutes(5));
    LineLoss rotated = lost();
    hides();

    goOn("httpbin", Duration.ofMinutes(5));

    assertNull(rotated);
    assertEquals(LineLoss.HIDDEN, lost());
  }

  /** Who is to have longer logs kept is told so, whatever clients send. */
  @Test
  void aHeaderDoesNotHideALogThatIsRotatedAgainAndAgain() {
    goOn("httpbin", Duration.ofMinutes(20));
    for (int i = 0; i < 3; i++) {
      server.rotates("foo", "httpbin");
      goOn("httpbin", Duration.ofMinutes(5));
      hides();
      goOn("httpbin", Duration.ofMinutes(5));
    }

    assertEquals(LineLoss.NOT_KEPT, lost());
    assertHolds("the kubelet has its last file");
  }

  @Test
  void clientsThatAreTooManyAskNobodyForLongerLogs() {
    goOn("httpbin", Duration.ofMinutes(20));
    for (int turn = 0; turn < 3; turn++) {
      for (int i = 0; i < CallerBook.OF_ONE_SERVER; i++) {
        server.writes("foo", "httpbin", clock.instant(), line("10.1." + turn + "." + i + ":4000"));
      }
      goOn("httpbin", Duration.ofMinutes(5));
    }

    assertEquals(LineLoss.TOO_MANY_CLIENTS, lost());
  }

  @Test
  void aPodThatWasGoneBeforeItsLogWasReadToTheEnd() {
    goOn("httpbin", Duration.ofMinutes(25));
    counted++;
    clock.advance(Duration.ofSeconds(60));
    mesh = with(young("next"));
    server.writes("foo", "next", clock.instant(), "info FLAG: --concurrency");

    goOn("next", Duration.ofMinutes(14));

    assertHolds("ended before it was read to its end");
  }

  /** It began, was called, and was not readable until it was gone. */
  @Test
  void aPodThatBeganAfterItWasAskedAndWasNotReadUntilItEnded() {
    goOn("httpbin", Duration.ofMinutes(25));
    mesh = with(old("httpbin"), young("brief").notReady());
    server.refusals.put(LogServer.path("foo", "brief"), 400);
    goOn("httpbin", Duration.ofSeconds(30));
    server.refusals.put(LogServer.path("foo", "brief"), 503);
    goOn("httpbin", Duration.ofSeconds(30));
    counted++;
    mesh = with(old("httpbin"));

    goOn("httpbin", Duration.ofMinutes(14));

    assertHolds("ended before it was read to its end");
  }

  /** As it is after every change of the leader. */
  @Test
  void aPodThatHadEndedBeforeAnyLogWasRead() {
    counted = 1;
    left.add(NOW.minusSeconds(1500));
    clock.set(NOW.minusSeconds(600));

    goOn("httpbin", Duration.ofMinutes(10));

    assertHolds("logs of pods that had ended before are gone");
  }

  /** It may write one that no log can be trusted with. */
  @Test
  void aClientThatClaimsAnotherAddress() {
    goOn("httpbin", Duration.ofMinutes(30));
    counted++;
    server.writes(
        "foo",
        "httpbin",
        clock.instant(),
        line("10.244.0.99:40000").replace("\"-\" \"curl/8\"", "\"10.9.9.9\" \"curl/8\""));

    goOn("httpbin", Duration.ofMinutes(10));

    assertHolds("does not tell who called");
  }

  @Test
  void aLineThatIsTooLongToBeRead() {
    goOn("httpbin", Duration.ofMinutes(30));
    counted++;
    server.writes(
        "foo",
        "httpbin",
        clock.instant(),
        line("10.244.0.99:40000").replace("curl/8", "x".repeat(ProxyLog.LONGEST_LINE)));

    goOn("httpbin", Duration.ofMinutes(10));

    assertHolds("does not tell who called");
  }

  /** More than is read of a second, and then the file is full: somebody called in between. */
  @Test
  void aLogThatWasRotatedAfterAFlood() {
    counted = 1; // of a call before: logs are read where somebody was counted
    goOn("httpbin", Duration.ofSeconds(590));
    server.writes(
        "foo",
        "httpbin",
        Collections.nCopies(1_500, clock.instant().plusSeconds(1)),
        line("10.244.0.9:4000").replace("curl/8", "x".repeat(1_000)));
    goOn("httpbin", Duration.ofSeconds(5));
    counted++;
    server.rotates("foo", "httpbin");

    goOn("httpbin", WINDOW);

    assertHolds("that nobody could read");
  }

  @Test
  void aFloodAloneIsOver() {
    counted = 1; // of a call before: logs are read where somebody was counted
    goOn("httpbin", Duration.ofSeconds(590));
    server.writes(
        "foo",
        "httpbin",
        Collections.nCopies(1_500, clock.instant().plusSeconds(1)),
        line("10.244.0.9:4000").replace("curl/8", "x".repeat(1_000)));
    goOn("httpbin", Duration.ofSeconds(5));

    goOn("httpbin", WINDOW);

    assertTrue(vouches(), evidence()::toString);
  }

  /** Who is forgotten was seen, and is told of no more. */
  @Test
  void moreClientsThanAreKept() {
    goOn("httpbin", Duration.ofMinutes(30));
    for (int i = 0; i < CallerBook.OF_ONE_SERVER; i++) {
      counted++;
      server.writes("foo", "httpbin", clock.instant(), line("10.1.2." + i + ":40000"));
    }
    goOn("httpbin", Duration.ofSeconds(30));
    counted = 120;

    assertHolds("too many clients call it");
  }

  @Test
  void aLogThatIsNotReadAnyMore() {
    goOn("httpbin", Duration.ofMinutes(38));

    clock.advance(Duration.ofMinutes(2));

    assertFalse(vouches(), evidence()::toString);
  }
}
