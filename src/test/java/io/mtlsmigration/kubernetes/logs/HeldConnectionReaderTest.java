// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarScope;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.kubernetes.probe.ConnectionLister.Listing;
import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.testing.ManualClock;
import io.mtlsmigration.traffic.ConnectionRecord.Connections;
import io.mtlsmigration.traffic.SeenCaller;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients are told by the kernel's own table, in lines as a kernel has written them. */
final class HeldConnectionReaderTest {

  private static final Duration APART = Duration.ofSeconds(30);
  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final WorkloadRef SERVER = new WorkloadRef("foo", "Deployment", "httpbin");

  private static final String HEAD =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout"
          + " inode\n";

  /** The sidecar's listener, 0.0.0.0:15006. */
  private static final String LISTENER = row("00000000:3A9E", "00000000:0000", "0A");

  /** 127.0.0.6 to 10.244.0.9:8080. */
  private static final String TO_APPLICATION = row("0600007F:D431", "0900F40A:1F90", "01");

  private final ManualClock clock = new ManualClock(NOW);
  private final List<String> asked = new ArrayList<>();
  private MeshBuilders.SidecarScopeBuilder[] sidecars = {};
  private final List<MeshBuilders.PodBuilder> legacy =
      new ArrayList<>(List.of(pod("curl").ip("10.244.0.8")));
  private final List<MeshBuilders.PodBuilder> slow = new ArrayList<>();
  private Listing answer = new Listing.Tables("");
  private Duration takes = Duration.ZERO;
  private Duration slowTakes = Duration.ofSeconds(15);
  private MeshBuilders.PodBuilder httpbin = sidecarPod("httpbin").ports(8080).ip("10.244.0.9");
  private MeshBuilders.PodBuilder another = pod("job").ip("10.244.0.20");
  private LogServer server;
  private HeldConnectionReader reader;

  @BeforeEach
  void start() throws IOException {
    server = new LogServer();
    reader = reader(LogReaders::begin);
    reader.read().wanted("foo", true);
    lists();
  }

  private HeldConnectionReader reader(IntFunction<ExecutorService> readers) {
    return reader(readers, APART);
  }

  private HeldConnectionReader reader(IntFunction<ExecutorService> readers, Duration apart) {
    return new HeldConnectionReader(
        new LogSource(
            server.client,
            () -> mesh().observed(clock.instant().minusMillis(500), List.of()),
            new ClusterNodes(server.client, clock),
            new AddressHistory(Duration.ofHours(25)),
            "istio-system",
            readers),
        (pod, wanted) -> {
          synchronized (asked) {
            asked.add(pod.name());
          }
          clock.advance(pod.namespace().equals("slow") ? slowTakes : takes);
          return answer;
        },
        apart,
        clock);
  }

  /** What one takes passes for all that are asked at the same time. */
  private final class AtOnce extends AbstractExecutorService {
    private final int number;

    AtOnce(int number) {
      this.number = number;
    }

    @Override
    public void execute(Runnable task) {
      Instant begun = clock.instant();
      task.run();
      Duration took = Duration.between(begun, clock.instant());
      clock.advance(took.dividedBy(number).minus(took));
    }

    @Override
    public void shutdown() {}

    @Override
    public List<Runnable> shutdownNow() {
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return true;
    }

    @Override
    public boolean isTerminated() {
      return true;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return true;
    }
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private MeshSnapshot mesh() {
    return MeshBuilders.mesh(
        namespace("foo").with(httpbin, another).with(sidecars),
        namespace("bar").with(sidecarPod("sleep").ports(80).ip("10.244.0.10")),
        namespace("mesh").with(ambientPod("batch").ip("10.244.0.30")),
        namespace("kube-system").with(pod("agent").hostNetwork().ip("172.18.0.2").node("node-1")),
        namespace("legacy").with(legacy.toArray(MeshBuilders.PodBuilder[]::new)),
        namespace("slow").with(slow.toArray(MeshBuilders.PodBuilder[]::new)));
  }

  private static String row(String local, String peer, String state) {
    return "   0: "
        + local
        + " "
        + peer
        + " "
        + state
        + " 00000000:00000000 00:00000000 00000000  1337        0 4711 1 0000000000000000 20 4 30"
        + " 10 -1\n";
  }

  /** A connection of 10.244.0.8, redirected to 10.244.0.9:15006. */
  private static String fromCurl(String port) {
    return row("0900F40A:3A9E", "0800F40A:" + port, "01");
  }

