// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import static io.mtlsmigration.hazard.HazardCode.COMPETING_POLICIES;
import static io.mtlsmigration.hazard.HazardCode.DESTINATION_RULE_DISABLES_MTLS;
import static io.mtlsmigration.hazard.HazardCode.DISABLE_IN_FORCE;
import static io.mtlsmigration.hazard.HazardCode.HOST_NETWORK_OR_HOST_PORT;
import static io.mtlsmigration.hazard.HazardCode.INBOUND_PORT_BYPASSES_PROXY;
import static io.mtlsmigration.hazard.HazardCode.PORT_LEVEL_KEY_IS_SERVICE_PORT;
import static io.mtlsmigration.hazard.HazardCode.PORT_LEVEL_WITHOUT_SELECTOR;
import static io.mtlsmigration.hazard.HazardCode.SELECTOR_IN_ROOT_NAMESPACE;
import static io.mtlsmigration.hazard.HazardCode.UNCAPTURED_PODS;
import static io.mtlsmigration.hazard.HazardCode.UNREADABLE_OBJECT;
import static io.mtlsmigration.hazard.HazardCode.WORKLOAD_POLICY_WEAKER_THAN_TARGET;
import static io.mtlsmigration.hazard.HazardWorlds.foo;
import static io.mtlsmigration.hazard.HazardWorlds.root;
import static io.mtlsmigration.hazard.HazardWorlds.row;
import static io.mtlsmigration.hazard.HazardWorlds.told;
import static io.mtlsmigration.hazard.HazardWorlds.world;
import static io.mtlsmigration.mesh.DestinationRule.ClientTlsMode.ISTIO_MUTUAL;
import static io.mtlsmigration.mesh.DestinationRule.ClientTlsMode.SIMPLE;
import static io.mtlsmigration.mesh.InboundCapture.EXCLUDED_INTERFACES;
import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.destinationRule;
import static io.mtlsmigration.mesh.MeshBuilders.gatewayPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.mesh.MtlsMode.DISABLE;
import static io.mtlsmigration.mesh.MtlsMode.PERMISSIVE;
import static io.mtlsmigration.mesh.MtlsMode.STRICT;
import static io.mtlsmigration.mesh.MtlsMode.UNSET;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.ContainerPort;
import io.mtlsmigration.mesh.CronRuns;
import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.DestinationRule.TrafficPolicy;
import io.mtlsmigration.mesh.JobTemplate;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.RunPeriod;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.mtls.MeshModes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * For each rule: worlds in which it speaks, and worlds that look alike and in which it must not.
 * Findings are told as {@code SEVERITY Kind ns/name[:port]}. Those on clients and ways in from
 * outside are in tests of their own.
 */
final class HazardsTest {

  private static final String FULL = "httpbin.foo.svc.cluster.local";
  private static final DestinationRule.ClientTlsMode OFF = DestinationRule.ClientTlsMode.DISABLE;

  static Stream<Arguments> hostNetworkOrHostPort() {
    HazardCode code = HOST_NETWORK_OR_HOST_PORT;
    ContainerPort published = new ContainerPort("", 8080, "TCP", 31000);
    return Stream.of(
        row(
            "a pod on the node's network beside captured ones",
            code,
            world(foo().with(onNode())),
            "WARNING DaemonSet foo/agent"),
        row("only such pods: no lockdown concerns them", code, world(foo(onNode()))),
        row("a finished one", code, world(foo().with(onNode().terminated()))),
        row(
            "a captured port on the node",
            code,
            world(foo(sidecarPod("httpbin").port(published))),
            "WARNING Deployment foo/httpbin:8080"),
        row("a port of a pod without proxy", code, world(foo(pod("httpbin").port(published)))),
        row(
            "a UDP port",
            code,
            world(foo(sidecarPod("httpbin").port(new ContainerPort("", 53, "UDP", 53))))),
        row(
            "a port that is not captured",
            code,
            world(foo(sidecarPod("httpbin").port(published).excludeInbound(8080)))),
        row(
            "a port that is kept open already",
            code,
            world(
                foo(sidecarPod("httpbin").port(published))
                    .with(policy("w", STRICT).selector("app", "httpbin").port(8080, PERMISSIVE)))),
        row(
            "another port that is kept open",
            code,
            world(
                foo(sidecarPod("httpbin").port(published))
                    .with(policy("w", STRICT).selector("app", "httpbin").port(9090, PERMISSIVE))),
            "WARNING Deployment foo/httpbin:8080"));
  }

