// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.destinationRule;
import static io.mtlsmigration.mesh.MeshBuilders.gatewayPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarScope;
import static io.mtlsmigration.mesh.MtlsMode.DISABLE;
import static io.mtlsmigration.mesh.MtlsMode.PERMISSIVE;
import static io.mtlsmigration.mesh.MtlsMode.STRICT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.DestinationRule.ClientTlsMode;
import io.mtlsmigration.mesh.MeshBuilders.DestinationRuleBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PolicyBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.Reach;
import io.mtlsmigration.probe.ProbeOutcome;
import io.mtlsmigration.probe.ProbeResult;
import io.mtlsmigration.probe.ProbeTarget;
import io.mtlsmigration.traffic.Edge;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a client sees of a server, over real sockets. Codes are those of a real mesh where one was
 * asked.
 */
final class CallOutcomesTest {

  /**
   * Clients are named for their proxies: {@code in/sidecar}, {@code in/ambient}, {@code out/curl}.
   */
  private static MeshSnapshot world(
      PodBuilder server, PolicyBuilder policy, DestinationRuleBuilder rule) {
    var in =
        namespace("in")
            .with(server)
            .with(sidecarPod("sidecar"), ambientPod("ambient"))
            .with(
                service("server")
                    .selector(java.util.Map.of("app", "server"))
                    .port("http", 80, "8080")
                    .port("tcp-db", 81, "5432")
                    .port("mysql", 82, "3306")
                    .port("https", 83, "8443"));
    if (policy != null) {
      in.with(policy);
    }
    if (rule != null) {
      in.with(rule);
    }
    return mesh(namespace("istio-system"), in, namespace("out").with(pod("curl")));
  }

  private static PodBuilder sidecar() {
    return sidecarPod("server");
  }