  private void lists(String... rows) {
    answer = new Listing.Tables(HEAD + LISTENER + String.join("", rows) + HEAD);
  }

  private Connections lookTwice() {
    reader.look();
    clock.advance(APART);
    reader.look();
    return reader.read().of("foo");
  }

  private static List<String> clients(Connections connections) {
    return connections.held().getOrDefault(SERVER, List.of()).stream()
        .map(seen -> seen.client().id() + ":" + seen.port() + " " + seen.count())
        .toList();
  }

  @Test
  void namesAClientWhoseConnectionsStayOpen() {
    lists(fromCurl("A001"), fromCurl("A002"), TO_APPLICATION);

    Connections found = lookTwice();

    assertEquals(List.of("legacy/curl:8080 2"), clients(found));
    SeenCaller seen = found.held().get(SERVER).getFirst();
    assertEquals(NOW, seen.firstSeen());
    assertEquals(clock.instant(), seen.lastSeen());
    assertEquals(Map.of(), found.unread());
    assertEquals(Map.of(), found.unreadable());
  }

  /** Calls are short, as the service's own probes are. */
  @Test
  void aCallIsNoHeldConnection() {
    lists(fromCurl("A001"));
    reader.look();
    clock.advance(APART);
    lists(fromCurl("A002"));
    reader.look();

    Connections found = reader.read().of("foo");

    assertEquals(List.of(), clients(found));
    assertEquals(Map.of(), found.unread());
  }

  /** A stream that began after the first list is as young as that, which a window may be, too. */
  @Test
  void tellsOfAConnectionThatWasSeenOnceAndReadsAgainSoon() {
    lookTwice();
    clock.advance(Duration.ofMinutes(2));
    reader.read().wanted("foo", true);
    lists(fromCurl("A001"), fromCurl("EE48"));
    reader.look();

    Connections found = reader.read().of("foo");

    assertEquals(List.of(), clients(found));
    assertEquals(1, found.seenOnce().get(SERVER).getFirst().count()); // port 61000 is of probes
    clock.advance(APART);
    reader.look();
    assertEquals(List.of("legacy/curl:0 2"), clients(reader.read().of("foo")));
    assertEquals(Map.of(), reader.read().of("foo").seenOnce());
  }

  /** Else a pod would count as read by its second list, and its clients be those of its first. */
  @Test
  void whoIsConnectedAndWhoWasReadAreOfOneTime() throws InterruptedException {
    lists(fromCurl("EE48")); // of a port of probes, so that it counts only when it stays
    AtomicBoolean over = new AtomicBoolean();
    AtomicReference<Connections> torn = new AtomicReference<>();
    Thread asking =
        Thread.ofPlatform()
            .start(
                () -> {
                  while (!over.get()) {
                    Connections found = reader.read().of("foo");
                    if (found.unread().isEmpty() && found.held().isEmpty()) {
                      torn.set(found);
                    }
                  }
                });

    for (int i = 0; i < 2_000 && torn.get() == null; i++) {
      lookTwice();
      clock.set(NOW); // what was read later is forgotten
    }

    over.set(true);
    asking.join();
    assertNull(torn.get());
  }

  /** What it passes to loopback does not show, and another port's connection would be the only. */
  @Test
  void doesNotGuessAPortWhereASidecarHasIngressListeners() {
    sidecars =
        new MeshBuilders.SidecarScopeBuilder[] {
          sidecarScope("own").workloadSelector("app", "httpbin").ingress()
        };
    lists(fromCurl("A001"), TO_APPLICATION);

    assertEquals(List.of("legacy/curl:0 1"), clients(lookTwice()));
  }

  @Test
  void doesNotGuessAPortWhereSeveralAreCalled() {
    lists(fromCurl("A001"), TO_APPLICATION, row("0600007F:D432", "0900F40A:2382", "01"));

    assertEquals(List.of("legacy/curl:0 1"), clients(lookTwice()));
  }

