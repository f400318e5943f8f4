// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.logsInPart;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.mesh.MeshBuilders.silent;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.Absent;
import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.testing.ManualClock;
import io.mtlsmigration.traffic.OwnProbes;
import io.mtlsmigration.traffic.Refusal;
import io.mtlsmigration.traffic.Refusals;
import io.mtlsmigration.traffic.SecuredCalls;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who was refused, read from logs as kubelets give them out. */
final class AccessLogRefusalsTest {

  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final Duration LOOK_BACK = Duration.ofMinutes(5);
  private static final Instant WATCHED = NOW.minus(Duration.ofMinutes(8));
  private static final String SERVER = "10.244.0.4:8080";

  private static final MeshSnapshot MESH =
      mesh(
          namespace("foo")
              .with(
                  sidecarPod("httpbin").ip("10.244.0.4"),
                  sidecarPod("ended").ip("10.244.0.5").terminated(),
                  sidecarPod("starting"),
                  pod("bare").ip("10.244.0.6"),
                  pod("agent").ip("10.244.0.7")),
          namespace("bar").with(sidecarPod("httpbin").ip("10.244.1.4")),
          namespace("legacy")
              .with(
                  pod("curl").ip("10.244.0.8").otherIps("fd00::8"),
                  pod("gone").ip("10.244.0.9").terminated(),
                  pod("agent").ip("192.168.0.1").hostNetwork()));

  private LogServer server;
  private Set<String> focus = Set.of("foo");
  private MeshSnapshot mesh = MESH;
  private Duration behind = Duration.ZERO;
  private final ManualClock clock = new ManualClock(NOW);
  private OwnProbes probes = Absent.OWN_PROBES;
  private final AddressHistory history = new AddressHistory(Duration.ofHours(1));
  private AccessLogRefusals refusals;

  @BeforeEach
  void start() throws IOException {
    server = new LogServer();
    MeshSnapshot empty =
        mesh(namespace("foo").with(sidecarPod("ended").ip("10.244.0.5").terminated()));
    for (Instant at = WATCHED; at.isBefore(NOW); at = at.plusSeconds(60)) {
      history.observe(empty.observed(at, List.of()), at);
    }
    refusals = reading(history);
  }

  private AccessLogRefusals reading() {
    return reading(history);
  }