  static Stream<Arguments> calls() {
    String sidecar = "in/sidecar";
    String plain = "out/curl";
    String ambient = "in/ambient";
    DestinationRuleBuilder disable =
        destinationRule("r", "server.in.svc.cluster.local").tls(ClientTlsMode.DISABLE);
    DestinationRuleBuilder mutual =
        destinationRule("r", "server.in.svc.cluster.local").tls(ClientTlsMode.ISTIO_MUTUAL);
    DestinationRuleBuilder simple =
        destinationRule("r", "server.in.svc.cluster.local").tls(ClientTlsMode.SIMPLE);
    PolicyBuilder strict = policy("p", STRICT);
    PolicyBuilder permissive = policy("p", PERMISSIVE);
    PolicyBuilder off = policy("p", DISABLE);
    PolicyBuilder open8080 = policy("p", STRICT).selector("app", "server").port(8080, PERMISSIVE);
    return Stream.of(
        row("sidecar → permissive", world(sidecar(), permissive, null), sidecar, 80, "200/0"),
        row("plain → permissive", world(sidecar(), permissive, null), plain, 80, "200/0"),
        row("sidecar → strict", world(sidecar(), strict, null), sidecar, 80, "200/0"),
        row("plain → strict", world(sidecar(), strict, null), plain, 80, "000/56"),
        row("sidecar → disabled", world(sidecar(), off, null), sidecar, 80, "200/0"),
        row("plain → disabled", world(sidecar(), off, null), plain, 80, "200/0"),
        row("plain rule → permissive", world(sidecar(), permissive, disable), sidecar, 80, "200/0"),
        row("plain rule → strict", world(sidecar(), strict, disable), sidecar, 80, "503/0"),
        row("mutual rule → disabled", world(sidecar(), off, mutual), sidecar, 80, "503/0"),
        row("mutual rule → uncaptured", world(pod("server"), strict, mutual), sidecar, 80, "503/0"),
        row("sidecar → uncaptured", world(pod("server"), strict, null), sidecar, 80, "200/0"),
        row("plain → uncaptured", world(pod("server"), strict, null), plain, 80, "200/0"),
        row("simple rule → strict", world(sidecar(), strict, simple), sidecar, 80, "503/0"),
        row("simple rule → permissive", world(sidecar(), permissive, simple), sidecar, 80, "503/0"),
        row(
            "plain → excluded port",
            world(sidecar().excludeInbound(8080), strict, null),
            plain,
            80,
            "200/0"),
        row(
            "plain → port not included",
            world(sidecar().includeInbound(9999), strict, null),
            plain,
            80,
            "200/0"),
        row("plain → opened port", world(sidecar(), open8080, null), plain, 80, "200/0"),
        row(
            "plain → other port of that pod",
            world(sidecar(), open8080, null),
            plain,
            81,
            "000/56"),
        row("plain → tcp, permissive", world(sidecar(), permissive, null), plain, 81, "000/0"),
        row("sidecar → tcp, strict", world(sidecar(), strict, null), sidecar, 81, "000/0"),
        row("plain rule → tcp, strict", world(sidecar(), strict, disable), sidecar, 81, "000/56"),
        row("mutual rule → tcp, disabled", world(sidecar(), off, mutual), sidecar, 81, "000/56"),
        row(
            "plain → server first, permissive",
            world(sidecar(), permissive, null),
            plain,
            82,
            "000/0"),
        row("sidecar → server first, strict", world(sidecar(), strict, null), sidecar, 82, "000/0"),
        row("plain → server first, strict", world(sidecar(), strict, null), plain, 82, "000/56"),
        row(
            "plain → application TLS, permissive",
            world(sidecar(), permissive, null),
            plain,
            83,
            "200/0"),
        row("plain → application TLS, strict", world(sidecar(), strict, null), plain, 83, "000/56"),
        row(
            "sidecar → application TLS, strict",
            world(sidecar(), strict, null),
            sidecar,
            83,
            "200/0"),
        row(
            "plain → application TLS, uncaptured",
            world(pod("server"), strict, null),
            plain,
            83,
            "200/0"),
        row(
            "ambient → ambient, strict",
            world(ambientPod("server"), strict, null),
            ambient,
            80,
            "200/0"),
        row(
            "ambient → ambient, disabled",
            world(ambientPod("server"), off, null),
            ambient,
            80,
            "200/0"),
        row(
            "plain → ambient, strict",
            world(ambientPod("server"), strict, null),
            plain,
            80,
            "000/56"),
        row(
            "plain → ambient, disabled",
            world(ambientPod("server"), off, null),
            plain,
            80,
            "200/0"),
        row(
            "plain → gateway, strict",
            world(gatewayPod("server"), strict, null),
            plain,
            80,
            "200/0"),
        row(
            "sidecar → gateway, strict",
            world(gatewayPod("server"), strict, null),
            sidecar,
            80,
            "200/0"));
  }

  private static Arguments row(
      String name, MeshSnapshot world, String from, int port, String expected) {
    return argumentSet(name, world, from, port, expected);
  }

  @ParameterizedTest
  @MethodSource("calls")
  void endAsTheyDoOnARealMesh(MeshSnapshot world, String from, int port, String expected) {
    try (Stage stage = Stage.of(world)) {
      String outcome = stage.outcome(from, "in/server:" + port);

      assertEquals(expected, outcome);
    }
  }

  /** Application TLS is not what predictions speak of. */
  static Stream<Arguments> predictable() {
    return calls().filter(row -> !row.get()[2].equals(83));
  }

  @ParameterizedTest
  @MethodSource("predictable")
  void endAsPredicted(MeshSnapshot world, String from, int port, String ignored) {
    try (Stage stage = Stage.of(world)) {
      ProbeTarget target = stage.targets(from, "in/server:" + port).get(0);

      ProbeResult.Completed end =
          (ProbeResult.Completed) stage.sandbox.prober().probe(target, Stage.TIMEOUT);

      boolean meshClient = target.client().dataPlane().captured();
      ProbeOutcome outcome =
          ProbeOutcome.classify(end.httpCode(), end.exitCode(), end.body(), meshClient);
      boolean predicted = stage.prediction(target).reach() == Reach.OK;
      assertEquals(predicted ? ProbeOutcome.OK : ProbeOutcome.REFUSED, outcome);
    }
  }