  /** 10.244.0.10 has a sidecar, 192.0.2.1 is outside the cluster, 172.18.0.2 is a node. */
  @Test
  void leavesOutWhoeverMayHaveAProxy() {
    lists(
        row("0900F40A:3A9E", "0A00F40A:A001", "01"),
        row("0900F40A:3A9E", "010200C0:A001", "01"),
        row("0900F40A:3A9E", "020012AC:A001", "01"),
        row("0900F40A:1F90", "0800F40A:A001", "01"),
        row("0900F40A:3A9E", "0800F40A:A001", "06"));

    assertEquals(List.of(), clients(lookTwice()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // ::ffff:10.244.0.9, as a dual-stack listener has it
        "0000000000000000FFFF00000900F40A:3A9E 0000000000000000FFFF00000800F40A:A001",
        // of a processor that writes the highest byte first
        "0AF40009:3A9E 0AF40008:A001",
        "00000000000000000000FFFF0AF40009:3A9E 00000000000000000000FFFF0AF40008:A001"
      })
  void readsEachSpellingOfAnAddress(String ends) {
    String[] both = ends.split(" ", -1);
    lists(row(both[0], both[1], "01"));

    assertEquals(List.of("legacy/curl:0 1"), clients(lookTwice()));
  }

  @Test
  void aServerHoldsUntilItWasReadForAWhile() {
    assertTrue(reader.read().of("foo").unread().get(SERVER).contains("httpbin"));
    reader.look();
    clock.advance(APART.minusSeconds(1));
    assertEquals(Set.of(SERVER), reader.read().of("foo").unread().keySet());
    clock.advance(Duration.ofSeconds(1));
    reader.look();
    assertEquals(Map.of(), reader.read().of("foo").unread());

    clock.advance(HeldConnectionReader.FRESH.plusSeconds(1));

    assertEquals(Set.of(SERVER), reader.read().of("foo").unread().keySet());
  }

  /** What was open three minutes ago may be closed. */
  @Test
  void anOldListShowsNobody() {
    lists(fromCurl("A001"));
    assertEquals(1, clients(lookTwice()).size());
    clock.advance(HeldConnectionReader.FRESH.plusSeconds(1));

    assertEquals(List.of(), clients(reader.read().of("foo")));
  }

  /** One that crashes again and again may never answer; one whose node hangs may hold a stream. */
  @Test
  void aPodThatIsNotReadyHoldsUpNothingAndIsTold() {
    httpbin.notReady();
    assertEquals(Set.of(SERVER), reader.read().of("foo").unread().keySet());
    answer = new Listing.None("container not running", false);
    reader.look();

    Connections found = reader.read().of("foo");
    assertEquals(Map.of(), found.failing());
    assertEquals(Map.of(), found.unread());
    assertEquals(Map.of(SERVER, "pod httpbin: container not running"), found.unreadable());
  }

  @Test
  void asksNobodyWhereNoGateAsks() {
    lookTwice();

    assertEquals(List.of("httpbin", "httpbin"), asked);
    assertEquals(
        Set.of(new WorkloadRef("bar", "Deployment", "sleep")),
        reader.read().of("bar").unread().keySet());
    clock.advance(Duration.ofMinutes(11));
    reader.look();
    assertEquals(2, asked.size());
  }

  @Test
  void asksSeldomWhereAGateWaitsForMore() {
    clock.advance(Duration.ofMinutes(3));
    for (int i = 0; i < 60; i++) {
      reader.read().wanted("foo", false);
      reader.look();
      clock.advance(Duration.ofSeconds(30));
    }

    assertEquals(3, asked.size());
  }

  /** In a pause a stream may have begun, and one list does not show that it stays. */
  @Test
  void readsTwiceAgainAfterAPause() {
    lookTwice();
    clock.advance(Duration.ofHours(1));
    reader.read().wanted("foo", true);
    lists(fromCurl("A001"));
    reader.look();
    assertEquals(Set.of(SERVER), reader.read().of("foo").unread().keySet());
    clock.advance(APART);
    reader.look();

    assertEquals(List.of("legacy/curl:0 1"), clients(reader.read().of("foo")));
  }

  /** Who had the address is not certain for a while after both were seen. */
  @Test
  void anAddressThatAJobHadIsTheClientsAsSoonAsThatIsKnown() {
    legacy.add(pod("done").of("Job", "done").ip("10.244.0.8").terminated());
    lists(fromCurl("A001"));

    assertEquals(List.of("legacy/curl:0 1"), clients(lookTwice()));
  }

  /** The node of the client died, and the connection with it; nobody has told the server. */
  @Test
  void anHeirOfAnAddressIsNotConnected() {
    lists(fromCurl("A001"));
    reader.look();
    clock.advance(Duration.ofMinutes(2));
    legacy.clear();
    legacy.add(pod("heir").ip("10.244.0.8").createdAt(clock.instant().minusSeconds(20)));
    reader.look();
    clock.advance(Duration.ofMinutes(2));
    reader.look();

    assertEquals(List.of(), clients(reader.read().of("foo")));
  }

  /** What a ztunnel sends by mutual TLS goes to another port. */
  @Test
  void anAmbientClientAtTheSidecarsPortSendsPlaintext() {
    lists(row("0900F40A:3A9E", "1E00F40A:A001", "01"));

    assertEquals(List.of("mesh/batch:0 1"), clients(lookTwice()));
  }

  /** Clients connect to its successor, which is young. */
  @Test
  void aPodThatIsGoneIsRememberedForAWhile() {
    lists(fromCurl("A001"));
    assertEquals(1, clients(lookTwice()).size());
    httpbin = sidecarPod("httpbin-2").of("Deployment", "httpbin").ports(8080).ip("10.244.0.19");
    httpbin.createdAt(clock.instant());
    lists();
    reader.look();

    assertEquals(1, clients(reader.read().of("foo")).size());
    assertEquals(Map.of(), reader.read().of("foo").unread());
    clock.advance(HeldConnectionReader.YOUNG.plusSeconds(1));
    assertEquals(Set.of(SERVER), reader.read().of("foo").unread().keySet());
    clock.advance(HeldConnectionReader.FRESH);
    assertEquals(List.of(), clients(reader.read().of("foo")));
  }

  /** A proxy that has just begun does not listen yet; that is no proxy that listens elsewhere. */
  @Test
  void whatAPodLacksBeforeItIsReadyDoesNotLast() {
    httpbin.notReady();
    answer = new Listing.Tables(HEAD);
    reader.look();
    httpbin = sidecarPod("httpbin").ports(8080).ip("10.244.0.9");
    clock.advance(APART);

    assertEquals(Map.of(), reader.read().of("foo").unreadable());
    assertEquals(Set.of(SERVER), reader.read().of("foo").failing().keySet());
    lists(fromCurl("A001"));
    assertEquals(List.of("legacy/curl:0 1"), clients(lookTwice()));
  }

  /** What it holds open may be older than a short window, and nobody has looked at its like. */
  @Test
  void aPodOfANewWorkloadIsWaitedForAtOnce() {
    lookTwice();
    httpbin = sidecarPod("other").ports(8080).ip("10.244.0.19").createdAt(clock.instant());

    assertEquals(
        Set.of(new WorkloadRef("foo", "Deployment", "other")),
        reader.read().of("foo").unread().keySet());
  }

  @Test
  void tellsThatSidecarsListenElsewhere() {
    answer = new Listing.Tables(HEAD);

    assertTrue(lookTwice().unreadable().get(SERVER).contains("15006"));
  }

  @Test
  void tellsWhatLastsAndHoldsForWhatDoesNot() {
    answer = new Listing.None("exec did not end", false);
    assertTrue(lookTwice().failing().get(SERVER).contains("exec did not end"));
    assertEquals(Map.of(), reader.read().of("foo").unreadable());
    answer = new Listing.None("there is no curl", true);
    clock.advance(APART.multipliedBy(2));
    lookTwice();

    Connections found = reader.read().of("foo");

    assertEquals(Map.of(SERVER, "there is no curl"), found.unreadable());
    assertEquals(Map.of(), found.unread());
  }

  /** Otherwise a moment of a kubelet would break the soak of whatever has no curl. */
  @Test
  void whatLastsIsNotEndedByWhatPasses() {
    answer = new Listing.None("there is no curl", true);
    lookTwice();
    clock.advance(Duration.ofMinutes(5));
    reader.read().wanted("foo", true);
    answer = new Listing.None("exec did not end", false);

    reader.look();

    assertEquals(Map.of(SERVER, "there is no curl"), reader.read().of("foo").unreadable());
    assertEquals(Map.of(), reader.read().of("foo").failing());
    clock.advance(Duration.ofMinutes(5));
    reader.read().wanted("foo", true);
    lists();
    lookTwice();
    assertEquals(Map.of(), reader.read().of("foo").unreadable());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hello",
        HEAD + "   0: 0900F40A:3A9E 0800F40A:A001",
        HEAD + "   0: 0900F40A:3A9E 0800F4:A001 01 0\n",
        HEAD + "   0: 0900F40A:3A9E 0800F40A:A001 0",
        HEAD + "   0: 00000000:3A9E 00000000:0000 0A 00000000:00000000 00:00"
      })
  void takesNothingForATableThatIsNone(String text) {
    answer = new Listing.Tables(text);

    assertTrue(lookTwice().failing().get(SERVER).contains("no list"));
  }