  private AccessLogRefusals reading(AddressHistory addresses) {
    return new AccessLogRefusals(
        new LogSource(
            server.client,
            () -> mesh.observed(clock.instant().minus(behind), List.of()),
            new ClusterNodes(server.client, clock),
            addresses,
            "istio-system"),
        () -> focus,
        probes,
        clock,
        LOOK_BACK);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  /** Istio's default format. */
  private static String text(String client) {
    return "[2026-01-01T11:59:59.001Z] \"- - -\" 0 NR filter_chain_not_found - \"-\" 0 0 0 - \"-\""
        + " \"-\" \"-\" \"-\" \"-\" - - "
        + SERVER
        + " "
        + client
        + " - -";
  }

  private static String json(String client) {
    return "{\"protocol\":null,\"response_flags\":\"NR\",\"response_code\":0,\"response_code_details\":"
        + "\"filter_chain_not_found\",\"downstream_remote_address\":\""
        + client
        + "\",\"downstream_local_address\":\""
        + SERVER
        + "\"}";
  }

  /** The file begins before what is asked for, so that it is known to be the whole of it. */
  private void old(String pod) {
    server.writes("foo", pod, NOW.minus(LOOK_BACK).minusSeconds(1), "info Envoy proxy is ready");
  }

  private List<Refusal> read() {
    refusals.read();
    return all();
  }

  private List<Refusal> all() {
    return told().seen();
  }

  private Refusals told() {
    return refusals.since("foo", Instant.MIN);
  }

  private static List<String> clients(List<Refusal> refusals) {
    return refusals.stream().map(refusal -> refusal.client().id()).toList();
  }

  @Test
  void namesWhoWasRefusedInEitherFormat() {
    server.writes("foo", "httpbin", NOW.minusSeconds(9), "info Envoy proxy is ready");
    server.writes("foo", "httpbin", NOW.minusSeconds(2), text("10.244.0.8:38330"));
    server.writes("foo", "httpbin", NOW.minusSeconds(1), json("10.9.9.9:1"));
    server.writes("foo", "httpbin", NOW, text("192.168.0.1:1"));

    List<Refusal> read = read();

    assertEquals(List.of("legacy/curl", "10.9.9.9", "192.168.0.1"), clients(read));
    Refusal first = read.getFirst();
    assertEquals("foo/httpbin", first.server().id());
    assertEquals(8080, first.port());
    assertEquals(NOW.minusSeconds(2), first.at());
    assertFalse(first.ownProbe());
  }

  @Test
  void namesAClientByItsSecondAddress() {
    server.writes("foo", "httpbin", NOW, text("[fd00::8]:38330"));

    List<Refusal> read = read();

    assertEquals(List.of("legacy/curl"), clients(read));
    assertEquals("fd00::8", read.getFirst().client().address());
  }

  @Test
  void doesNotBlameAPodThatHasEndedForWhoHasItsAddressNow() {
    server.writes("foo", "httpbin", NOW, text("10.244.0.9:1"));

    assertEquals(List.of("10.244.0.9"), clients(read()));
  }

  @Test
  void looksBackSoFarAndNoFurther() {
    server.writes("foo", "httpbin", NOW.minus(LOOK_BACK).minusSeconds(1), text("10.0.0.1:1"));
    server.writes("foo", "httpbin", NOW.minus(LOOK_BACK).plusMillis(1), text("10.0.0.2:1"));

    assertEquals(List.of("10.0.0.2"), clients(read()));
  }

  @Test
  void datesNoRefusalLongBeforeTheLastReading() {
    server.writes("foo", "httpbin", NOW.minusSeconds(230), "info Envoy proxy is ready");
    clock.advance(Duration.ofSeconds(60));
    read();
    Instant lookedAt = clock.instant();
    clock.advance(Duration.ofSeconds(5));
    server.writes("foo", "httpbin", NOW.minusSeconds(200), text("10.0.0.1:1"));

    List<Refusal> read = read();

    assertEquals(List.of("10.0.0.1"), clients(read));
    assertEquals(lookedAt.minusSeconds(30), read.getFirst().at());
  }

  /** Heartbeats as kubelets write them, and the API server dates their writes. */
  @ParameterizedTest
  @CsvSource({"11:59:05, ''", "11:49:59, 10M1S behind", "12:10:07, 10M7S ahead of"})
  void saysThatNobodyKnowsWhenLinesOfANodeWithAWrongClockWereWritten(String beat, String words) {
    mesh =
        mesh(namespace("foo").with(sidecarPod("httpbin").ip("10.244.0.4").node("node-1")))
            .observed(NOW, List.of());
    server.nodes = node(beat);
    old("httpbin");
    server.writes("foo", "httpbin", NOW, text("10.244.0.8:38330"));

    assertEquals(1, read().size(), "what was seen is told");
    if (words.isEmpty()) {
      assertInstanceOf(Refusals.Read.class, told());
    } else {
      String why = assertInstanceOf(Refusals.Unreadable.class, told()).detail();
      assertTrue(why.contains("the clock of node node-1 is PT" + words), why);
    }
  }

  @Test
  void looksAtTheClocksOfNodesAgainThoughItsOwnWasSetBack() {
    clock.advance(Duration.ofHours(2));
    mesh =
        mesh(namespace("foo").with(sidecarPod("httpbin").ip("10.244.0.4").node("node-1")))
            .observed(NOW, List.of());
    server.nodes = node("11:59:05");
    old("httpbin");
    server.writes("foo", "httpbin", clock.instant(), text("10.244.0.8:38330"));
    read();
    assertInstanceOf(Refusals.Read.class, told());
    clock.advance(Duration.ofHours(-2));
    server.nodes = node("11:49:59");

    read();

    assertInstanceOf(Refusals.Unreadable.class, told());
  }

  /** Its heartbeat, of which the API server dates the write. */
  private static String node(String beat) {
    return """
        {"kind": "NodeList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": [{
          "metadata": {"name": "node-1", "managedFields": [
            {"manager": "kubelet", "operation": "Update", "time": "2026-01-01T11:00:00Z",
             "fieldsType": "FieldsV1", "fieldsV1": {"f:metadata": {}}},
            {"manager": "kubelet", "operation": "Update", "time": "2026-01-01T12:00:00Z",
             "fieldsType": "FieldsV1", "subresource": "status", "fieldsV1": {"f:status": {
               "f:conditions": {"k:{\\"type\\":\\"Ready\\"}": {"f:lastHeartbeatTime": {}}}}}}]},
          "spec": {},
          "status": {"conditions": [
            {"type": "MemoryPressure", "status": "False"},
            {"type": "Ready", "status": "True", "lastHeartbeatTime": "2026-01-01T%sZ"}]}}]}
        """
        .formatted(beat);
  }

  @Test
  void countsEachLineOnceThoughKubeletsKnowWholeSecondsOnly() {
    server.writes("foo", "httpbin", NOW.plusMillis(100), text("10.0.0.1:1"));
    int first = read().size();
    server.writes("foo", "httpbin", NOW.plusMillis(200), text("10.0.0.2:1"));

    assertEquals(1, first);
    assertEquals(List.of("10.0.0.1", "10.0.0.2"), clients(read()));
    assertEquals(List.of("10.0.0.1", "10.0.0.2"), clients(read()));
  }

  @Test
  void readsALineWholeThatALimitHasCutOff() {
    String filler = "x".repeat(1000);
    List<Instant> times = IntStream.range(0, 1020).mapToObj(i -> NOW.plusMillis(20L * i)).toList();
    server.writes("foo", "httpbin", times, filler);
    // The limit of 1 MiB falls somewhere into these.
    for (int i = 0; i < 200; i++) {
      server.writes(
          "foo", "httpbin", NOW.plusSeconds(30).plusMillis(i), text("10.0.0." + i + ":1"));
    }

    read();
    List<Refusal> read = read();

    assertEquals(IntStream.range(0, 200).mapToObj(i -> "10.0.0." + i).toList(), clients(read));
  }

  @Test
  void readsOnWhenALimitFallsBetweenTwoLines() {
    List<Instant> times =
        IntStream.range(0, 1024)
            .mapToObj(i -> NOW.plusSeconds(i / 900).plusMillis(1 + i % 900))
            .toList();
    int taken = "2026-01-01T12:00:00.001Z ".length() + 1;
    server.writes("foo", "httpbin", times, "x".repeat(1024 - taken));
    server.writes("foo", "httpbin", NOW.plusSeconds(2), text("10.0.0.1:1"));

    assertEquals(List.of("10.0.0.1"), clients(read()));
  }

  @Test
  void getsPastASecondThatHoldsMoreThanOneReading() {
    List<Instant> flood = IntStream.range(0, 9000).mapToObj(i -> NOW.plusNanos(i)).toList();
    server.writes("foo", "httpbin", flood, text("10.0.0.1:1"));
    server.writes("foo", "httpbin", NOW.plusSeconds(2), text("10.0.0.2:1"));

    for (int i = 0; i < 4; i++) {
      read();
    }

    assertEquals("10.0.0.2", clients(all()).getLast());
  }

  @Test
  void getsPastALineThatIsLongerThanOneReading() {
    server.writes("foo", "httpbin", NOW, "x".repeat(3 << 20));
    server.writes("foo", "httpbin", NOW.plusSeconds(2), text("10.0.0.2:1"));

    for (int i = 0; i < 4; i++) {
      read();
    }

    assertEquals(List.of("10.0.0.2"), clients(all()));
  }

  /** A clock that ticks coarsely, or lines that were written at once. */
  @Test
  void readsALineOfTheSameTimeAsTheLastOneRead() {
    server.writes("foo", "httpbin", NOW, text("10.0.0.1:1"));
    read();
    server.writes("foo", "httpbin", NOW, text("10.0.0.2:1"));
    read();
    server.writes("foo", "httpbin", NOW, text("10.0.0.3:1"));
    read();
    server.writes("foo", "httpbin", NOW.plusMillis(1), text("10.0.0.4:1"));

    assertEquals(List.of("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"), clients(read()));
    assertEquals(4, read().size());
  }

  /** The clock of the node was set back a little. */
  @Test
  void readsALineThatIsOlderThanTheOneBeforeIt() {
    server.writes("foo", "httpbin", NOW.plusMillis(700), text("10.0.0.1:1"));
    read();
    server.writes("foo", "httpbin", NOW.plusMillis(200), text("10.0.0.2:1"));
    read();
    server.writes("foo", "httpbin", NOW.plusMillis(300), text("10.0.0.3:1"));

    assertEquals(List.of("10.0.0.1", "10.0.0.2", "10.0.0.3"), clients(read()));
  }

  /** Whoever may fail may call as often as it likes. */
  @Test
  void keepsWhoWasRefusedOnceThoughAnotherIsRefusedAllTheTime() {
    server.writes("foo", "httpbin", NOW, text("10.0.0.2:1"));
    List<Instant> times = IntStream.range(1, 1500).mapToObj(i -> NOW.plusMillis(i)).toList();
    server.writes("foo", "httpbin", times, text("10.0.0.1:1"));

    List<Refusal> read = read();

    assertEquals("10.0.0.2", read.getFirst().client().id());
    assertEquals(501, read.size());
  }

  private static int times(List<Refusal> refusals, String client) {
    return refusals.stream()
        .filter(refusal -> refusal.client().id().equals(client))
        .mapToInt(Refusal::count)
        .sum();
  }

  /** Of whom little is kept, all are counted: more may be tolerated than are kept. */
  @Test
  void countsAllWhoWereRefusedThoughItKeepsFew() {
    for (int i = 0; i < 50; i++) {
      server.writes("foo", "httpbin", NOW.plusMillis(i), text("10.0.0.2:" + (i + 1)));
    }
    for (int i = 0; i < 2_700; i++) {
      String other = "10.1." + i % 900 / 250 + "." + i % 900 % 250;
      server.writes("foo", "httpbin", NOW.plusMillis(50 + i), text(other + ":1"));
    }

    List<Refusal> read = read();

    assertTrue(read.size() <= 1000, () -> read.size() + " are kept");
    assertEquals(50, times(read, "10.0.0.2"));
    assertEquals(2_750, read.stream().mapToInt(Refusal::count).sum());
    assertEquals(2_750, read().stream().mapToInt(Refusal::count).sum());
  }

  /** A client chooses the port. */
  @Test
  void keepsWhoWasRefusedOnceThoughAnotherCallsAllPorts() {
    server.writes("foo", "httpbin", NOW, text("10.0.0.2:1"));
    for (int port = 1; port <= 1_500; port++) {
      String line = text("10.0.0.1:1").replace(SERVER, "10.244.0.4:" + port);
      server.writes("foo", "httpbin", NOW.plusMillis(port), line);
    }

    List<Refusal> read = read();

    assertEquals(1, times(read, "10.0.0.2"));
    assertEquals(1_500, times(read, "10.0.0.1"));
  }

  @Test
  void saysSinceWhenItKnowsWhenMoreWereRefusedThanAreKept() {
    old("httpbin");
    for (int i = 0; i < 1_100; i++) {
      server.writes(
          "foo", "httpbin", NOW.plusMillis(i), text("10.0." + i / 250 + "." + i % 250 + ":1"));
    }

    assertEquals(1_000, read().size());
    Refusals.Read told = assertInstanceOf(Refusals.Read.class, told());
    assertEquals(NOW, told.from());
    assertTrue(told.before().contains("more were refused than are kept"), told.before());
  }

  @Test
  void keepsNoMoreThanSoManyOfANamespaceTheLatest() {
    List<Instant> times = IntStream.range(0, 1500).mapToObj(i -> NOW.plusMillis(i)).toList();
    server.writes("foo", "httpbin", times, text("10.0.0.1:1"));
    clock.advance(Duration.ofSeconds(2));

    List<Refusal> read = read();

    assertEquals(1000, read.size());
    assertEquals(NOW.plusMillis(1499), read.getLast().at());
  }

  @Test
  void knowsItsOwnProbes() {
    probes =
        new OwnProbes() {
          @Override
          public SecuredCalls answeredByAll(Instant from, Instant to) {
            return new SecuredCalls(0, 0, 0);
          }

          @Override
          public boolean madeFrom(String address, int port, WorkloadRef to, Instant at) {
            return address.equals("10.244.0.8")
                && port == 1
                && to.id().equals("foo/httpbin")
                && at.equals(NOW);
          }
        };
    refusals = reading();
    server.writes("foo", "httpbin", NOW, text("10.244.0.8:1"));
    server.writes("foo", "httpbin", NOW, text("10.244.0.8:2"));
    server.writes("foo", "httpbin", NOW.plusSeconds(1), text("10.244.0.8:1"));

    assertEquals(List.of(true, false, false), read().stream().map(Refusal::ownProbe).toList());
  }

  @Test
  void readsTheProxiesOfNamespacesInFocusAndNothingElse() {
    server.writes("foo", "httpbin", NOW, text("10.0.0.1:1"));

    read();

    assertEquals(2, server.asked.size(), server.asked::toString);
    assertTrue(server.asked.getFirst().startsWith("/api/v1/namespaces/foo/pods/httpbin/log?"));
    assertTrue(server.asked.getFirst().contains("container=istio-proxy"));
    assertTrue(server.asked.getLast().contains("limitBytes=1048576"));
  }

  @Test
  void forgetsANamespaceThatIsOutOfFocus() {
    server.writes("foo", "httpbin", NOW, text("10.0.0.1:1"));
    read();

    focus = Set.of();

    assertEquals(List.of(), read());
    assertEquals(2, server.asked.size());
  }

  @Test
  void tellsOfWhatCameFromAnInstantOn() {
    server.writes("foo", "httpbin", NOW, text("10.0.0.1:1"));
    server.writes("foo", "httpbin", NOW.plusSeconds(1), text("10.0.0.2:1"));
    clock.advance(Duration.ofSeconds(1));
    read();

    assertEquals(List.of("10.0.0.2"), clients(refusals.since("foo", NOW.plusSeconds(1)).seen()));
    assertEquals(List.of(), refusals.since("bar", Instant.MIN).seen());
  }

  @Test
  void readsOnWhereItStoodWhenALogCouldNotBeRead() {
    server.writes("foo", "httpbin", NOW, text("10.0.0.1:1"));
    server.refusal = 500;
    List<Refusal> refused = read();
    server.refusal = 0;

    assertEquals(List.of(), refused);
    assertEquals(List.of("10.0.0.1"), clients(read()));
  }

  private static final String LINES =
      "the log of istio-proxy in pod foo/httpbin has lines before that nobody could read or"
          + " understand";

  /** What it takes for a log to be readable, with nobody refused in it. */
  private static final String ANSWERED =
      "[2026-01-01T11:59:59.001Z] \"GET /ip HTTP/1.1\" 200 - via_upstream - \"-\" 0 3 1 1 \"-\""
          + " \"curl\" \"id\" \"httpbin.foo\" \"10.244.0.4:8080\" inbound|8080||"
          + " 127.0.0.6:1 10.244.0.4:8080 10.244.0.8:2 - default";

  @Test
  void tellsALogWithoutRefusalsFromOneThatWasNotReadYet() {
    old("httpbin");
    server.writes("foo", "httpbin", NOW, ANSWERED);
    Refusals before = told();

    read();

    assertEquals(
        Refusals.Reason.NOT_READ_YET, assertInstanceOf(Refusals.Unreadable.class, before).reason());
    assertEquals(new Refusals.Read(List.of(), NOW.minus(LOOK_BACK), NOW, LINES), told());
  }

  static Stream<Arguments> unreadable() {
    return Stream.of(
        argumentSet("a role is missing", 403, Refusals.Reason.NOT_PERMITTED, "get on pods/log"),
        argumentSet("the kubelet is down", 502, Refusals.Reason.SOURCE_DOWN, "node node"),
        argumentSet("the container is gone", 404, Refusals.Reason.SOURCE_DOWN, "foo/httpbin"));
  }

  @ParameterizedTest
  @MethodSource("unreadable")
  void tellsALogThatCannotBeReadFromOneWithoutRefusals(
      int status, Refusals.Reason reason, String remedy) {
    server.writes("foo", "httpbin", NOW, ANSWERED);
    server.refusal = status;

    read();

    Refusals.Unreadable told = assertInstanceOf(Refusals.Unreadable.class, told());
    assertEquals(reason, told.reason());
    assertTrue(told.detail().contains(remedy), told.detail());
  }

  @Test
  void bearsWithAKubeletForAWhileOnceTheLogWasRead() {
    old("httpbin");
    server.writes("foo", "httpbin", NOW, ANSWERED);
    read();
    server.refusal = 500;
    clock.advance(Duration.ofSeconds(2));
    read();
    Refusals soon = told();
    clock.advance(Duration.ofSeconds(16));
    read();

    Refusals late = told();

    assertEquals(new Refusals.Read(List.of(), NOW.minus(LOOK_BACK), NOW, LINES), soon);
    assertInstanceOf(Refusals.Unreadable.class, late);
  }

  @Test
  void keepsWhoWasRefusedWhileAnotherLogCannotBeRead() {
    mesh =
        mesh(
            namespace("foo")
                .with(
                    sidecarPod("httpbin").ip("10.244.0.4"), sidecarPod("other").ip("10.244.0.9")));
    server.writes("foo", "httpbin", NOW, text("10.0.0.1:1"));
    server.refusals.put(LogServer.path("foo", "other"), 500);

    read();

    assertInstanceOf(Refusals.Unreadable.class, told());
    assertEquals(List.of("10.0.0.1"), clients(all()));
  }

  @Test
  void saysWhoseLogsTellOfNoConnectionAtAll() {
    mesh =
        mesh(
            namespace("foo")
                .with(
                    sidecarPod("httpbin").ip("10.244.0.4"),
                    sidecarPod("httpbin-2").of("Deployment", "httpbin").ip("10.244.0.3"),
                    sidecarPod("mute").ip("10.244.0.9")));
    Stream.of("httpbin", "httpbin-2", "mute").forEach(this::old);
    server.writes("foo", "httpbin", NOW, ANSWERED);
    server.writes("foo", "httpbin-2", NOW, "info Envoy proxy is ready");
    server.writes("foo", "mute", NOW, "info tried 10.244.0.9 in vain");

    read();

    assertEquals(
        new Refusals.Silent(List.of(), NOW.minus(LOOK_BACK), NOW, List.of("foo/mute"), LINES),
        told());
  }

  /** A name is no workload: another kind of the same one may log nothing. */
  @Test
  void aLogDoesNotSpeakForAWorkloadOfItsName() {
    mesh =
        mesh(
            namespace("foo")
                .with(
                    sidecarPod("httpbin").ip("10.244.0.4"),
                    sidecarPod("httpbin-0").of("StatefulSet", "httpbin").ip("10.244.0.3")));
    Stream.of("httpbin", "httpbin-0").forEach(this::old);
    server.writes("foo", "httpbin", NOW, ANSWERED);
    server.writes("foo", "httpbin-0", NOW, "info Envoy proxy is ready");

    read();

    assertEquals(List.of("foo/httpbin"), assertInstanceOf(Refusals.Silent.class, told()).servers());
  }

  /** Such as one for errors alone: a refused connection has no response, and makes no line. */
  @Test
  void takesALogThatATelemetryLeavesCallsOutOfForASilentOne() {
    old("httpbin");
    MeshSnapshot whole = mesh;
    mesh =
        mesh(
            namespace("foo")
                .with(sidecarPod("httpbin").ip("10.244.0.4"))
                .with(logsInPart("errors")));
    server.writes("foo", "httpbin", NOW, ANSWERED);
    read();
    assertEquals(
        new Refusals.Silent(List.of(), NOW.minus(LOOK_BACK), NOW, List.of("foo/httpbin"), LINES),
        told());

    mesh = whole;
    clock.advance(Duration.ofSeconds(2));
    read();

    Refusals.Read told = assertInstanceOf(Refusals.Read.class, told());
    assertEquals(NOW.plusSeconds(2), told.from());
    assertTrue(told.before().contains("Telemetry"), told.before());
  }

  /** It was deleted before this replica led, which reads back. */
  @Test
  void aReplicaThatHasYetToLeadSeesWhichCallsATelemetryLeavesOut() {
    old("httpbin");
    MeshSnapshot whole = mesh;
    mesh =
        mesh(
            namespace("foo")
                .with(sidecarPod("httpbin").ip("10.244.0.4"))
                .with(logsInPart("errors")));
    server.writes("foo", "httpbin", NOW, ANSWERED);
    refusals.observe();
    mesh = whole;
    clock.advance(Duration.ofSeconds(2));
    refusals.observe();
    read();

    Refusals.Read told = assertInstanceOf(Refusals.Read.class, told());
    assertEquals(NOW.plusSeconds(2), told.from());
    assertTrue(told.before().contains("Telemetry"), told.before());
  }

  /** It spoke before, and says nothing of whoever is refused since. */
  @Test
  void takesALogThatTheMeshHasSwitchedOffForASilentOne() {
    old("httpbin");
    MeshSnapshot whole = mesh;
    server.writes("foo", "httpbin", NOW, ANSWERED);
    refusals.observe();
    read();
    mesh =
        mesh(
            silent(whole.settings()),
            namespace("foo").with(sidecarPod("httpbin").ip("10.244.0.4")));
    clock.advance(Duration.ofSeconds(2));
    refusals.observe();
    read();
    assertEquals(List.of("foo/httpbin"), assertInstanceOf(Refusals.Silent.class, told()).servers());

    mesh = whole;
    clock.advance(Duration.ofSeconds(2));
    read();

    Refusals.Read told = assertInstanceOf(Refusals.Read.class, told());
    assertEquals(NOW.plusSeconds(4), told.from());
    assertTrue(told.before().contains("accessLogFile"), told.before());
  }

  /** A kubelet answers with 400 of a container that has not begun, and of one whose log is gone. */
  @Test
  void knowsNothingOfAPodThatServesAndWhoseLogIsGone() {
    server.refusal = 400;

    read();

    Refusals.Unreadable told = assertInstanceOf(Refusals.Unreadable.class, told());
    assertEquals(Refusals.Reason.SOURCE_DOWN, told.reason());
  }

  @Test
  void asksNothingOfAProxyThatHasNotStarted() {
    mesh = mesh(namespace("foo").with(sidecarPod("httpbin").ip("10.244.0.4").notReady()));
    server.writes("foo", "httpbin", NOW, ANSWERED);
    server.refusal = 400;

    read();

    assertInstanceOf(Refusals.Silent.class, told());
  }

  @Test
  void knowsAllOfAPodThatIsYoungerThanItLooksBack() {
    mesh = mesh(namespace("foo").with(sidecarPod("httpbin").ip("10.244.0.4").createdAt(NOW)));
    server.writes("foo", "httpbin", NOW, ANSWERED);

    read();

    assertEquals(
        new Refusals.Read(List.of(), WATCHED, NOW, "pods that ended before are not known"), told());
  }

  @Test
  void saysSinceWhenItKnowsWhenLinesWereLost() {
    server.writes("foo", "httpbin", NOW, "x".repeat(9 << 20));
    server.writes("foo", "httpbin", NOW.plusSeconds(2), ANSWERED);

    for (int i = 0; i < 4; i++) {
      read();
    }

    Refusals.Read told = assertInstanceOf(Refusals.Read.class, told());
    assertEquals(NOW.plusSeconds(1), told.from());
  }

  @Test
  void saysUntilWhenItKnowsALogThatIsTooBusyToBeReadAtOnce() {
    List<Instant> flood = IntStream.range(0, 3000).mapToObj(i -> NOW.plusMillis(3L * i)).toList();
    server.writes("foo", "httpbin", flood, ANSWERED + "x".repeat(1000));
    clock.advance(Duration.ofSeconds(10));

    read();

    Refusals.Read told = assertInstanceOf(Refusals.Read.class, told());
    assertTrue(told.asOf().isBefore(NOW.plusSeconds(9)), told.asOf()::toString);
    read();
    assertEquals(NOW.plusSeconds(10), assertInstanceOf(Refusals.Read.class, told()).asOf());
  }

  private static MeshSnapshot ambient(String node) {
    return ambient(node, "ztunnel-b");
  }

  private static MeshSnapshot ambient(String node, String ofB) {
    return mesh(
        namespace("foo")
            .with(
                ambientPod("httpbin").ip("10.244.0.4").node("a"),
                ambientPod("second").ip("10.244.0.5").node(node)),
        namespace("bar").with(ambientPod("other").ip("10.244.1.4").node("a")),
        namespace("istio-system")
            .with(
                pod("ztunnel-a")
                    .of("DaemonSet", "ztunnel")
                    .label("app", "ztunnel")
                    .ip("10.244.0.2")
                    .node("a"),
                pod(ofB)
                    .of("DaemonSet", "ztunnel")
                    .label("app", "ztunnel")
                    .ip("10.244.2.2")
                    .node("b"),
                pod("ztunnel-c")
                    .of("DaemonSet", "ztunnel")
                    .label("app", "ztunnel")
                    .ip("10.244.3.2")
                    .node("c")));
  }

  private static String ztunnel(String client, String server) {
    return "2026-01-01T12:00:00Z\terror\taccess\tconnection complete\tsrc.addr="
        + client
        + " dst.addr="
        + server
        + " direction=\"inbound\" error=\"connection closed due to policy rejection: explicitly"
        + " denied by: istio-system/istio_converted_static_strict\"";
  }

  /** Lines about a namespace are left where nobody asks about it. */
  @Test
  void knowsNothingOfATimeInWhichAZtunnelWasReadForAnotherNamespace() {
    mesh = ambient("a");
    server.writes("istio-system", "ztunnel-a", NOW, ztunnel("10.0.0.2:1", "10.244.1.4:8080"));
    focus = Set.of("bar");
    refusals.read();
    passes(60);
    refusals.read();
    passes(5);
    focus = Set.of("foo", "bar");

    assertEquals(NOW.plusSeconds(60), readsFrom());
    passes(5);
    assertEquals(NOW.plusSeconds(60), readsFrom());
  }

  @Test
  void readsOfAmbientPodsTheZtunnelOfTheirNode() {
    mesh = ambient("b");
    server.writes("istio-system", "ztunnel-a", NOW, ztunnel("10.0.0.1:1", "10.244.0.4:8080"));
    server.writes("istio-system", "ztunnel-a", NOW, ztunnel("10.0.0.2:1", "10.244.1.4:8080"));
    server.writes("istio-system", "ztunnel-b", NOW, ztunnel("10.0.0.3:1", "10.244.0.5:9090"));

    List<Refusal> read = read();

    assertEquals(
        Set.of("10.0.0.1 foo/httpbin:8080", "10.0.0.3 foo/second:9090"),
        read.stream()
            .map(r -> r.client().id() + " " + r.server().id() + ":" + r.port())
            .collect(Collectors.toSet()));
    assertInstanceOf(Refusals.Read.class, told());
    assertEquals(4, server.asked.size(), server.asked::toString);
  }

  /** Whoever may make pods may call one ztunnel, and have it blame anybody. */
  @Test
  void readsNoZtunnelButThatOfTheMesh() {
    mesh =
        mesh(
            namespace("foo").with(ambientPod("httpbin").ip("10.244.0.4").node("a")),
            namespace("evil")
                .with(
                    pod("ztunnel")
                        .of("DaemonSet", "ztunnel")
                        .label("app", "ztunnel")
                        .ip("10.244.0.66")
                        .node("a")),
            namespace("istio-system")
                .with(pod("mine").label("app", "ztunnel").ip("10.244.0.67").node("a")));
    server.writes("evil", "ztunnel", NOW, ztunnel("10.0.0.1:1", "10.244.0.4:8080"));
    server.writes("istio-system", "mine", NOW, ztunnel("10.0.0.1:1", "10.244.0.4:8080"));

    read();

    assertEquals(List.of(), all());
    Refusals.Unreadable told = assertInstanceOf(Refusals.Unreadable.class, told());
    assertEquals(Refusals.Reason.PROXY_UNKNOWN, told.reason());
    assertEquals(List.of(), server.asked);
  }

  private static MeshSnapshot withJob(boolean running) {
    return mesh(
        namespace("foo").with(sidecarPod("httpbin").ip("10.244.0.4")),
        namespace("legacy")
            .with(
                running
                    ? new MeshBuilders.PodBuilder[] {
                      pod("nightly-1").of("CronJob", "nightly").ip("10.244.0.9").createdAt(NOW)
                    }
                    : new MeshBuilders.PodBuilder[0]));
  }

  @Test
  void namesAJobThatIsGoneWhenItsRefusalIsRead() {
    mesh = withJob(true);
    read();
    mesh = withJob(false);
    clock.advance(Duration.ofSeconds(2));
    refusals.observe();
    server.writes("foo", "httpbin", NOW.plusSeconds(1), text("10.244.0.9:40000"));

    assertEquals(List.of("legacy/nightly"), clients(read()));
  }

  /** The API server may tell of a pod after its proxy has told of its call. */
  @Test
  void namesAJobThatIsKnownLaterThanItsRefusal() {
    mesh = withJob(false);
    server.writes("foo", "httpbin", NOW.plusSeconds(1), text("10.244.0.9:40000"));
    clock.advance(Duration.ofSeconds(2));
    List<String> first = clients(read());
    mesh = withJob(true);
    clock.advance(Duration.ofSeconds(2));

    List<String> then = clients(read());

    assertEquals(List.of("10.244.0.9"), first);
    assertEquals(List.of("legacy/nightly"), then);
  }

  /** The address had passed on while pods were not watched: whoever had it last is not blamed. */
  @Test
  void namesNobodyForCertainOfAViewThatIsOlderThanTheRefusal() {
    read();
    server.writes("foo", "httpbin", NOW.plusSeconds(20), text("10.244.0.8:40000"));
    clock.advance(Duration.ofSeconds(40));
    behind = Duration.ofSeconds(40);
    List<String> first = clients(read());
    mesh =
        mesh(
            namespace("foo").with(sidecarPod("httpbin").ip("10.244.0.4")),
            namespace("legacy").with(pod("other").ip("10.244.0.8").createdAt(NOW.plusSeconds(10))));
    behind = Duration.ZERO;
    clock.advance(Duration.ofSeconds(10));

    List<String> then = clients(read());

    assertEquals(List.of("legacy/curl"), first);
    assertEquals(List.of("10.244.0.8"), then);
  }

  @Test
  void saysThatNobodyTellsOfAnAmbientPodWhoseNodeHasNoZtunnel() {
    mesh = ambient("elsewhere");
    server.writes("istio-system", "ztunnel-a", NOW, ztunnel("10.0.0.1:1", "10.244.0.4:8080"));

    read();

    Refusals.Unreadable told = assertInstanceOf(Refusals.Unreadable.class, told());
    assertEquals(Refusals.Reason.PROXY_UNKNOWN, told.reason());
    assertTrue(told.detail().contains("node elsewhere"), told.detail());
    assertEquals(List.of("10.0.0.1"), clients(all()));
  }

  private static MeshSnapshot restarted(int times) {
    return mesh(namespace("foo").with(sidecarPod("httpbin").ip("10.244.0.4").proxyRestarts(times)));
  }

  @Test
  void readsWhatAProxyWroteBeforeItWasStartedAgain() {
    mesh = restarted(3);
    old("httpbin");
    server.writes("foo", "httpbin", NOW, text("10.0.0.1:1"));
    read();
    server.wroteBefore("foo", "httpbin", NOW, text("10.0.0.1:1"));
    server.wroteBefore("foo", "httpbin", NOW.plusMillis(500), text("10.0.0.2:1"));
    server.writes("foo", "httpbin", NOW.plusSeconds(1), text("10.0.0.3:1"));
    mesh = restarted(4);

    read();
    read();

    assertEquals(List.of("10.0.0.1", "10.0.0.2", "10.0.0.3"), clients(all()));
    assertEquals(NOW.minus(LOOK_BACK), assertInstanceOf(Refusals.Read.class, told()).from());
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 5})
  void saysThatItDoesNotKnowWhatAProxyWroteBeforeItWasStartedAgain(int restarts) {
    mesh = restarted(3);
    server.writes("foo", "httpbin", NOW, ANSWERED);
    read();
    if (restarts == 5) {
      server.wroteBefore("foo", "httpbin", NOW.plusMillis(500), ANSWERED);
    }
    server.rotates("foo", "httpbin");
    server.writes("foo", "httpbin", NOW.plusSeconds(1), ANSWERED);
    mesh = restarted(restarts);
    clock.advance(Duration.ofSeconds(2));

    read();

    assertEquals(NOW.plusSeconds(2), assertInstanceOf(Refusals.Read.class, told()).from());
  }