  private static PodBuilder onNode() {
    return pod("agent").of("DaemonSet", "agent").hostNetwork();
  }

  /** Else whoever may create one and a rule could hold the lock of any namespace. */
  @Test
  void namesACronJobOfTheRulesOwnNamespaceAsAClientThatMayFail() {
    NamespaceBuilder bar =
        namespace("bar")
            .label("istio-injection", "enabled")
            .with(ns -> job(ns, RunPeriod.of(Duration.ofDays(7))))
            .with(destinationRule("r", FULL).tls(OFF));

    List<Finding> found = Hazards.of(MeshModes.resolve(mesh(foo(), bar)), "foo");

    assertEquals(
        List.of(List.of("bar/report")),
        found.stream()
            .filter(finding -> finding.code() == DESTINATION_RULE_DISABLES_MTLS)
            .map(Finding::clients)
            .toList());
  }

  private static JobTemplate job(String namespace, @Nullable RunPeriod period) {
    return new JobTemplate(
        new ObjectRef("CronJob", namespace, "report"),
        Map.of(),
        Map.of(),
        false,
        false,
        period == null ? null : CronRuns.of(period));
  }

  static Stream<Arguments> destinationRuleDisablesMtls() {
    HazardCode code = DESTINATION_RULE_DISABLES_MTLS;
    String finding = "BLOCKER DestinationRule foo/r:8080";
    return Stream.of(
        row(
            "for the host",
            code,
            world(foo().with(destinationRule("r", "httpbin").tls(OFF)), Worlds.bar()),
            finding),
        row(
            "with TLS that is not Istio's",
            code,
            world(foo().with(destinationRule("r", "httpbin").tls(SIMPLE))),
            finding),
        row(
            "for everything",
            code,
            world(root().with(destinationRule("r", "*.local").tls(OFF)), foo()),
            "BLOCKER DestinationRule istio-system/r:8080"),
        row(
            "in a client's namespace",
            code,
            world(foo(), Worlds.bar().with(destinationRule("r", FULL).tls(OFF))),
            "BLOCKER DestinationRule bar/r:8080"),
        row(
            "in the namespace of a CronJob that does not run now",
            code,
            world(
                foo(),
                namespace("bar")
                    .label("istio-injection", "enabled")
                    .with(ns -> job(ns, RunPeriod.of(Duration.ofDays(7))))
                    .with(destinationRule("r", FULL).tls(OFF))),
            "BLOCKER DestinationRule bar/r:8080"),
        row(
            "in that of one that is suspended",
            code,
            world(
                foo(),
                namespace("bar")
                    .label("istio-injection", "enabled")
                    .with(ns -> job(ns, null))
                    .with(destinationRule("r", FULL).tls(OFF)))),
        row(
            "for its port",
            code,
            world(foo().with(destinationRule("r", "httpbin").port(8000, OFF))),
            finding),
        row(
            "for its subset",
            code,
            world(
                foo(sidecarPod("httpbin").label("version", "v1"))
                    .with(
                        destinationRule("r", "httpbin")
                            .subset(
                                "v1",
                                Map.of("version", "v1"),
                                new TrafficPolicy(OFF, false, Map.of())))),
            finding),
        row(
            "for a subset without members",
            code,
            world(
                foo()
                    .with(
                        destinationRule("r", "httpbin")
                            .subset(
                                "v9",
                                Map.of("version", "v9"),
                                new TrafficPolicy(OFF, false, Map.of()))))),
        row(
            "ISTIO_MUTUAL",
            code,
            world(foo().with(destinationRule("r", "httpbin").tls(ISTIO_MUTUAL)))),
        row(
            "for another port",
            code,
            world(foo().with(destinationRule("r", "httpbin").port(8080, OFF)))),
        row(
            "for another port of a rule that says ISTIO_MUTUAL",
            code,
            world(foo().with(destinationRule("r", "httpbin").tls(ISTIO_MUTUAL).port(9999, OFF)))),
        row(
            "in the namespace of a client that has finished",
            code,
            world(
                foo(),
                namespace("batch")
                    .with(sidecarPod("job").terminated())
                    .with(destinationRule("r", FULL).tls(OFF)))),
        row("for another host", code, world(foo().with(destinationRule("r", "other").tls(OFF)))),
        row(
            "towards pods without proxy",
            code,
            world(
                foo(pod("httpbin").ports(8080), sidecarPod("curl"))
                    .with(destinationRule("r", "httpbin").tls(OFF)))),
        row(
            "towards a port that bypasses the proxy",
            code,
            world(
                foo(sidecarPod("httpbin").ports(8080).excludeInbound(8080))
                    .with(destinationRule("r", "httpbin").tls(OFF)))),
        row(
            "one of two endpoints is captured",
            code,
            world(
                foo(
                        pod("a").of("Deployment", "httpbin"),
                        sidecarPod("b").of("Deployment", "httpbin"))
                    .with(destinationRule("r", "httpbin").tls(OFF))),
            finding),
        row(
            "in a namespace without any proxy",
            code,
            world(foo(), Worlds.legacy().with(destinationRule("r", FULL).tls(OFF)))),
        row(
            "exported to nobody who has a proxy",
            code,
            world(
                foo().with(destinationRule("r", "httpbin").tls(OFF).exportTo("legacy")),
                Worlds.legacy())),
        row(
            "for clients that it does not select",
            code,
            world(
                foo().with(destinationRule("r", "httpbin").tls(OFF).workloadSelector("app", "x")))),
        row(
            "hidden by a more specific rule",
            code,
            world(
                foo()
                    .with(
                        destinationRule("r", "*.local").tls(OFF),
                        destinationRule("exact", "httpbin").otherPolicy()))),
        row(
            "merged into an older rule that decides",
            code,
            world(
                foo()
                    .with(
                        destinationRule("older", "httpbin").tls(ISTIO_MUTUAL).createdAt(1),
                        destinationRule("r", "httpbin").tls(OFF).createdAt(2)))),
        row(
            "applied by a gateway",
            code,
            world(
                foo(),
                namespace("ingress")
                    .with(gatewayPod("gw"))
                    .with(destinationRule("r", FULL).tls(SIMPLE))),
            "BLOCKER DestinationRule ingress/r:8080"));
  }