  @Test
  void giveEnvoysWordsToAMeshClientThatIsReset() {
    DestinationRuleBuilder rule =
        destinationRule("r", "server.in.svc.cluster.local").tls(ClientTlsMode.DISABLE);
    try (Stage stage = Stage.of(world(sidecar(), policy("p", STRICT), rule))) {
      var end = (ProbeResult.Completed) stage.probe("in/sidecar", "in/server:80");

      assertEquals(
          "upstream connect error or disconnect/reset before headers. reset reason: connection"
              + " termination",
          end.body());
    }
  }

  @Test
  void differByEndpointWhenOnlySomeAreCaptured() {
    MeshSnapshot world =
        mesh(
            namespace("in")
                .with(
                    sidecarPod("a").of("Deployment", "server"), pod("b").of("Deployment", "server"))
                .with(service("server").port(80, 8080))
                .with(policy("p", STRICT)),
            namespace("out").with(pod("curl")));
    try (Stage stage = Stage.of(world)) {
      List<String> outcomes =
          stage.targets("out/curl", "in/server:80").stream()
              .map(
                  t ->
                      t.backend().pod().name()
                          + " "
                          + Stage.brief(stage.sandbox.prober().probe(t, Stage.TIMEOUT)))
              .sorted()
              .toList();

      assertEquals(List.of("a 000/56", "b 200/0"), outcomes);
    }
  }

  @Test
  void goNowhereWhenTheClientsSidecarPassesNothingThrough() {
    MeshSnapshot world =
        mesh(
            namespace("in")
                .with(sidecarPod("server"), sidecarPod("sidecar"))
                .with(service("server").port(80, 8080))
                .with(sidecarScope("s", "./nothing.in.svc.cluster.local").registryOnly()));
    try (Stage stage = Stage.of(world)) {
      assertEquals("000/56", stage.outcome("in/sidecar", "in/server:80"));
    }
  }

  @Test
  void failByNameOrPortOrEndpointInTheirOwnWays() {
    MeshSnapshot world =
        mesh(
            namespace("in").with(sidecarPod("sidecar")).with(service("empty").port(80, 8080)),
            namespace("out").with(pod("curl")));
    try (Stage stage = Stage.of(world)) {
      Pod plain = stage.pod("out/curl");
      Pod meshed = stage.pod("in/sidecar");

      assertEquals("000/6", Stage.brief(byName(stage, plain, "nosuch", 80)));
      assertEquals("000/6", Stage.brief(byName(stage, meshed, "nosuch", 80)));
      assertEquals("000/7", Stage.brief(byName(stage, plain, "empty", 81)));
      assertEquals("000/7", Stage.brief(byName(stage, plain, "empty", 80)));
      CallEnd unhealthy = byName(stage, meshed, "empty", 80);
      assertEquals("503/0 no healthy upstream", Stage.brief(unhealthy) + " " + unhealthy.body());
    }
  }

  private static CallEnd byName(Stage stage, Pod client, String service, int port) {
    return stage
        .sandbox
        .clients()
        .make(client, new TrafficCall.Destination("in", service, port, "/"), 0, Stage.TIMEOUT);
  }

  @Test
  void goInPlaintextWhenASidecarIsGivenTheAddressOfAPod() {
    try (Stage stage = Stage.of(world(sidecar(), policy("p", PERMISSIVE), null))) {
      assertEquals("200/0", Stage.brief(byAddress(stage, "in/sidecar")));
      assertEquals(
          List.of(Edge.Security.PLAINTEXT),
          stage.measured("in", Duration.ZERO).edges().stream().map(Edge::security).toList());
      assertEquals(
          List.of("in/sidecar to 8080"),
          stage.direct().stream().map(c -> c.client().id() + " to " + c.port()).toList());
    }
  }