  /** It has read on in the log, and reads no line again: one that nobody has taken is missing. */
  @Test
  void saysThatRefusalsAreMissingOfAReadingThatDies() {
    AtomicInteger asked = new AtomicInteger();
    probes =
        new OwnProbes() {
          @Override
          public SecuredCalls answeredByAll(Instant from, Instant to) {
            return new SecuredCalls(0, 0, 0);
          }

          @Override
          public boolean madeFrom(String address, int port, WorkloadRef to, Instant at) {
            if (asked.getAndIncrement() == 0) {
              throw new OutOfMemoryError();
            }
            return false;
          }
        };
    refusals = reading();
    old("httpbin");
    server.writes("foo", "httpbin", NOW, ANSWERED);
    read();
    server.writes("foo", "httpbin", NOW.plusSeconds(1), text("10.0.0.1:1"));
    clock.advance(Duration.ofSeconds(2));

    assertThrows(OutOfMemoryError.class, refusals::read);
    clock.advance(Duration.ofSeconds(2));
    read();

    assertEquals(NOW.plusSeconds(2), assertInstanceOf(Refusals.Read.class, told()).from());
  }

  /** The kubelet gives out the last file alone: who was refused before it was full is not known. */
  @Test
  void saysSinceWhenItKnowsALogThatWasRotatedBetweenTwoReadings() {
    old("httpbin");
    server.writes("foo", "httpbin", NOW, ANSWERED);
    read();
    server.writes("foo", "httpbin", NOW.plusMillis(500), text("10.0.0.1:1"));
    server.rotates("foo", "httpbin");
    server.writes("foo", "httpbin", NOW.plusSeconds(1), ANSWERED);
    clock.advance(Duration.ofSeconds(2));

    read();

    assertEquals(NOW.plusSeconds(2), assertInstanceOf(Refusals.Read.class, told()).from());
  }