  static Stream<Arguments> competingPolicies() {
    HazardCode code = COMPETING_POLICIES;
    return Stream.of(
        row(
            "two for the namespace",
            code,
            world(
                foo()
                    .with(
                        policy("old", PERMISSIVE).createdAt(1),
                        policy("new", STRICT).createdAt(2))),
            "WARNING PeerAuthentication foo/new"),
        row(
            "two that say the same",
            code,
            world(
                foo().with(policy("old", STRICT).createdAt(1), policy("new", STRICT).createdAt(2))),
            "INFO PeerAuthentication foo/new"),
        row(
            "two, but nobody is captured",
            code,
            world(
                foo(pod("httpbin"))
                    .with(
                        policy("old", PERMISSIVE).createdAt(1),
                        policy("new", STRICT).createdAt(2))),
            "INFO PeerAuthentication foo/new"),
        row(
            "two for one pod",
            code,
            world(
                foo()
                    .with(
                        policy("old", UNSET)
                            .selector("app", "httpbin")
                            .port(8080, PERMISSIVE)
                            .createdAt(1),
                        policy("new", UNSET)
                            .selector("app", "httpbin")
                            .port(9090, PERMISSIVE)
                            .createdAt(2))),
            "WARNING PeerAuthentication foo/new"),
        row(
            "one for the namespace and one for a pod",
            code,
            world(
                foo()
                    .with(
                        policy("ns", STRICT), policy("w", PERMISSIVE).selector("app", "httpbin")))),
        row(
            "two for different pods",
            code,
            world(
                foo(sidecarPod("a"), sidecarPod("b"))
                    .with(
                        policy("a", STRICT).selector("app", "a"),
                        policy("b", STRICT).selector("app", "b")))),
        row(
            "two for pods without proxy",
            code,
            world(
                foo(pod("httpbin"))
                    .with(
                        policy("a", STRICT).selector("app", "httpbin"),
                        policy("b", DISABLE).selector("app", "httpbin")))),
        row(
            "one in the mesh, one here",
            code,
            world(Worlds.root(STRICT), foo().with(policy("p", STRICT)))));
  }

