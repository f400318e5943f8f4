// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.Absent;
import io.mtlsmigration.kubernetes.forward.PodPort;
import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.testing.ManualClock;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.LinesRead;
import io.mtlsmigration.traffic.Origin;
import io.mtlsmigration.traffic.OwnProbes;
import io.mtlsmigration.traffic.SecuredCalls;
import io.mtlsmigration.traffic.SeenCaller;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Who sends plaintext, read from logs as kubelets give them out. */
final class AccessLogCallersTest {

  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final WorkloadRef SERVER = new WorkloadRef("foo", "Deployment", "httpbin");
  private static final String NODES =
      """
      {"kind": "NodeList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": [{
        "metadata": {"name": "node-1"},
        "spec": {"podCIDRs": ["10.244.0.0/24", "fd00::/64"]},
        "status": {"addresses": [{"type": "InternalIP", "address": "192.168.0.7"},
                                 {"type": "Hostname", "address": "node-1"}]}}]}
      """;

  private static final MeshSnapshot MESH =
      mesh(
          namespace("foo")
              .with(sidecarPod("httpbin").ip("10.244.0.4"), sidecarPod("other").ip("10.244.0.5"))
              .with(service("web").clusterIps("10.96.0.9").port(80, 8080)),
          namespace("ambient")
              .with(
                  ambientPod("server").ip("10.244.0.20").node("node-1"),
                  ambientPod("neighbour").ip("10.244.0.21").node("node-1")),
          namespace("istio-system").with(ztunnel()),
          namespace("legacy")
              .with(
                  pod("curl").ip("10.244.0.8").otherIps("fd00::8").node("node-1"),
                  pod("agent").ip("192.168.0.1").node("node-2").hostNetwork(),
                  pod("young").ip("10.244.0.11").createdAt(NOW.minusSeconds(120)),
                  pod("ended").ip("10.244.0.11").terminated().createdAt(NOW.minusSeconds(900))));

  private LogServer server;
  private MeshSnapshot mesh = MESH;
  private final ManualClock clock = new ManualClock(NOW);
  private OwnProbes probes = Absent.OWN_PROBES;
  private Set<String> gates = Set.of();
  private AccessLogCallers callers;

  @BeforeEach
  void start() throws IOException {
    server = new LogServer();
    server.nodes = NODES;
    callers = reading(1 << 20);
  }

  private static final PodPort NO_WAY =
      (pod, port, request) -> {
        throw new AssertionError("nobody is asked what is open");
      };

  private AccessLogCallers reading(long bytes) {
    return new AccessLogCallers(
        source(() -> mesh.observed(clock.instant(), List.of())),
        NO_WAY,
        () -> new AccessLogCallers.Gates(gates, gates),
        probes,
        clock,
        bytes);
  }