  /** Or what was lost after a lock would be of before it. */
  @Test
  void takesWhatIsMissingForLostUntilItIsNoticedWhateverTheNodesClock() {
    old("httpbin");
    server.writes("foo", "httpbin", NOW.minusSeconds(120), ANSWERED);
    read();
    server.rotates("foo", "httpbin");
    server.writes("foo", "httpbin", NOW.minusSeconds(119), ANSWERED);
    clock.advance(Duration.ofSeconds(2));

    read();

    assertEquals(NOW.plusSeconds(2), assertInstanceOf(Refusals.Read.class, told()).from());
  }

  /** Or who was refused by one lock would be refused by the next one. */
  @Test
  void datesNoRefusalLaterThanItsReading() {
    old("httpbin");
    server.writes("foo", "httpbin", NOW.plusSeconds(600), text("10.0.0.1:1"));
    read();
    clock.advance(Duration.ofSeconds(30));

    assertEquals(NOW, read().getFirst().at());
  }

  @Test
  void missesNothingMoreOfALogThatIsQuietAfterItWasRotated() {
    old("httpbin");
    server.writes("foo", "httpbin", NOW, ANSWERED);
    read();
    server.rotates("foo", "httpbin");
    clock.advance(Duration.ofSeconds(2));
    read();
    clock.advance(Duration.ofSeconds(60));
    refusals.read();

    // A file without a connection says nothing, as one that is not written any more.
    Refusals.Silent told = assertInstanceOf(Refusals.Silent.class, told());
    assertEquals(NOW.plusSeconds(2), told.from());
  }