  static Stream<Arguments> portLevelKeyIsServicePort() {
    HazardCode code = PORT_LEVEL_KEY_IS_SERVICE_PORT;
    return Stream.of(
        row(
            "the Service's port",
            code,
            world(foo().with(policy("w", UNSET).selector("app", "httpbin").port(8000, STRICT))),
            "WARNING PeerAuthentication foo/w:8000"),
        row(
            "a port that nobody knows",
            code,
            world(foo().with(policy("w", UNSET).selector("app", "httpbin").port(9999, STRICT))),
            "INFO PeerAuthentication foo/w:9999"),
        row(
            "the container's port",
            code,
            world(foo().with(policy("w", UNSET).selector("app", "httpbin").port(8080, STRICT)))),
        row(
            "a target that the container does not declare",
            code,
            world(
                foo(sidecarPod("httpbin"))
                    .with(policy("w", UNSET).selector("app", "httpbin").port(8080, STRICT)))),
        row(
            "a port of the Service and of the container",
            code,
            world(
                foo(sidecarPod("httpbin").ports(8080, 8000))
                    .with(policy("w", UNSET).selector("app", "httpbin").port(8000, STRICT)))),
        row(
            "for pods without proxy",
            code,
            world(
                foo(pod("httpbin"))
                    .with(policy("w", UNSET).selector("app", "httpbin").port(8000, STRICT)))),
        row(
            "in a policy that lost",
            code,
            world(
                foo()
                    .with(
                        policy("a", UNSET).selector("app", "httpbin"),
                        policy("w", UNSET).selector("app", "httpbin").port(8000, STRICT)))),
        row(
            "a port of another Service",
            code,
            world(
                foo()
                    .with(service("other").port(9000, 9001))
                    .with(policy("w", UNSET).selector("app", "httpbin").port(9000, STRICT))),
            "INFO PeerAuthentication foo/w:9000"));
  }

  static Stream<Arguments> portLevelWithoutSelector() {
    HazardCode code = PORT_LEVEL_WITHOUT_SELECTOR;
    return Stream.of(
        row(
            "in a namespace's policy",
            code,
            world(foo().with(policy("p", STRICT).port(8080, PERMISSIVE))),
            "WARNING PeerAuthentication foo/p"),
        row(
            "where nobody is captured",
            code,
            world(foo(pod("httpbin")).with(policy("p", STRICT).port(8080, PERMISSIVE))),
            "INFO PeerAuthentication foo/p"),
        row(
            "with a selector",
            code,
            world(
                foo().with(policy("p", STRICT).selector("app", "httpbin").port(8080, PERMISSIVE)))),
        row("without ports", code, world(foo().with(policy("p", STRICT)))));
  }

  static Stream<Arguments> inboundPortBypassesProxy() {
    HazardCode code = INBOUND_PORT_BYPASSES_PROXY;
    return Stream.of(
        row(
            "an excluded port",
            code,
            world(foo(sidecarPod("httpbin").ports(8080).excludeInbound(8080))),
            "WARNING Deployment foo/httpbin:8080"),
        row(
            "an excluded port that is not declared",
            code,
            world(foo(sidecarPod("httpbin").excludeInbound(9090))),
            "WARNING Deployment foo/httpbin:9090"),
        row(
            "a target that is not among the included",
            code,
            world(foo(sidecarPod("httpbin").includeInbound(9090))),
            "WARNING Deployment foo/httpbin:8080"),
        row(
            "excluded interfaces",
            code,
            world(foo(sidecarPod("httpbin").ports(8080).annotation(EXCLUDED_INTERFACES, "net1"))),
            "WARNING Deployment foo/httpbin"),
        row(
            "no excluded interfaces",
            code,
            world(foo(sidecarPod("httpbin").ports(8080).annotation(EXCLUDED_INTERFACES, " ")))),
        row(
            "excluded interfaces without proxy",
            code,
            world(foo(pod("httpbin").ports(8080).annotation(EXCLUDED_INTERFACES, "net1")))),
        row(
            "the sidecar's own port",
            code,
            world(foo(sidecarPod("httpbin").ports(8080).excludeInbound(15020)))),
        row(
            "all ports included",
            code,
            world(foo(sidecarPod("httpbin").ports(8080).includeInbound(8080)))),
        row("without proxy", code, world(foo(pod("httpbin").ports(8080).excludeInbound(8080)))),
        row(
            "an ambient pod, which has no such rules",
            code,
            world(foo(ambientPod("httpbin").ports(8080).excludeInbound(8080)))),
        row(
            "a finished pod",
            code,
            world(foo(sidecarPod("httpbin").excludeInbound(8080).terminated()))));
  }