  /**
   * An API server that begins refuses what it grants later, and a proxy that begins listens later.
   */
  @Test
  void whatLastsIsSeenTwice() {
    answer = new Listing.None("not allowed", true);
    reader.look();
    assertEquals(Set.of(SERVER), reader.read().of("foo").failing().keySet());
    assertEquals(Map.of(), reader.read().of("foo").unreadable());
    clock.advance(APART);
    answer = new Listing.None("exec did not end", false);
    reader.look();
    clock.advance(APART.multipliedBy(2));
    answer = new Listing.None("not allowed", true);
    reader.look();
    assertEquals(Map.of(), reader.read().of("foo").unreadable());
    clock.advance(APART);
    reader.look();

    assertEquals(Map.of(SERVER, "not allowed"), reader.read().of("foo").unreadable());
    assertEquals(Map.of(), reader.read().of("foo").failing());
  }

  /** Where no pod can be read, each new one would begin the soak anew. */
  @Test
  void aYoungPodOfAWorkloadThatCannotBeReadHoldsUpNothing() {
    answer = new Listing.None("not allowed", true);
    lookTwice();
    another = sidecarPod("httpbin-2").of("Deployment", "httpbin").ports(8080).ip("10.244.0.19");
    another.createdAt(clock.instant());

    Connections found = reader.read().of("foo");

    assertEquals(Map.of(), found.unread());
    assertEquals(Map.of(SERVER, "not allowed"), found.unreadable());
  }