  /** As a replica that has just begun to lead finds it. */
  @Test
  void saysSinceWhenItKnowsALogThatWasRotatedBeforeItWasFirstRead() {
    server.writes("foo", "httpbin", NOW.minusSeconds(60), ANSWERED);

    read();

    assertEquals(NOW.minusSeconds(60), assertInstanceOf(Refusals.Read.class, told()).from());
  }

  @Test
  void readsTheOtherLogsWhenOneCannotBeRead() {
    focus = Set.of("foo", "bar");
    server.writes("bar", "httpbin", NOW, text("10.0.0.1:1").replace(SERVER, "10.244.1.4:80"));

    read();

    assertEquals(List.of("10.0.0.1"), clients(refusals.since("bar", Instant.MIN).seen()));
  }

  private static MeshBuilders.PodBuilder next() {
    return sidecarPod("next").of("Deployment", "httpbin").ip("10.244.0.5").createdAt(NOW);
  }

  private Instant readsFrom() {
    refusals.read();
    return assertInstanceOf(Refusals.Read.class, told()).from();
  }

  /** Its node was lost: whom it refused meanwhile nobody will ever tell. */
  @Test
  void saysSinceWhenItKnowsWhenAPodEndedWhoseLogWasNotReadToItsEnd() {
    old("httpbin");
    server.writes("foo", "httpbin", NOW, ANSWERED);
    read();
    server.refusals.put(LogServer.path("foo", "httpbin"), 502);
    clock.advance(Duration.ofSeconds(60));
    read();
    mesh = mesh(namespace("foo").with(next()));
    server.writes("foo", "next", NOW.plusSeconds(60), ANSWERED.replace("10.244.0.4", "10.244.0.5"));

    Instant from = readsFrom();
    clock.advance(Duration.ofSeconds(2));

    assertEquals(NOW.plusSeconds(60), from);
    assertEquals(NOW.plusSeconds(60), readsFrom());
  }

