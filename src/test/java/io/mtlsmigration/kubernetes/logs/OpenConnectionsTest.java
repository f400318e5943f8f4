// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.kubernetes.forward.PortException;
import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.testing.ManualClock;
import io.mtlsmigration.traffic.SeenCaller;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is open, by ztunnel's own page as Istio's istioctl has it recorded. */
final class OpenConnectionsTest {

  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final Duration PAUSE = Duration.ofSeconds(15);
  private static final WorkloadRef SERVER =
      new WorkloadRef("bookinfo", "Deployment", "productpage");

  /** Of the recording: two connections to 10.233.97.129:9080, both by HBONE. */
  private static final String RECORDED = recorded();

  private static final MeshSnapshot MESH =
      with(
          namespace("bookinfo").with(ambientPod("productpage").ip("10.233.97.129").node("node-1")));

  private final ManualClock clock = new ManualClock(NOW);
  private final List<String> asked = new ArrayList<>();
  private Duration slow = Duration.ZERO;
  private Runnable meanwhile = () -> {};
  private MeshSnapshot mesh = MESH;
  private String page = RECORDED;
  private LogServer server;
  private OpenConnections open;

  @BeforeEach
  void start() throws IOException {
    server = new LogServer();
    open =
        new OpenConnections(
            new LogSource(
                server.client,
                () -> mesh.observed(clock.instant(), List.of()),
                new ClusterNodes(server.client, clock),
                history(),
                "istio-system"),
            this::send,
            clock);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static MeshSnapshot with(MeshBuilders.NamespaceBuilder servers) {
    return MeshBuilders.mesh(
        servers,
        namespace("istio-system")
            .with(
                ztunnel().ip("10.233.97.2").node("node-1"),
                pod("istiod").label("app", "istiod").ip("10.233.97.3").node("node-1")),
        namespace("legacy")
            .with(
                pod("curl").ip("10.233.97.150").node("node-1"),
                sidecarPod("bystander").ip("10.233.97.151")));
  }

  private static MeshBuilders.PodBuilder ztunnel() {
    return pod("ztunnel").of("DaemonSet", "ztunnel").label("app", "ztunnel");
  }

  private static AddressHistory history() {
    AddressHistory history = new AddressHistory(Duration.ofHours(25));
    history.observe(MESH.observed(NOW, List.of()), NOW);
    return history;
  }

  private static String recorded() {
    try (InputStream file =
        OpenConnectionsTest.class.getResourceAsStream("/ambient/config_dump.json.gz")) {
      return new String(
          new GZIPInputStream(Objects.requireNonNull(file)).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The recording with one connection, from an ephemeral port, that came without mutual TLS. */
  private static String plaintext(String client) {
    String from = "\"src\": \"10.233.97.150:35078\"";
    int at = RECORDED.indexOf(from);
    int protocol = RECORDED.lastIndexOf("HBONE", at);
    int after = RECORDED.indexOf("HBONE", at);
    int end = RECORDED.indexOf('}', at);
    // The protocol stands before or after the address, in the same object.
    int there = RECORDED.lastIndexOf('{', at) < protocol ? protocol : after;
    assertEquals(true, there > 0 && there < end);
    return (RECORDED.substring(0, there) + "TCP" + RECORDED.substring(there + 5))
        .replace(from, "\"src\": \"" + client + "\"");
  }

  private InputStream send(ObjectRef pod, int port, byte[] request) throws IOException {
    clock.advance(slow);
    meanwhile.run();
    asked.add(
        pod + ":" + port + " " + new String(request, StandardCharsets.US_ASCII).split(" ", 3)[1]);
    if (page.isEmpty()) {
      throw new PortException(403, "HTTP 403, forbidden");
    }
    return new ByteArrayInputStream(
        ("HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n" + page)
            .getBytes(StandardCharsets.UTF_8));
  }

  private void read() {
    clock.advance(PAUSE);
    open.read();
  }

  private List<String> of(Instant since) {
    return open.of(SERVER, since).stream().map(OpenConnectionsTest::words).toList();
  }

  private static String words(SeenCaller seen) {
    return "%d of %s to %d%s since %d until %d"
        .formatted(
            seen.count(),
            seen.client().id(),
            seen.port(),
            seen.http() || seen.own() ? "!" : "",
            Duration.between(NOW, seen.firstSeen()).toSeconds(),
            Duration.between(NOW, seen.lastSeen()).toSeconds());
  }

  @Test
  void asksNobodyForWhomNobodyAsks() {
    read();

    assertEquals(List.of(), asked);
  }

  @Test
  void saysWhereWhatIsOpenGoesTo() {
    page = plaintext("10.233.97.150:41000");
    assertEquals(List.of(), of(NOW));

    read();
    read();

    assertEquals(
        List.of("Pod istio-system/ztunnel:15000 /config_dump"), asked.stream().distinct().toList());
    assertEquals(List.of("1 of legacy/curl to 9080 since 15 until 30"), of(NOW.plusSeconds(15)));
    // What was opened after the oldest sample of a count may be none of those counted.
    assertEquals(List.of(), of(NOW.plusSeconds(14)));
  }

  @Test
  void leavesOutWhatComesByMutualTls() {
    of(NOW);
    read();
    read();

    assertEquals(List.of(), of(clock.instant()));
  }

  @Test
  void forgetsWhatWasClosed() {
    page = plaintext("10.233.97.150:41000");
    of(NOW);
    read();
    page = plaintext("10.233.97.150:41001");
    read();

    assertEquals(List.of(), of(NOW.plusSeconds(15)));
    assertEquals(List.of("1 of legacy/curl to 9080 since 30 until 30"), of(NOW.plusSeconds(30)));
  }

  /** After a break it may be another connection from the same port. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "[]",
        "{\"workloadState\": []}",
        "{\"workloadState\": {\"uid\": {\"connections\": {\"inbound\": [",
        "{\"workloadState\": {}, \"workloads\": {}"
      })
  void beginsAnewAfterAnAnswerThatWasNone(String answer) {
    page = plaintext("10.233.97.150:41000");
    of(NOW);
    read();
    page = answer;
    read();
    assertEquals(List.of(), of(clock.instant()));

    page = plaintext("10.233.97.150:41000");
    read();

    assertEquals(List.of(), of(NOW.plusSeconds(15)));
    assertEquals(List.of("1 of legacy/curl to 9080 since 45 until 45"), of(NOW.plusSeconds(45)));
  }

  @Test
  void isSilentOnceItsAnswerIsOld() {
    page = plaintext("10.233.97.150:41000");
    of(NOW);
    read();
    assertEquals(1, of(clock.instant()).size());

    clock.advance(OpenConnections.FRESH);
    assertEquals(1, of(clock.instant()).size());
    clock.advance(Duration.ofSeconds(1));

    assertEquals(List.of(), of(clock.instant()));
  }

  /** What it holds open would be taken for what the others do. */
  @Test
  void saysNothingOfAServerWithAPodThatNobodySpeaksFor() {
    page = plaintext("10.233.97.150:41000");
    of(NOW);
    read();
    mesh =
        with(
            namespace("bookinfo")
                .with(
                    ambientPod("productpage").ip("10.233.97.129").node("node-1"),
                    ambientPod("productpage-2")
                        .of("Deployment", "productpage")
                        .ip("10.233.98.1")
                        .node("node-2")));
    read();

    assertEquals(List.of(), of(clock.instant()));
  }

  /** Anybody may call a pod of their own so. */
  @Test
  void asksTheZtunnelOfTheMeshAlone() {
    mesh =
        MeshBuilders.mesh(
            namespace("bookinfo")
                .with(
                    ambientPod("productpage").ip("10.233.97.129").node("node-1"),
                    ztunnel().ip("10.233.97.9").node("node-1")));
    of(NOW);
    read();

    assertEquals(List.of(), asked);
  }

  /** A line is read at once, and the next dump comes later. */
  @Test
  void leavesWhatHasEndedToItsLine() {
    page = plaintext("10.233.97.150:41000");
    of(NOW);
    read();
    assertEquals(1, of(clock.instant()).size());

    open.ended(new Address("10.233.97.150", 41000), new Address("10.233.97.129", 9080));
    assertEquals(List.of(), of(clock.instant()));
    read();

    assertEquals(List.of(), of(clock.instant()));
  }

  /** Its line may be read before the answer that still has it. */
  @Test
  void leavesToItsLineWhatEndsWhileZtunnelIsAsked() {
    page = plaintext("10.233.97.150:41000");
    of(NOW);
    meanwhile =
        () -> open.ended(new Address("10.233.97.150", 41000), new Address("10.233.97.129", 9080));
    read();
    meanwhile = () -> {};

    assertEquals(List.of(), of(clock.instant()));
  }

  /** However many come and go: they hide what nobody has ended, and fill nothing. */
  @Test
  void isNotFloodedByConnectionsThatEnd() {
    page = plaintext("10.233.97.150:41000");
    of(NOW);
    read();
    for (int i = 0; i <= 60_000; i++) {
      open.ended(new Address("10.9.9.9", 1 + i % 60_000), new Address("10.233.97.129", 9080));
    }

    assertEquals(1, of(clock.instant()).size());
  }

  /** What was open hours ago would be taken for what the counts of now have open. */
  @Test
  void isSilentWhenTheClockWasSetBackUntilItHasReadAgain() {
    page = plaintext("10.233.97.150:41000");
    of(NOW);
    slow = Duration.ofSeconds(5);
    read();
    int first = asked.size();
    clock.advance(Duration.ofHours(-2));
    assertEquals(List.of(), of(NOW.plusSeconds(60)));

    open.read();

    assertTrue(asked.size() > first);
    assertEquals(1, of(NOW.plusSeconds(60)).size());
  }

  @Test
  void isSilentAfterAReadingInWhichTheProcessStoodStill() {
    page = plaintext("10.233.97.150:41000");
    of(NOW);
    slow = Duration.ofHours(2);
    read();
    slow = Duration.ZERO;
    int first = asked.size();
    assertEquals(List.of(), of(clock.instant()));
    clock.advance(Duration.ofMinutes(5));

    read();

    assertTrue(asked.size() > first);
    assertEquals(1, of(clock.instant()).size());
  }

  /** Reading takes a tenth of the time at most, and what was read counts till it is read again. */
  @Test
  void restsAfterALongReading() {
    page = plaintext("10.233.97.150:41000");
    of(NOW);
    slow = Duration.ofSeconds(20);
    read();
    slow = Duration.ZERO;
    int first = asked.size();
    for (int i = 0; i < 11; i++) {
      read();
      assertEquals(1, of(clock.instant()).size());
    }
    assertEquals(first, asked.size());

    read();
    assertEquals(first + 1, asked.size());
  }

  /** A client that opens ever more fills nobody's memory, and hides what others do nowhere else. */
  @Test
  void tellsNothingOfAServerWithConnectionsWithoutEnd() {
    StringBuilder inbound = new StringBuilder();
    for (int port = 1; port <= ZtunnelDump.MOST + 2; port++) {
      inbound.append(connection("10.233.97.150:" + port, "10.233.97.129:9080")).append(',');
    }
    page =
        "{\"workloadState\":{\"u\":{\"connections\":{\"inbound\":["
            + inbound
            + connection("10.233.97.150:9", "10.233.97.130:9090")
            + "]}}}}";
    mesh =
        with(
            namespace("bookinfo")
                .with(
                    ambientPod("productpage").ip("10.233.97.129").node("node-1"),
                    ambientPod("neighbour").ip("10.233.97.130").node("node-1")));
    WorkloadRef neighbour = new WorkloadRef("bookinfo", "Deployment", "neighbour");
    of(NOW);
    assertEquals(List.of(), open.of(neighbour, NOW));

    read();

    assertEquals(List.of(), of(clock.instant()));
    assertEquals(1, open.of(neighbour, clock.instant()).size());
  }

  private static String connection(String client, String server) {
    return "{\"src\":\"" + client + "\",\"actualDst\":\"" + server + "\",\"protocol\":\"TCP\"}";
  }
}
