// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import static io.mtlsmigration.hazard.HazardCode.CALLED_BY_ADDRESS;
import static io.mtlsmigration.hazard.HazardWorlds.told;
import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.destinationRule;
import static io.mtlsmigration.mesh.MeshBuilders.gatewayPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.DestinationRule.ClientTlsMode;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.DirectCall;
import io.mtlsmigration.traffic.Edge;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The rule that takes somebody who was seen calling: bad, good, and what only looks bad. */
final class CallHazardsTest {

  private static final WorkloadRef CLIENT = new WorkloadRef("bar", "Deployment", "curl");
  private static final Instant NOW = Instant.parse("2026-11-25T10:00:00Z");
  private static final String IP = "10.0.0.7";
  private static final String IPV6 = "fd00::7";

  private static PodBuilder server() {
    return sidecarPod("db").ports(8080).ip(IP).otherIps(IPV6);
  }

  private static NamespaceBuilder foo(PodBuilder server) {
    return namespace("foo").with(server).with(service("db").port("tcp", 80, "8080"));
  }

  private static NamespaceBuilder bar() {
    return namespace("bar").with(sidecarPod("curl"));
  }

  private static List<Finding> seen(KnownCalls calls, NamespaceBuilder... world) {
    return Hazards.seen(MeshModes.resolve(mesh(world)), "foo", calls);
  }

  private static KnownCalls direct(String destination) {
    return new KnownCalls(List.of(new DirectCall(CLIENT, destination, 3)), List.of());
  }

  private static KnownCalls somewhere(String protocol, int port) {
    Edge edge =
        new Edge(
            new Caller(CLIENT, ""),
            new WorkloadRef("foo", "Deployment", "db"),
            port,
            protocol,
            Edge.Security.PLAINTEXT,
            1,
            0,
            NOW,
            NOW,
            "test");
    return new KnownCalls(List.of(new DirectCall(CLIENT, "", 3)), List.of(edge));
  }

  static Stream<Arguments> addresses() {
    return Stream.of(
        argumentSet("with a port", IP + ":8080", ":8080"),
        argumentSet("without", IP, ""),
        argumentSet("the second one with a port", "[" + IPV6 + "]:8080", ":8080"),
        argumentSet("the second one without", IPV6, ""),
        argumentSet("as Java writes it", "[fd00:0:0:0:0:0:0:7]:8080", ":8080"),
        argumentSet("in capitals", "[FD00::7]:8080", ":8080"));
  }

  @ParameterizedTest
  @MethodSource("addresses")
  void namesThePodThatIsCalledByItsAddress(String destination, String port) {
    List<Finding> findings = seen(direct(destination), foo(server()), bar());

    assertEquals(List.of("WARNING Deployment foo/db" + port), told(findings, CALLED_BY_ADDRESS));
    assertTrue(findings.getFirst().message().startsWith("bar/curl calls pod db of "));
  }

  static Stream<Arguments> harmless() {
    return Stream.of(
        argumentSet("an address outside", direct("93.184.216.34:80"), foo(server())),
        argumentSet("a pod without proxy", direct(IP + ":8080"), foo(pod("db").ports(8080).ip(IP))),
        argumentSet("a gateway", direct(IP + ":8080"), foo(gatewayPod("db").ports(8080).ip(IP))),
        argumentSet(
            "a port that bypasses the sidecar",
            direct(IP + ":8080"),
            foo(server().excludeInbound(8080))),
        argumentSet(
            "a port that is kept open",
            direct(IP + ":8080"),
            foo(server())
                .with(
                    policy("open", MtlsMode.UNSET)
                        .selector("app", "db")
                        .port(8080, MtlsMode.PERMISSIVE))),
        argumentSet("a pod that has ended", direct(IP + ":8080"), foo(server().terminated())),
        argumentSet("the address of a node", direct(IP + ":8080"), foo(server().hostNetwork())));
  }

  @ParameterizedTest
  @MethodSource("harmless")
  void staysSilentOnWhatNoLockEnds(KnownCalls calls, NamespaceBuilder foo) {
    assertEquals(List.of(), seen(calls, foo, bar()));
  }

  @Test
  void takesPlaintextAtTheServerWhereTcpTellsNoAddress() {
    List<Finding> findings = seen(somewhere("tcp", 8080), foo(server()), bar());

    assertEquals(List.of("WARNING Deployment foo/db:8080"), told(findings, CALLED_BY_ADDRESS));
    assertTrue(findings.getFirst().message().contains("seems to call"));
  }

  static Stream<Arguments> explained() {
    return Stream.of(
        argumentSet("the client has no sidecar", "tcp", namespace("bar").with(pod("curl"))),
        argumentSet("nor ztunnel's", "tcp", namespace("bar").with(ambientPod("curl"))),
        argumentSet("the client is gone", "tcp", namespace("bar")),
        argumentSet(
            "a DestinationRule",
            "tcp",
            bar()
                .with(
                    destinationRule("off", "db.foo.svc.cluster.local").tls(ClientTlsMode.DISABLE))),
        argumentSet("HTTP, which would tell the address", "http", bar()));
  }

  @ParameterizedTest
  @MethodSource("explained")
  void suspectsNobodyWhosePlaintextIsExplained(String protocol, NamespaceBuilder bar) {
    assertEquals(List.of(), seen(somewhere(protocol, 8080), foo(server()), bar));
  }

  @Test
  void suspectsNobodyForAPortThatIsKeptOpen() {
    NamespaceBuilder foo =
        foo(server())
            .with(
                policy("open", MtlsMode.UNSET)
                    .selector("app", "db")
                    .port(8080, MtlsMode.PERMISSIVE));

    assertEquals(List.of(), seen(somewhere("tcp", 8080), foo, bar()));
  }

  /** A client names the ports that it says to have called, and there may be many of them. */
  @Test
  void tellsOfSomeOfManyCallsToAddressesAndHowManyMoreThereAre() {
    List<DirectCall> calls =
        IntStream.rangeClosed(1, 60_000)
            .mapToObj(port -> new DirectCall(CLIENT, IP + ":" + port, 1))
            .toList();

    List<Finding> seen = seen(new KnownCalls(calls, List.of()), foo(server()), bar());

    assertEquals(1_001, seen.size());
    assertTrue(
        seen.stream().anyMatch(finding -> finding.message().contains(" more calls to addresses")));
  }

  @Test
  void putsBothKindsOfFindingsInOneOrder() {
    List<Finding> seen = seen(direct(IP), foo(server()), bar());
    List<Finding> facts =
        Hazards.of(
            MeshModes.resolve(mesh(foo(server()).with(policy("default", MtlsMode.DISABLE)), bar())),
            "foo");

    List<Finding> all = Hazards.together(facts, seen);

    assertEquals(facts.size() + 1, all.size());
    assertEquals(Severity.BLOCKER, all.getFirst().severity());
    assertTrue(all.containsAll(seen));
  }
}