  @Test
  void saysSinceWhenItKnowsWhenAPodEndedBetweenTwoReadings() {
    old("httpbin");
    server.writes("foo", "httpbin", NOW, ANSWERED);
    read();
    clock.advance(Duration.ofSeconds(2));
    mesh = mesh(namespace("foo").with(next()));
    server.writes("foo", "next", NOW.plusSeconds(1), ANSWERED.replace("10.244.0.4", "10.244.0.5"));

    assertEquals(NOW.plusSeconds(2), readsFrom());
  }

  /** A Job's pod ends all the time, and its log stays for a while. */
  @Test
  void readsTheLogOfAPodThatHasEndedToItsEnd() {
    old("httpbin");
    server.writes("foo", "httpbin", NOW, ANSWERED);
    read();
    server.writes("foo", "httpbin", NOW.plusSeconds(1), text("10.0.0.1:1"));
    clock.advance(Duration.ofSeconds(2));
    mesh = mesh(namespace("foo").with(sidecarPod("httpbin").ip("10.244.0.4").terminated(), next()));
    server.writes("foo", "next", NOW.plusSeconds(1), ANSWERED.replace("10.244.0.4", "10.244.0.5"));

    Instant from = readsFrom();

    assertEquals(List.of("10.0.0.1"), clients(all()));
    assertEquals(WATCHED, from);
  }