  /** A node that answers no longer makes its pods not ready; their connections are as before. */
  @Test
  void aClientOfAPodThatIsNoLongerReadyIsNotForgotten() {
    lists(fromCurl("A001"));
    assertEquals(1, clients(lookTwice()).size());
    httpbin.notReady();
    answer = new Listing.None("the node does not answer", false);
    for (int i = 0; i < 20; i++) {
      clock.advance(APART);
      reader.read().wanted("foo", true);
      reader.look();
    }

    assertEquals(Set.of(SERVER), reader.read().of("foo").failing().keySet());
  }

  /** A list of the future would be fresh until then, and no other be asked for. */
  @Test
  void readsAnewWhenTheClockWasSetBack() {
    lookTwice();
    clock.advance(Duration.ofHours(-1));
    reader.read().wanted("foo", true);
    lists(fromCurl("A001"));

    assertEquals(List.of("legacy/curl:0 1"), clients(lookTwice()));
  }

  /** A process that stood still has not read for all that time. */
  @Test
  void aRoundThatStoodStillMakesNoListFresh() {
    lookTwice();
    clock.advance(Duration.ofMinutes(2));
    reader.read().wanted("foo", true);
    takes = Duration.ofHours(1);
    reader.look();

    assertEquals(Set.of(SERVER), reader.read().of("foo").failing().keySet());
  }

  /** One namespace of pods that do not answer is no reason to read no other. */
  @Test
  void podsThatDoNotAnswerTakeTheirShareAlone() {
    IntStream.range(0, 100)
        .forEach(i -> slow.add(sidecarPod("slow-" + i).uid("s" + i).ports(80).ip("10.244.1." + i)));
    reader.read().wanted("slow", true);

    reader.look();

    assertTrue(asked.remove("httpbin"), asked::toString);
    assertTrue(asked.size() < 30, asked::toString);
    for (int i = 0; i < 40; i++) {
      reader.read().wanted("slow", true);
      reader.look();
    }
    assertEquals(100, asked.stream().filter(name -> name.startsWith("slow")).distinct().count());
  }

  /** What another namespace's list does not show yet would be taken for closed meanwhile. */
  @Test
  void podsThatAnswerJustInTimeMakeNoRoundLong() {
    slowTakes = Duration.ofMillis(4900);
    IntStream.range(0, 1000)
        .forEach(i -> slow.add(sidecarPod("slow-" + i).uid("s" + i).ports(80).ip("10.244.1." + i)));
    lookTwice();
    reader.read().wanted("slow", true);
    reader.look();
    clock.advance(Duration.ofMinutes(6));

    assertEquals(Set.of(SERVER), reader.read().of("foo").unread().keySet());
  }