  @Test
  void namesTheInterfacesThatBypassTheSidecar() {
    MeshModes modes =
        MeshModes.resolve(
            mesh(foo(sidecarPod("httpbin").annotation(EXCLUDED_INTERFACES, "net1,net2"))));

    String said =
        Hazards.of(modes, "foo").stream()
            .filter(finding -> finding.code() == INBOUND_PORT_BYPASSES_PROXY)
            .map(Finding::message)
            .findFirst()
            .orElse("");

    assertTrue(said.contains("interfaces net1,net2"), said);
    assertTrue(said.contains("traffic.sidecar.istio.io/excludeInterfaces"), said);
  }

  static Stream<Arguments> disableInForce() {
    HazardCode code = DISABLE_IN_FORCE;
    return Stream.of(
        row(
            "for the namespace",
            code,
            world(foo().with(policy("p", DISABLE))),
            "BLOCKER PeerAuthentication foo/p"),
        row(
            "for the mesh",
            code,
            world(Worlds.root(DISABLE), foo()),
            "BLOCKER PeerAuthentication istio-system/default"),
        row(
            "for a workload",
            code,
            world(foo().with(policy("w", DISABLE).selector("app", "httpbin"))),
            "BLOCKER PeerAuthentication foo/w"),
        row(
            "for a port",
            code,
            world(foo().with(policy("w", STRICT).selector("app", "httpbin").port(8080, DISABLE))),
            "BLOCKER PeerAuthentication foo/w:8080"),
        row(
            "for a namespace whose workload says STRICT",
            code,
            world(foo().with(policy("p", DISABLE), policy("w", STRICT).selector("app", "httpbin"))),
            "BLOCKER PeerAuthentication foo/p"),
        row(
            "overridden by the namespace",
            code,
            world(Worlds.root(DISABLE), foo().with(policy("p", PERMISSIVE)))),
        row(
            "where nobody is captured",
            code,
            world(foo(pod("httpbin")).with(policy("p", DISABLE)))),
        row("on ambient pods", code, world(foo(ambientPod("httpbin")).with(policy("p", DISABLE)))),
        row(
            "for a workload that is not there",
            code,
            world(foo().with(policy("w", DISABLE).selector("app", "nobody")))));
  }

  static Stream<Arguments> uncapturedPods() {
    HazardCode code = UNCAPTURED_PODS;
    NamespaceBuilder declining = foo().with(pod("batch").label("sidecar.istio.io/inject", "false"));
    return Stream.of(
        row(
            "beside captured ones",
            code,
            world(foo().with(pod("old"))),
            "WARNING Deployment foo/old"),
        row(
            "in a namespace with injection, so older than its label",
            code,
            world(foo(pod("httpbin")).label("istio-injection", "enabled")),
            "WARNING Deployment foo/httpbin"),
        row(
            "in a namespace with a revision",
            code,
            world(foo(pod("httpbin")).label("istio.io/rev", "stable")),
            "WARNING Deployment foo/httpbin"),
        row(
            "in an ambient namespace",
            code,
            world(foo(pod("httpbin")).label("istio.io/dataplane-mode", "ambient")),
            "WARNING Deployment foo/httpbin"),
        row(
            "under a policy that somebody believes in",
            code,
            world(foo(pod("httpbin")).with(policy("p", STRICT))),
            "WARNING Deployment foo/httpbin"),
        row("that decline injection", code, world(declining), "INFO Deployment foo/batch"),
        row(
            "several pods of one workload",
            code,
            world(foo().with(pod("a").of("Job", "j"), pod("b").of("Job", "j"))),
            "WARNING Job foo/j"),
        row(
            "of a Job whose template tells",
            code,
            world(
                foo()
                    .with(pod("a").of("Job", "j"))
                    .with(
                        ns ->
                            new JobTemplate(
                                new ObjectRef("Job", ns, "j"),
                                Map.of(),
                                Map.of(),
                                false,
                                false,
                                null)))),
        row("in a namespace outside the mesh", code, world(foo(pod("httpbin")))),
        row(
            "where injection is switched off",
            code,
            world(
                foo(pod("httpbin"))
                    .label("istio.io/rev", "stable")
                    .label("istio-injection", "disabled"))),
        row("that have finished", code, world(foo().with(pod("job").terminated()))),
        row("on the node's network", code, world(foo().with(pod("agent").hostNetwork()))),
        row("gateways", code, world(foo().with(gatewayPod("gw")))));
  }