  @Test
  void missesNothingOfAPodThatEndedBeforeItsProxyBegan() {
    mesh = mesh(namespace("foo").with(next(), sidecarPod("stuck").ip("10.244.0.4").notReady()));
    server.writes("foo", "next", NOW, ANSWERED.replace("10.244.0.4", "10.244.0.5"));
    server.refusals.put(LogServer.path("foo", "stuck"), 400);
    read();
    clock.advance(Duration.ofSeconds(2));
    mesh = mesh(namespace("foo").with(next()));

    assertEquals(WATCHED, readsFrom());
  }

  private static MeshSnapshot ofNodeA(MeshBuilders.PodBuilder... servers) {
    return mesh(
        namespace("foo").with(servers),
        namespace("istio-system")
            .with(
                pod("ztunnel-a")
                    .of("DaemonSet", "ztunnel")
                    .label("app", "ztunnel")
                    .ip("10.244.0.2")
                    .node("a")));
  }

  /** Its log is that of all pods of the node, and an address passes on. */
  @Test
  void blamesNoAmbientPodForWhomThePodBeforeItRefusedAtItsAddress() {
    mesh =
        ofNodeA(
            ambientPod("young").ip("10.244.0.5").node("a").createdAt(NOW.minusSeconds(90)),
            ambientPod("old").ip("10.244.0.4").node("a"));
    for (String ip : List.of("10.244.0.4", "10.244.0.5")) {
      server.writes(
          "istio-system", "ztunnel-a", NOW.minusSeconds(200), ztunnel("10.0.0.3:1", ip + ":9090"));
    }

    assertEquals(
        List.of("foo/old"), read().stream().map(refusal -> refusal.server().id()).toList());
  }