  /** However short the connections are that count, what begins fails, for a while. */
  @Test
  void listsMayBeCloserToEachOtherThanFailuresThatLast() {
    reader = reader(LogReaders::begin, Duration.ofSeconds(5));
    reader.read().wanted("foo", true);
    reader.look();
    assertFalse(reader.read().of("foo").unread().isEmpty());
    clock.advance(Duration.ofSeconds(5));
    reader.look();
    assertTrue(reader.read().of("foo").unread().isEmpty());

    reader = reader(LogReaders::begin, Duration.ofSeconds(5));
    reader.read().wanted("foo", true);
    answer = new Listing.None("no such program: curl", true);
    reader.look();
    clock.advance(HeldConnectionReader.LASTING.minusSeconds(1));
    reader.look();
    assertTrue(reader.read().of("foo").unreadable().isEmpty());
    clock.advance(Duration.ofSeconds(1));
    reader.look();
    assertFalse(reader.read().of("foo").unreadable().isEmpty());
  }

  /** Each has to be read twice while the first one's list still counts. */
  @Test
  void aNamespaceOfThousandsOfPodsIsReadAsAWhole() {
    slowTakes = Duration.ofMillis(500);
    IntStream.range(0, 5000)
        .forEach(
            i ->
                slow.add(
                    sidecarPod("slow-" + i)
                        .uid("s" + i)
                        .ports(80)
                        .ip("10.245." + i / 250 + "." + i % 250)));
    reader = reader(AtOnce::new);
    Instant end = NOW.plus(Duration.ofMinutes(15));
    boolean read = false;
    while (!read && clock.instant().isBefore(end)) {
      reader.read().wanted("slow", true);
      reader.look();
      clock.advance(Duration.ofSeconds(5));
      Connections found = reader.read().of("slow");
      read = found.unread().isEmpty() && found.failing().isEmpty();
    }

    assertTrue(read, () -> asked.size() + " answers");
  }

  /** Calls of the mesh's own clients are as many as they like. */
  @Test
  void readsAPodThatManyAreConnectedTo() {
    List<String> rows = new ArrayList<>(List.of(fromCurl("A001")));
    IntStream.range(0, 25_000)
        .forEach(i -> rows.add(row("0900F40A:3A9E", "0A00F40A:%04X".formatted(1024 + i), "01")));
    lists(rows.toArray(String[]::new));

    Connections found = lookTwice();

    assertEquals(List.of("legacy/curl:0 1"), clients(found));
    assertEquals(Map.of(), found.failing());
  }

  /** However many are connected, each client is named. */
  @Test
  void namesEachOfManyClients() {
    List<String> rows = new ArrayList<>();
    IntStream.range(0, 25_000).forEach(i -> rows.add(fromCurl("%04X".formatted(1024 + i))));
    rows.add(row("0900F40A:3A9E", "1400F40A:A001", "01"));
    rows.add(row("0900F40A:3A9E", "010200C0:A001", "01"));
    lists(rows.toArray(String[]::new));

    Connections found = lookTwice();

    assertEquals(
        Set.of("legacy/curl", "foo/job"),
        found.held().get(SERVER).stream()
            .map(seen -> seen.client().id())
            .collect(Collectors.toSet()));
    assertEquals(Set.of(SERVER), found.strangers());
  }

  /** Nobody knows whether they have a proxy: what is counted without a name may be theirs. */
  @Test
  void tellsWhereOthersThanPodsAreConnected() {
    lists(fromCurl("A001"), row("0900F40A:3A9E", "0A00F40A:A001", "01"));
    assertEquals(Set.of(), lookTwice().strangers());
    lists(fromCurl("A001"), row("0900F40A:3A9E", "010200C0:A001", "01"));
    clock.advance(Duration.ofMinutes(2));
    reader.read().wanted("foo", true);

    assertEquals(Set.of(SERVER), lookTwice().strangers());
  }

  /** The list has them at the application's own port, which nothing tells from others. */
  @Test
  void tellsOfSidecarsThatInterceptOtherwise() {
    httpbin.annotation("sidecar.istio.io/interceptionMode", "TPROXY");

    assertTrue(lookTwice().unreadable().get(SERVER).contains("TPROXY"));
  }
}