  private LogSource source(Inventory inventory) {
    return new LogSource(
        server.client,
        inventory,
        new ClusterNodes(server.client, clock),
        new AddressHistory(AccessLogCallers.RETAINED),
        "istio-system");
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static String line(String remote) {
    return "[2026-01-01T11:59:59.001Z] \"GET /ip HTTP/1.1\" 200 - via_upstream - \"-\" 0 33 1 0"
        + " \"-\" \"curl/8\" \"4f\" \"httpbin.foo:8000\" \"10.244.0.4:8080\" inbound|8080||"
        + " 127.0.0.6:33145 10.244.0.4:8080 "
        + remote
        + " - default";
  }

  private List<SeenCaller> seen() {
    return callers.plaintext(SERVER, NOW.minus(Duration.ofDays(1)), clock.instant().plusSeconds(1));
  }

  private List<SeenCaller> read() {
    assertEquals(List.of(), seen());
    callers.read();
    return seen();
  }

  private static PodBuilder ztunnel() {
    return pod("ztunnel")
        .of("DaemonSet", "ztunnel")
        .label("app", "ztunnel")
        .ip("10.244.0.30")
        .node("node-1")
        .hostNetwork();
  }

  /** The node's clock is ahead: what it dates after now happened by now, and is not kept longer. */
  @Test
  void datesNoCallAfterItWasReadOf() {
    server.writes("foo", "httpbin", NOW.plus(Duration.ofDays(30)), line("10.244.0.8:40000"));
    seen();
    callers.read();
    clock.advance(Duration.ofSeconds(20));
    callers.read();

    List<SeenCaller> read = callers.plaintext(SERVER, NOW.minusSeconds(60), Instant.MAX);
    assertEquals(List.of(NOW), read.stream().map(SeenCaller::lastSeen).toList());

    clock.advance(AccessLogCallers.RETAINED);
    callers.read();
    assertEquals(List.of(), callers.plaintext(SERVER, NOW.minusSeconds(60), Instant.MAX));
  }

  static Stream<Arguments> clients() {
    return Stream.of(
        argumentSet("a pod", "10.244.0.8", "legacy/curl", Origin.pod("node-1")),
        argumentSet("its second address", "fd00::8", "legacy/curl", Origin.pod("node-1")),
        argumentSet("a node", "192.168.0.7", null, Origin.node("node-1")),
        argumentSet("a pod on its network", "192.168.0.1", null, Origin.node("node-2")),
        argumentSet("its bridge", "10.244.0.1", null, Origin.node("node-1")),
        argumentSet("the kubelet, on ambient", "169.254.7.127", null, Origin.node("")),
        argumentSet("a Service", "10.96.0.9", null, Origin.service("foo/web")),
        argumentSet("a pod that is gone", "10.244.0.77", null, Origin.GONE),
        argumentSet("somebody else", "203.0.113.9", null, Origin.OUTSIDE));
  }

  @ParameterizedTest
  @MethodSource("clients")
  void namesAClientByItsAddress(String address, @Nullable String workload, Origin origin) {
    String remote = address.contains(":") ? "[" + address + "]:40000" : address + ":40000";
    server.writes("foo", "httpbin", NOW.minusSeconds(5), line(remote));

    SeenCaller only = read().getFirst();

    WorkloadRef named = workload == null ? null : new WorkloadRef("legacy", "Deployment", "curl");
    assertEquals(new Caller(named, address, origin), only.client());
    assertEquals(8080, only.port());
    assertTrue(only.http());
    assertEquals(NOW.minusSeconds(5), only.lastSeen());
  }

  /** An address goes from one pod to the next: the one that had it then called. */
  @Test
  void namesThePodThatHadTheAddress() {
    server.writes("foo", "httpbin", NOW.minusSeconds(600), line("10.244.0.11:40000"));
    server.writes("foo", "httpbin", NOW.minusSeconds(5), line("10.244.0.11:40000"));
    server.writes("foo", "httpbin", NOW.minusSeconds(3), line("10.244.0.11:40000"));

    List<String> read =
        read().stream().map(seen -> seen.client().id() + " " + seen.count()).toList();

    assertEquals(List.of("legacy/ended 1", "legacy/young 2"), read);
  }

  @Test
  void tellsNobodyToBeOutsideWhileNodesMayNotBeRead() {
    server.nodes = "";
    server.writes("foo", "httpbin", NOW.minusSeconds(5), line("203.0.113.9:40000"));
    server.writes("foo", "httpbin", NOW.minusSeconds(4), line("10.244.0.8:40000"));

    assertEquals(
        List.of(
            new Caller(null, "203.0.113.9", Origin.UNKNOWN),
            new Caller(
                new WorkloadRef("legacy", "Deployment", "curl"),
                "10.244.0.8",
                Origin.pod("node-1"))),
        read().stream().map(SeenCaller::client).toList());
  }

  @Test
  void asksForNodesOnceInAWhile() {
    server.writes("foo", "httpbin", NOW.minusSeconds(5), line("203.0.113.9:40000"));
    assertEquals(1, read().size());
    clock.advance(Duration.ofMinutes(9));
    server.writes("foo", "httpbin", clock.instant().minusSeconds(4), line("203.0.113.10:40000"));
    callers.read();
    assertEquals(1, server.nodesAsked.get());

    clock.advance(Duration.ofMinutes(2));
    seen();
    server.writes("foo", "httpbin", clock.instant().minusSeconds(4), line("203.0.113.11:40000"));
    callers.read();

    assertEquals(2, server.nodesAsked.get());
  }

  @Test
  void asksForAllPagesOfNodes() {
    server.nodes =
        NODES.replace(
            "\"metadata\": {\"resourceVersion\": \"1\"}", "\"metadata\": {\"continue\": \"next\"}");
    server.moreNodes =
        NODES
            .replace("node-1", "node-2")
            .replace("192.168.0.7", "192.168.0.8")
            .replace("10.244.0.0", "10.244.5.0");
    server.writes("foo", "httpbin", NOW.minusSeconds(5), line("192.168.0.7:40000"));
    server.writes("foo", "httpbin", NOW.minusSeconds(4), line("192.168.0.8:40000"));

    assertEquals(
        List.of(Origin.node("node-1"), Origin.node("node-2")),
        read().stream().map(seen -> seen.client().origin()).toList());
  }

  private static OwnProbes claiming(int port, OwnProbes.Claim claim) {
    return new OwnProbes() {
      @Override
      public SecuredCalls answeredByAll(Instant from, Instant to) {
        return new SecuredCalls(0, 0, 0);
      }

      @Override
      public boolean madeFrom(String address, int of, WorkloadRef to, Instant at) {
        return claim(address, of, to, at) != Claim.NOT_OURS;
      }

      @Override
      public Claim claim(String address, int of, WorkloadRef to, Instant at) {
        return of == port && to.equals(SERVER) ? claim : Claim.NOT_OURS;
      }
    };
  }

  /** It has read on in the log, and reads no line again: one that nobody has taken is missing. */
  @Test
  void saysThatLinesAreMissingOfAReadingThatDies() {
    OwnProbes none = claiming(61_000, OwnProbes.Claim.NOT_OURS);
    AtomicInteger memory = new AtomicInteger(0);
    probes =
        new OwnProbes() {
          @Override
          public SecuredCalls answeredByAll(Instant from, Instant to) {
            return none.answeredByAll(from, to);
          }

          @Override
          public boolean madeFrom(String address, int port, WorkloadRef to, Instant at) {
            if (memory.getAndIncrement() == 0) {
              throw new OutOfMemoryError();
            }
            return false;
          }
        };
    callers = reading(1 << 20);
    server.writes("foo", "httpbin", NOW.minus(Duration.ofDays(2)), "info");
    read();
    Instant before = callers.lines(SERVER).since();
    assertTrue(before != null && before.isBefore(NOW));
    server.writes("foo", "httpbin", NOW.plusSeconds(1), line("10.244.0.8:61000"));
    clock.advance(Duration.ofSeconds(5));

    assertThrows(OutOfMemoryError.class, callers::read);
    clock.advance(Duration.ofSeconds(5));
    callers.read();

    assertEquals(List.of(), seen());
    assertEquals(NOW.plusSeconds(5), callers.lines(SERVER).since());
  }

  private List<String> ownAndOthers() {
    return read().stream().map(seen -> (seen.own() ? "own " : "other ") + seen.count()).toList();
  }

  @Test
  void tellsOwnProbesByThePortThatEachHad() {
    probes = claiming(61_000, OwnProbes.Claim.OURS);
    callers = reading(1 << 20);
    server.writes("foo", "httpbin", NOW.minusSeconds(5), line("10.244.0.8:61000"));
    server.writes("foo", "httpbin", NOW.minusSeconds(5), line("10.244.0.8:40000"));
    server.writes("foo", "httpbin", NOW.minusSeconds(4), line("10.244.0.8:61001"));

    assertEquals(Set.of("own 1", "other 2"), Set.copyOf(ownAndOthers()));
  }

  /** A proxy chooses the port itself: whatever its pod sent meanwhile would pass for a probe. */
  @Test
  void takesNothingForAProbeThatHasNoPortOfItsOwn() {
    probes = claiming(40_000, OwnProbes.Claim.OURS);
    callers = reading(1 << 20);
    server.writes("foo", "httpbin", NOW.minusSeconds(5), line("10.244.0.8:40000"));

    assertEquals(List.of("other 1"), ownAndOthers());
  }

  /** What nobody can tell was seen all the same, as what is older than anybody remembers. */
  @Test
  void tellsOfWhatMayHaveBeenAProbe() {
    probes = claiming(61_000, OwnProbes.Claim.PERHAPS);
    callers = reading(1 << 20);
    Instant past = NOW.minus(OwnProbes.TRACED).minusSeconds(1);
    server.writes("foo", "httpbin", past, line("10.244.0.8:61001"));
    server.writes("foo", "httpbin", NOW.minusSeconds(5), line("10.244.0.8:61000"));

    assertEquals(List.of("other 2"), ownAndOthers());
  }

  @Test
  void readsTheLogsOfThoseAloneThatAreAskedAbout() {
    server.writes("foo", "httpbin", NOW.minusSeconds(5), line("10.244.0.8:40000"));
    callers.read();
    assertEquals(List.of(), server.asked);

    read();
    assertTrue(server.asked.stream().noneMatch(path -> path.contains("/pods/other/")));
    clock.advance(Duration.ofMinutes(11));
    server.asked.clear();
    callers.read();

    assertEquals(List.of(), server.asked);
    assertEquals(1, seen().getFirst().count());
  }

  /** Who counted a call twice would take it for one of somebody who was not read of. */
  @Test
  void goesOnWhereItWasWhenAskedAgain() {
    server.writes("foo", "httpbin", NOW.minusSeconds(5), line("10.244.0.8:40000"));
    read();
    clock.advance(Duration.ofMinutes(11));
    callers.read();
    server.writes("foo", "httpbin", NOW.plusSeconds(300), line("10.244.0.8:40000"));
    seen();

    callers.read();

    assertEquals(2, seen().getFirst().count());
  }

  @Test
  void leavesAloneWhatAContainerWroteBeforeItWasStartedAgain() {
    mesh = mesh(namespace("foo").with(sidecarPod("httpbin").ip("10.244.0.4").proxyRestarts(1)));
    server.wroteBefore("foo", "httpbin", NOW.minusSeconds(9), line("10.244.0.8:40000"));
    server.writes("foo", "httpbin", NOW.minusSeconds(5), line("10.244.0.8:40000"));

    assertEquals(1, read().getFirst().count());
    assertTrue(server.asked.stream().noneMatch(path -> path.contains("previous")));
  }

  /** As a real one writes them: mutual TLS, plaintext to two ports, and what STRICT refuses. */
  @Test
  void takesOfAZtunnelWhatIsAboutTheServer() {
    String toServer =
        "2026-01-01T12:00:00Z\tinfo\taccess\tconnection complete\tsrc.addr=10.244.0.8:40000"
            + " src.workload=\"curl-5b549b49b8-c2gqg\" src.namespace=\"legacy\""
            + " dst.addr=10.244.0.20:8080 dst.namespace=\"ambient\" direction=\"inbound\""
            + " bytes_sent=87 bytes_recv=29 duration=\"4ms\"";
    for (String entry :
        List.of(
            toServer,
            toServer.replace("0.20:8080", "0.20:9090"),
            toServer.replace("0.20:8080", "0.21:8080"),
            toServer.replace("dst.addr=", "src.identity=\"spiffe://x/ns/bar/sa/y\" dst.addr="),
            toServer
                + " error=\"connection closed due to policy rejection: explicitly denied by:"
                + " istio-system/istio_converted_static_strict\"")) {
      server.writes("istio-system", "ztunnel", NOW.minusSeconds(2), entry);
    }
    WorkloadRef ambient = new WorkloadRef("ambient", "Deployment", "server");
    assertEquals(List.of(), callers.plaintext(ambient, NOW.minusSeconds(60), NOW));

    callers.read();

    List<SeenCaller> seen = callers.plaintext(ambient, NOW.minusSeconds(60), NOW.plusSeconds(60));
    assertEquals(
        List.of("legacy/curl to 8080: 1, tcp", "legacy/curl to 9090: 1, tcp"),
        seen.stream()
            .map(
                one ->
                    "%s to %d: %d, %s"
                        .formatted(
                            one.client().id(),
                            one.port(),
                            one.count(),
                            one.http() ? "http" : "tcp"))
            .toList());
  }

  /** The connection was counted long before, and its line is the only one that tells its port. */
  @Test
  void takesOfAZtunnelWhatEndedWithTheServersPod() {
    WorkloadRef ambient = new WorkloadRef("ambient", "Deployment", "server");
    callers.plaintext(ambient, NOW.minusSeconds(60), NOW);
    callers.read();
    mesh =
        mesh(
            namespace("istio-system").with(ztunnel()),
            namespace("ambient").with(ambientPod("server").ip("10.244.0.22").node("node-1")));
    clock.advance(Duration.ofSeconds(5));
    server.writes(
        "istio-system",
        "ztunnel",
        NOW.plusSeconds(2),
        "2026-01-01T12:00:02Z\tinfo\taccess\tconnection complete\tsrc.addr=10.244.0.8:40000"
            + " dst.addr=10.244.0.20:8080 dst.namespace=\"ambient\" direction=\"inbound\""
            + " bytes_sent=87 bytes_recv=29 duration=\"4h\"");

    callers.read();

    assertEquals(
        List.of(8080),
        callers.plaintext(ambient, NOW, NOW.plusSeconds(60)).stream()
            .map(SeenCaller::port)
            .toList());
  }

  private static final WorkloadRef AMBIENT = new WorkloadRef("ambient", "Deployment", "server");
  private static final WorkloadRef NEIGHBOUR =
      new WorkloadRef("ambient", "Deployment", "neighbour");

  private static String took(String server) {
    return "2026-01-01T12:00:02Z\tinfo\taccess\tconnection complete\tsrc.addr=10.244.0.8:40000"
        + " dst.addr="
        + server
        + " dst.namespace=\"ambient\" direction=\"inbound\" bytes_sent=87 bytes_recv=29"
        + " duration=\"4ms\"";
  }

  private void asks(WorkloadRef... servers) {
    for (WorkloadRef one : servers) {
      callers.plaintext(one, NOW.minusSeconds(60), Instant.MAX);
    }
    callers.read();
    clock.advance(Duration.ofSeconds(5));
  }

  /** A reading takes a while, in which gates look. */
  @Test
  void tellsAtOnceThatCallersWereDropped() {
    WorkloadRef late = new WorkloadRef("later", "Deployment", "late");
    mesh =
        mesh(
            namespace("foo").with(sidecarPod("httpbin").ip("10.244.0.4")),
            namespace("later").with(sidecarPod("late").ip("10.244.0.6")));
    gates = Set.of("foo"); // is read first
    server.writes("later", "late", NOW.minus(Duration.ofDays(2)), "info");
    server.writes("foo", "httpbin", NOW.minus(Duration.ofDays(2)), "info");
    server.writes("foo", "httpbin", NOW.minusSeconds(600), line("10.244.0.8:40000"));
    asks(SERVER, late);
    for (int i = 0; i < CallerBook.OF_ONE_SERVER; i++) {
      server.writes("foo", "httpbin", NOW, line("10.1.2." + i + ":40000"));
    }
    List<LinesRead> told = new CopyOnWriteArrayList<>();
    server.slow =
        () -> {
          if (server.asked.getLast().contains("/later/")) {
            told.add(callers.lines(SERVER));
          }
        };

    callers.read();

    assertEquals(NOW.minusSeconds(600), told.getFirst().since());
    assertEquals(NOW.minusSeconds(600), callers.lines(SERVER).since());
  }

  /** Its line was read for another server of the node, and left. */
  @Test
  void knowsNoLineFromBeforeSomebodyAskedAboutTheServer() {
    server.writes("istio-system", "ztunnel", NOW.minus(Duration.ofDays(2)), "info begins");
    asks(NEIGHBOUR);
    server.writes("istio-system", "ztunnel", NOW.plusSeconds(2), took("10.244.0.20:8080"));
    asks(NEIGHBOUR);
    Instant asked = clock.instant();

    asks(NEIGHBOUR, AMBIENT);
    asks(NEIGHBOUR, AMBIENT);

    assertEquals(List.of(), callers.plaintext(AMBIENT, NOW.minusSeconds(60), Instant.MAX));
    assertEquals(asked, callers.lines(AMBIENT).since());
    assertEquals(NOW, callers.lines(NEIGHBOUR).since());
  }

  @Test
  void knowsNoLineOfATimeInWhichNobodyAskedAboutTheServer() {
    server.writes("istio-system", "ztunnel", NOW.minus(Duration.ofDays(2)), "info begins");
    asks(NEIGHBOUR, AMBIENT);
    for (int i = 0; i < 12; i++) {
      clock.advance(Duration.ofSeconds(50));
      asks(NEIGHBOUR);
    }
    Instant asked = clock.instant();

    asks(NEIGHBOUR, AMBIENT);

    assertEquals(asked, callers.lines(AMBIENT).since());
    assertEquals(NOW, callers.lines(NEIGHBOUR).since());
  }

  /** Pods that came and went by then had other addresses, and nobody knows which. */
  @Test
  void knowsNoLineOfPodsThatHadEndedBeforeAZtunnelWasRead() {
    server.writes("istio-system", "ztunnel", NOW.minus(Duration.ofDays(2)), "info begins");

    asks(AMBIENT);

    assertEquals(NOW, callers.lines(AMBIENT).since());
  }

  /** Lines that are read late are of whoever had the address when they were written. */
  @Test
  void takesOfAZtunnelThatIsReadLateWhatWasWrittenInTime() {
    asks(NEIGHBOUR, AMBIENT);
    mesh =
        mesh(
            namespace("istio-system").with(ztunnel()),
            namespace("ambient")
                .with(
                    ambientPod("neighbour-2")
                        .of("Deployment", "neighbour")
                        .ip("10.244.0.20")
                        .createdAt(NOW.plusSeconds(60))
                        .node("node-1")));
    clock.advance(Duration.ofMinutes(3));
    server.writes("istio-system", "ztunnel", NOW.plusSeconds(2), took("10.244.0.20:8080"));
    server.writes("istio-system", "ztunnel", NOW.plusSeconds(90), took("10.244.0.20:9090"));

    asks(NEIGHBOUR, AMBIENT);

    assertEquals(List.of(8080), ports(AMBIENT));
    assertEquals(List.of(9090), ports(NEIGHBOUR));
  }

  /** A ztunnel's log goes back for a day; who had an address then, nobody knows. */
  @Test
  void takesNoLineForThatOfAPodWhichBeganLater() {
    server.writes("istio-system", "ztunnel", NOW.minus(Duration.ofDays(2)), "info begins");
    server.writes(
        "istio-system", "ztunnel", NOW.minus(Duration.ofHours(3)), took("10.244.0.20:8080"));
    mesh =
        mesh(
            namespace("istio-system").with(ztunnel()),
            namespace("ambient")
                .with(
                    ambientPod("server")
                        .ip("10.244.0.20")
                        .createdAt(NOW.minus(Duration.ofHours(1)))
                        .node("node-1")));

    asks(AMBIENT);
    asks(AMBIENT);

    assertEquals(List.of(), callers.plaintext(AMBIENT, Instant.MIN, Instant.MAX));
  }

  private List<Integer> ports(WorkloadRef of) {
    return callers.plaintext(of, NOW.minusSeconds(60), Instant.MAX).stream()
        .map(SeenCaller::port)
        .toList();
  }

  /** Of a log that is read for the first time it is looked first how it begins. */
  private boolean whole(String path) {
    return path.contains("limitBytes=" + ProxyLog.MAX_BYTES);
  }

  /** Whoever else asks, such as a worklist that asks about all: gates are what plans wait for. */
  @Test
  void readsFirstWhatGatesAskAbout() {
    int servers = LogReaders.AT_ONCE * 2;
    MeshSnapshot many =
        mesh(
            namespace("foo")
                .with(
                    IntStream.range(0, servers)
                        .mapToObj(i -> sidecarPod("s" + i).ip("10.244.9." + i))
                        .toArray(MeshBuilders.PodBuilder[]::new)),
            namespace("planned").with(sidecarPod("last").ip("10.244.8.1")));
    callers =
        new AccessLogCallers(
            source(() -> many),
            NO_WAY,
            () -> new AccessLogCallers.Gates(gates, gates),
            probes,
            clock,
            100);
    gates = Set.of("planned");
    for (int i = 0; i < servers; i++) {
      server.writes(
          "foo", "s" + i, Collections.nCopies(5, NOW.minusSeconds(5)), line("10.244.0.8:40000"));
      var unused = callers.plaintext(new WorkloadRef("foo", "Deployment", "s" + i), NOW, NOW);
    }
    var unused = callers.plaintext(new WorkloadRef("planned", "Deployment", "last"), NOW, NOW);
    server.writes("planned", "last", NOW.minusSeconds(5), line("10.244.0.8:40000"));

    for (int turn = 0; turn < 3; turn++) {
      server.asked.clear();
      callers.read();
      clock.advance(Duration.ofSeconds(5));

      assertTrue(server.asked.stream().anyMatch(path -> path.contains("/planned/")), "" + turn);
    }
  }

  private static String pathOf(String log) {
    return "/" + log.replace("/", "/pods/") + "/";
  }

  private boolean wasAsked(String log) {
    return server.asked.stream().anyMatch(path -> path.contains(pathOf(log)));
  }

  private MeshSnapshot many = MESH;

  /** Each reading is up to a few bytes, so no more than one batch of each kind is read. */
  private void busy(Map<String, Integer> podsByNamespace) {
    MeshBuilders.NamespaceBuilder[] namespaces =
        podsByNamespace.entrySet().stream()
            .map(
                of ->
                    namespace(of.getKey())
                        .with(
                            IntStream.range(0, of.getValue())
                                .mapToObj(i -> sidecarPod(of.getKey() + i).ip("10.244.9." + i))
                                .toArray(MeshBuilders.PodBuilder[]::new)))
            .toArray(MeshBuilders.NamespaceBuilder[]::new);
    many = mesh(namespaces);
    podsByNamespace.forEach(
        (name, pods) -> IntStream.range(0, pods).forEach(i -> busy(name, name + i)));
  }

  private void busy(String namespace, String pod) {
    server.writes(
        namespace, pod, Collections.nCopies(5, NOW.minusSeconds(5)), line("10.244.0.8:40000"));
    var unused = callers.plaintext(new WorkloadRef(namespace, "Deployment", pod), NOW, NOW);
  }

  private AccessLogCallers readingMany() {
    return readingMany(100);
  }

  private AccessLogCallers readingMany(long bytes) {
    return new AccessLogCallers(
        source(() -> many),
        NO_WAY,
        () -> new AccessLogCallers.Gates(gates, gates),
        probes,
        clock,
        bytes);
  }

  private void read(int readings) {
    for (int i = 0; i < readings; i++) {
      callers.read();
      clock.advance(Duration.ofSeconds(5));
    }
  }

  /** Those that a person asks about would never be named beside a large plan. */
  @Test
  void readsTheOthersHoweverMuchGatesHaveToRead() {
    callers = readingMany();
    gates = Set.of("planned");
    busy(Map.of("planned", 40, "foo", 20));

    read(20);

    assertTrue(IntStream.range(0, 20).allMatch(i -> wasAsked("foo/foo" + i)));
    assertTrue(IntStream.range(0, 40).allMatch(i -> wasAsked("planned/planned" + i)));
  }

  /** Else nobody would know until when the others were read, which were read long ago. */
  @Test
  void aReadingEndsThoughKubeletsAreSlow() {
    callers = readingMany(1 << 30);
    gates = Set.of("planned");
    busy(Map.of("planned", 200, "foo", 20));
    server.slow = () -> clock.advance(Duration.ofSeconds(1));
    Instant begun = clock.instant();

    callers.read();

    assertTrue(
        Duration.between(begun, clock.instant()).toSeconds() < 20 + 2 * LogReaders.AT_ONCE,
        clock.instant()::toString);
    assertTrue(server.asked.stream().anyMatch(path -> path.contains("/foo/")));
    for (int i = 0; i < 30; i++) {
      callers.read();
    }
    assertTrue(IntStream.range(0, 200).allMatch(i -> wasAsked("planned/planned" + i)));
    assertTrue(IntStream.range(0, 20).allMatch(i -> wasAsked("foo/foo" + i)));
  }

  /** As many readings as its namespace has logs, where there are no more than eight namespaces. */
  @Test
  void readsAFewLogsSoonHoweverManyAnotherNamespaceHas() {
    callers = readingMany();
    gates = Set.of("a", "b", "c");
    busy(Map.of("a", 100, "b", 100, "c", 3));

    read(3);

    assertTrue(IntStream.range(0, 3).allMatch(i -> wasAsked("c/c" + i)));
  }

  /** Who makes pods all the time would be the first for ever. */
  @Test
  void doesNotPreferALogThatHasJustBegun() {
    callers = readingMany();
    busy(Map.of("foo", 16));
    read(2);
    server.asked.clear();
    for (int reading = 0; reading < 16; reading++) {
      int born = reading * LogReaders.AT_ONCE;
      many =
          mesh(
              namespace("foo")
                  .with(
                      Stream.concat(
                              IntStream.range(0, 16).mapToObj(i -> "foo" + i),
                              IntStream.range(born, born + LogReaders.AT_ONCE)
                                  .mapToObj(i -> "born" + i))
                          .map(name -> sidecarPod(name).ip("10.244.9.1"))
                          .toArray(MeshBuilders.PodBuilder[]::new)));
      IntStream.range(born, born + LogReaders.AT_ONCE).forEach(i -> busy("foo", "born" + i));

      read(1);
    }

    assertTrue(IntStream.range(0, 16).allMatch(i -> wasAsked("foo/foo" + i)));
  }

  /** Each log has its turn, however much another one holds. */
  @Test
  void sharesItsBudget() {
    int servers = LogReaders.AT_ONCE * 2;
    MeshSnapshot many =
        mesh(
            namespace("foo")
                .with(
                    IntStream.range(0, servers)
                        .mapToObj(i -> sidecarPod("s" + i).ip("10.244.9." + i))
                        .toArray(MeshBuilders.PodBuilder[]::new)));
    callers =
        new AccessLogCallers(
            source(() -> many),
            NO_WAY,
            () -> new AccessLogCallers.Gates(gates, gates),
            probes,
            clock,
            100);
    for (int i = 0; i < servers; i++) {
      server.writes(
          "foo", "s" + i, Collections.nCopies(5, NOW.minusSeconds(5)), line("10.244.0.8:40000"));
      assertEquals(
          List.of(),
          callers.plaintext(
              new WorkloadRef("foo", "Deployment", "s" + i), NOW.minusSeconds(60), NOW));
    }

    callers.read();
    assertEquals(LogReaders.AT_ONCE, server.asked.stream().filter(this::whole).count());
    clock.advance(Duration.ofSeconds(5));
    callers.read();

    assertEquals(
        servers, server.asked.stream().map(path -> path.split("/", -1)[6]).distinct().count());
  }
}