  @Test
  void areRefusedByStrictWhenASidecarIsGivenTheAddressOfAPod() {
    try (Stage stage = Stage.of(world(sidecar(), policy("p", STRICT), null))) {
      assertEquals(503, byAddress(stage, "in/sidecar").httpCode());
    }
  }

  @Test
  void areNobodysHazardWithoutASidecar() {
    try (Stage stage = Stage.of(world(sidecar(), policy("p", PERMISSIVE), null))) {
      assertEquals("200/0", Stage.brief(byAddress(stage, "out/curl")));
      assertEquals(List.of(), stage.direct());
    }
  }

  private static CallEnd byAddress(Stage stage, String client) {
    return stage
        .sandbox
        .clients()
        .make(stage.pod(client), new TrafficCall.Address("in/server", 8080, "/"), 0, Stage.TIMEOUT);
  }

  @Test
  void endWithoutAnEndpointThatHasGone() {
    try (Stage stage = Stage.of(world(sidecar(), null, null))) {
      ProbeTarget target = stage.targets("out/curl", "in/server:80").get(0);
      stage.sandbox.happen(new ScenarioEvent.Action.Delete(target.backend().pod().ref()));

      assertEquals("000/7", Stage.brief(stage.sandbox.prober().probe(target, Stage.TIMEOUT)));
    }
  }

  @Test
  void endByTimeoutWhenNobodyAnswers() throws Exception {
    try (Stage stage = Stage.of(world(sidecar(), null, null));
        Listeners silent =
            new Listeners(
                stage.clock,
                Duration.ofMinutes(1),
                10,
                (socket, port) ->
                    socket.getInputStream().transferTo(java.io.OutputStream.nullOutputStream()))) {
      ProbeTarget target = stage.targets("out/curl", "in/server:80").get(0);

      CallEnd end =
          stage
              .sandbox
              .clientsOf(silent)
              .make(
                  new SandboxCall(
                      target.client(),
                      target.service(),
                      target.port(),
                      target.backend(),
                      "/",
                      Duration.ofMillis(50),
                      true));

      assertEquals(CallEnd.exit(CallEnd.TIMED_OUT), end);
    }
  }

  @Test
  void failWhenTheServerProvesToBeSomebodyElse() {
    MeshSnapshot world = world(sidecar(), policy("p", STRICT), null);
    try (Stage stage = Stage.of(world);
        Listeners impostors =
            new Listeners(
                stage.clock,
                Duration.ofMinutes(1),
                10,
                (socket, port) -> {
                  SSLSocket tls =
                      stage
                          .sandbox
                          .authority()
                          .identity(new SpiffeId("cluster.local", "in", "impostor"))
                          .server(socket, InputStream.nullInputStream(), true);
                  Application.http(
                      tls.getInputStream(), tls.getOutputStream(), "1.2.3.4", () -> true);
                })) {
      ProbeTarget target = stage.targets("in/sidecar", "in/server:80").get(0);
      SandboxCall call =
          new SandboxCall(
              target.client(),
              target.service(),
              target.port(),
              target.backend(),
              "/",
              Stage.TIMEOUT,
              true);

      assertEquals("200/0", Stage.brief(stage.sandbox.clients().make(call)));
      assertEquals("503/0", Stage.brief(stage.sandbox.clientsOf(impostors).make(call)));
    }
  }

  @Test
  void countAsFailuresOfMeshClientsWithoutAnEndpoint() {
    MeshSnapshot world =
        mesh(
            namespace("in").with(sidecarPod("sidecar")).with(service("empty").port(80, 8080)),
            namespace("out").with(pod("curl")));
    try (Stage stage = Stage.of(world)) {
      byName(stage, stage.pod("in/sidecar"), "empty", 80);
      byName(stage, stage.pod("out/curl"), "empty", 80);
      stage.clock.advance(Duration.ofSeconds(5));

      assertEquals(1, stage.measured("in", Duration.ofSeconds(5)).clientFailures());
    }
  }
}
