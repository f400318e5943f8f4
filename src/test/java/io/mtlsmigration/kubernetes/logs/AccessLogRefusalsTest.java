package io.mtlsmigration.kubernetes.logs;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.OwnProbes;
import io.mtlsmigration.traffic.Refusal;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who was refused, read from logs as kubelets give them out. */
final class AccessLogRefusalsTest {

  private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  private static final Duration LOOK_BACK = Duration.ofMinutes(5);
  private static final String SERVER = "10.244.0.4:8080";

  private static final MeshSnapshot MESH =
      mesh(
          namespace("foo")
              .with(
                  sidecarPod("httpbin").ip("10.244.0.4"),
                  sidecarPod("ended").ip("10.244.0.5").terminated(),
                  sidecarPod("starting"),
                  pod("bare").ip("10.244.0.6"),
                  ambientPod("ambient").ip("10.244.0.7")),
          namespace("bar").with(sidecarPod("httpbin").ip("10.244.1.4")),
          namespace("legacy")
              .with(
                  pod("curl").ip("10.244.0.8"),
                  pod("gone").ip("10.244.0.9").terminated(),
                  pod("agent").ip("192.168.0.1").hostNetwork()));

  private LogServer server;
  private Set<String> focus = Set.of("foo");
  private OwnProbes probes = OwnProbes.NONE;
  private AccessLogRefusals refusals;

  @BeforeEach
  void start() throws IOException {
    server = new LogServer();
    refusals = reading();
  }

  private AccessLogRefusals reading() {
    return new AccessLogRefusals(
        server.client,
        () -> MESH,
        () -> focus,
        probes,
        Clock.fixed(NOW, ZoneOffset.UTC),
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
    return "{\"response_flags\":\"NR\",\"response_code\":0,\"response_code_details\":"
        + "\"filter_chain_not_found\",\"downstream_remote_address\":\""
        + client
        + "\",\"downstream_local_address\":\""
        + SERVER
        + "\"}";
  }

  private List<Refusal> read() {
    refusals.read();
    return all();
  }

  private List<Refusal> all() {
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

  @Test
  void keepsNoMoreThanSoManyOfANamespaceTheLatest() {
    List<Instant> times = IntStream.range(0, 1500).mapToObj(i -> NOW.plusMillis(i)).toList();
    server.writes("foo", "httpbin", times, text("10.0.0.1:1"));

    List<Refusal> read = read();

    assertEquals(1000, read.size());
    assertEquals(NOW.plusMillis(1499), read.getLast().at());
  }

  @Test
  void knowsItsOwnProbes() {
    probes =
        new OwnProbes() {
          @Override
          public long answered(
              @Nullable WorkloadRef client, WorkloadRef to, Instant from, Instant until) {
            return 0;
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

    assertEquals(1, server.asked.size(), server.asked::toString);
    assertTrue(server.asked.getFirst().startsWith("/api/v1/namespaces/foo/pods/httpbin/log?"));
    assertTrue(server.asked.getFirst().contains("container=istio-proxy"));
    assertTrue(server.asked.getFirst().contains("limitBytes=1048576"));
  }

  @Test
  void forgetsANamespaceThatIsOutOfFocus() {
    server.writes("foo", "httpbin", NOW, text("10.0.0.1:1"));
    read();

    focus = Set.of();

    assertEquals(List.of(), read());
    assertEquals(1, server.asked.size());
  }

  @Test
  void tellsOfWhatCameFromAnInstantOn() {
    server.writes("foo", "httpbin", NOW, text("10.0.0.1:1"));
    server.writes("foo", "httpbin", NOW.plusSeconds(1), text("10.0.0.2:1"));
    read();

    assertEquals(List.of("10.0.0.2"), clients(refusals.since("foo", NOW.plusSeconds(1))));
    assertEquals(List.of(), refusals.since("bar", Instant.MIN));
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

  @Test
  void readsTheOtherLogsWhenOneCannotBeRead() {
    focus = Set.of("foo", "bar");
    server.writes("bar", "httpbin", NOW, text("10.0.0.1:1").replace(SERVER, "10.244.1.4:80"));

    read();

    assertEquals(List.of("10.0.0.1"), clients(refusals.since("bar", Instant.MIN)));
  }
}