  static Stream<Arguments> workloadPolicyWeakerThanTarget() {
    HazardCode code = WORKLOAD_POLICY_WEAKER_THAN_TARGET;
    return Stream.of(
        row(
            "a whole workload",
            code,
            world(foo().with(policy("w", PERMISSIVE).selector("app", "httpbin"))),
            "BLOCKER PeerAuthentication foo/w"),
        row(
            "a port of a workload",
            code,
            world(
                foo().with(policy("w", STRICT).selector("app", "httpbin").port(9090, PERMISSIVE))),
            "BLOCKER PeerAuthentication foo/w:9090"),
        row(
            "the namespace itself, which the plan changes",
            code,
            world(foo().with(policy("p", PERMISSIVE)))),
        row(
            "a workload that follows its namespace",
            code,
            world(foo().with(policy("w", UNSET).selector("app", "httpbin").port(80, UNSET)))),
        row(
            "a STRICT workload",
            code,
            world(foo().with(policy("w", STRICT).selector("app", "httpbin").port(80, STRICT)))),
        row(
            "a policy that lost",
            code,
            world(
                foo()
                    .with(
                        policy("a", STRICT).selector("app", "httpbin"),
                        policy("w", PERMISSIVE).selector("app", "httpbin")))),
        row(
            "pods without proxy",
            code,
            world(foo(pod("httpbin")).with(policy("w", PERMISSIVE).selector("app", "httpbin")))));
  }

  static Stream<Arguments> unreadableObject() {
    HazardCode code = UNREADABLE_OBJECT;
    return Stream.of(
        row(
            "a policy here",
            code,
            world(foo().unreadable("PeerAuthentication", "p", "/spec/mtls/mode")),
            "BLOCKER PeerAuthentication foo/p"),
        row(
            "a policy of the mesh",
            code,
            world(root().unreadable("PeerAuthentication", "p", "/spec"), foo()),
            "BLOCKER PeerAuthentication istio-system/p"),
        row(
            "a rule of the mesh",
            code,
            world(root().unreadable("DestinationRule", "r", "/spec"), foo()),
            "BLOCKER DestinationRule istio-system/r"),
        row(
            "a Service of the root namespace",
            code,
            world(root().unreadable("Service", "s", "/spec"), foo())),
        row(
            "a monitor, of which no rule would say more than a WARNING",
            code,
            world(foo().unreadable("ServiceMonitor", "m", "/spec")),
            "WARNING ServiceMonitor foo/m"),
        row(
            "a policy of another namespace",
            code,
            world(foo(), namespace("bar").unreadable("PeerAuthentication", "p", "/spec"))));
  }

  @ParameterizedTest
  @MethodSource({
    "hostNetworkOrHostPort",
    "destinationRuleDisablesMtls",
    "competingPolicies",
    "portLevelKeyIsServicePort",
    "portLevelWithoutSelector",
    "inboundPortBypassesProxy",
    "disableInForce",
    "uncapturedPods",
    "workloadPolicyWeakerThanTarget",
    "unreadableObject"
  })
  void speaksWhereItShouldAndNowhereElse(
      HazardCode code, NamespaceBuilder[] world, List<String> expected) {
    assertEquals(expected, told(world, code));
  }