  @Test
  void tellsWhomAPodRefusedWhoseAddressHasPassedOnSince() {
    mesh = ofNodeA(ambientPod("first").ip("10.244.0.5").node("a"));
    read();
    passes(2);
    read();
    server.writes(
        "istio-system", "ztunnel-a", NOW.plusSeconds(2), ztunnel("10.0.0.3:1", "10.244.0.5:9090"));
    passes(20);
    mesh = ofNodeA(ambientPod("second").ip("10.244.0.5").node("a").createdAt(NOW.plusSeconds(21)));

    assertEquals(
        List.of("foo/first"), read().stream().map(refusal -> refusal.server().id()).toList());
  }

  @Test
  void tellsWhomAnAmbientPodRefusedThatHasEndedSince() {
    mesh = ambient("a");
    read();
    server.writes(
        "istio-system", "ztunnel-a", NOW.plusSeconds(1), ztunnel("10.0.0.3:1", "10.244.0.5:9090"));
    mesh =
        mesh(
            namespace("foo").with(ambientPod("httpbin").ip("10.244.0.4").node("a")),
            namespace("istio-system")
                .with(
                    pod("ztunnel-a")
                        .of("DaemonSet", "ztunnel")
                        .label("app", "ztunnel")
                        .ip("10.244.0.2")
                        .node("a")));
    clock.advance(Duration.ofSeconds(2));

    assertEquals(List.of("10.0.0.3"), clients(read()));
  }

  private void pods(MeshBuilders.PodBuilder... pods) {
    mesh = mesh(namespace("foo").with(pods));
  }

  private void passes(int seconds) {
    clock.advance(Duration.ofSeconds(seconds));
  }

  private String before() {
    return assertInstanceOf(Refusals.Read.class, told()).before();
  }

  /** Whom pods refused that ended meanwhile, only the process before it could have read. */
  @Test
  void knowsNothingOfTheTimeBeforeItsProcessBegan() {
    refusals = reading(new AddressHistory(Duration.ofHours(1)));
    pods(next());
    server.writes("foo", "next", NOW, ANSWERED.replace("10.244.0.4", "10.244.0.5"));

    assertEquals(NOW, readsFrom());
    assertEquals("pods that ended before are not known", before());
  }

  /** As it is between a lock and the first reading after it, and where another replica led. */
  @Test
  void saysSinceWhenItKnowsWhenAPodEndedBeforeTheFirstReading() {
    refusals.observe();
    passes(2);
    pods(next());
    server.writes("foo", "next", NOW, ANSWERED.replace("10.244.0.4", "10.244.0.5"));
    refusals.observe();
    passes(2);

    assertEquals(NOW.plusSeconds(2), readsFrom());
    assertTrue(before().contains("pod foo/httpbin ended"), before());
  }

  @Test
  void saysSinceWhenItKnowsWhenAZtunnelEndedBeforeTheFirstReading() {
    mesh = ambient("b");
    refusals.observe();
    passes(2);
    mesh = ambient("b", "ztunnel-new");
    for (String pod : List.of("ztunnel-a", "ztunnel-new")) {
      server.writes("istio-system", pod, NOW.minus(LOOK_BACK).minusSeconds(1), "info ready");
    }

    refusals.read();

    Refusals.Silent told = assertInstanceOf(Refusals.Silent.class, told());
    assertEquals(NOW.plusSeconds(2), told.from());
    assertTrue(told.before().contains("istio-system/ztunnel-b"), told.before());
  }

  @Test
  void saysSinceWhenItKnowsWhenAPodCameAndWentBetweenTwoReadings() {
    pods(next());
    server.writes("foo", "next", NOW, ANSWERED.replace("10.244.0.4", "10.244.0.5"));
    Instant first = readsFrom();
    passes(2);
    pods(next(), sidecarPod("brief").ip("10.244.0.6"));
    refusals.observe();
    passes(2);
    pods(next());
    refusals.observe();
    passes(2);

    assertEquals(WATCHED, first);
    assertEquals(NOW.plusSeconds(4), readsFrom());
    assertEquals(NOW.plusSeconds(4), readsFrom());
  }

  /** The watch hung, or the process stood still. */
  @Test
  void saysSinceWhenItKnowsWhenPodsMayHaveComeAndGoneUnseen() {
    pods(next());
    server.writes("foo", "next", NOW, ANSWERED.replace("10.244.0.4", "10.244.0.5"));
    readsFrom();
    passes(61);

    assertEquals(NOW.plusSeconds(61), readsFrom());
  }

  /** The ledger could not be read for a moment; or a namespace had no pod with a proxy. */
  @Test
  void doesNotForgetWhatIsMissingWhenANamespaceWasOutOfFocusForAMoment() {
    pods(next(), sidecarPod("httpbin").ip("10.244.0.4"));
    old("httpbin");
    server.writes("foo", "next", NOW, ANSWERED.replace("10.244.0.4", "10.244.0.5"));
    readsFrom();
    passes(2);
    pods(next());
    Instant gap = readsFrom();
    passes(2);
    focus = Set.of();
    refusals.read();
    passes(2);
    focus = Set.of("foo");

    assertEquals(NOW.plusSeconds(2), gap);
    assertEquals(NOW.plusSeconds(2), readsFrom());
  }

  /** It would leave a gap in every minute, and nobody is led to it. */
  @ParameterizedTest
  @ValueSource(strings = {"Job", "CronJob", "Workflow", "TaskRun", "SparkApplication", "Pod"})
  void missesNothingOfAJobThatServesNobody(String kind) {
    pods(next(), sidecarPod("nightly-1").of(kind, "nightly").ip("10.244.0.6"));
    server.writes("foo", "next", NOW, ANSWERED.replace("10.244.0.4", "10.244.0.5"));
    server.writes("foo", "nightly-1", NOW.minus(LOOK_BACK).minusSeconds(1), "info ready");
    refusals.read();
    passes(2);
    pods(next());

    assertEquals(WATCHED, readsFrom());
  }
}