  @Test
  void aSelectorInTheRootNamespaceIsFoundThere() {
    MeshModes modes =
        MeshModes.resolve(
            mesh(
                root().with(policy("w", STRICT).selector("app", "httpbin"), policy("m", STRICT)),
                foo().with(policy("w", STRICT).selector("app", "httpbin"))));

    assertEquals(
        List.of("WARNING PeerAuthentication istio-system/w"),
        told(Hazards.of(modes, "istio-system"), SELECTOR_IN_ROOT_NAMESPACE));
    assertEquals(List.of(), told(Hazards.of(modes, "foo"), SELECTOR_IN_ROOT_NAMESPACE));
  }

  @Test
  void theControlPlaneIsNotExpectedToHaveAProxy() {
    MeshModes modes = MeshModes.resolve(mesh(Worlds.root(STRICT).with(pod("istiod"))));

    assertEquals(List.of(), Hazards.of(modes, "istio-system"));
  }

  @Test
  void policiesOfTheMeshCompeteInTheRootNamespace() {
    MeshModes modes =
        MeshModes.resolve(
            mesh(
                root()
                    .with(
                        policy("old", PERMISSIVE).createdAt(1),
                        policy("new", STRICT).port(80, STRICT).createdAt(2))));

    List<Finding> findings = Hazards.of(modes, "istio-system");

    assertEquals(
        List.of("WARNING PeerAuthentication istio-system/new"), told(findings, COMPETING_POLICIES));
    assertEquals(
        List.of("WARNING PeerAuthentication istio-system/new"),
        told(findings, PORT_LEVEL_WITHOUT_SELECTOR));
  }

  @Test
  void theTasksMeshIsFreeOfHazards() {
    MeshModes modes = MeshModes.resolve(Worlds.task());

    for (String name : List.of("istio-system", "foo", "bar", "legacy", "unknown")) {
      assertEquals(List.of(), Hazards.of(modes, name), name);
    }
  }

  @Test
  void theWorstComesFirst() {
    MeshModes modes =
        MeshModes.resolve(
            mesh(
                foo()
                    .with(pod("old"), pod("batch").label("sidecar.istio.io/inject", "false"))
                    .with(policy("w", DISABLE).selector("app", "httpbin").port(9999, PERMISSIVE))
                    .unreadable("Service", "s", "/spec")));

    List<Finding> findings = Hazards.of(modes, "foo");

    List<Finding> sorted = new ArrayList<>(findings);
    sorted.sort(Comparator.comparing(Finding::severity).thenComparing(Finding::code));
    assertEquals(sorted, findings);
    assertEquals(
        List.of(
            DISABLE_IN_FORCE,
            WORKLOAD_POLICY_WEAKER_THAN_TARGET,
            WORKLOAD_POLICY_WEAKER_THAN_TARGET,
            UNREADABLE_OBJECT,
            UNCAPTURED_PODS,
            PORT_LEVEL_KEY_IS_SERVICE_PORT,
            UNCAPTURED_PODS),
        findings.stream().map(Finding::code).toList());
  }

  @Test
  void everyFindingSaysWhatHappensWhatToDoAndWhereToRead() {
    MeshModes modes = MeshModes.resolve(mesh(foo().with(destinationRule("r", "httpbin").tls(OFF))));

    Finding finding = Hazards.of(modes, "foo").get(0);

    assertEquals("foo", finding.namespace());
    assertTrue(finding.message().contains("Service foo/httpbin port 8000"), finding.message());
    assertTrue(finding.message().contains("Deployment foo/httpbin"), finding.message());
    assertTrue(finding.remedy().contains("DestinationRule foo/r"), finding.remedy());
    assertTrue(
        finding.references().contains("https://github.com/istio/istio/issues/6279"),
        finding.references().toString());
  }

  @Test
  void everyCodeHasItsRule() {
    List<String> rules =
        Stream.concat(Hazards.RULES.stream(), Hazards.OF_CALLS.stream())
            .map(rule -> rule.getClass().getSimpleName())
            .sorted()
            .toList();

    assertEquals(
        Arrays.stream(HazardCode.values()).map(HazardsTest::className).sorted().toList(), rules);
  }

  private static String className(HazardCode code) {
    return Arrays.stream(code.name().split("_"))
        .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
        .collect(Collectors.joining());
  }
}
