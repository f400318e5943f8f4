// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import static io.mtlsmigration.hazard.HazardCode.AUTO_MTLS_OFF;
import static io.mtlsmigration.hazard.HazardCode.UNCAPTURED_UNDER_STRICT;
import static io.mtlsmigration.hazard.HazardWorlds.foo;
import static io.mtlsmigration.hazard.HazardWorlds.row;
import static io.mtlsmigration.hazard.HazardWorlds.told;
import static io.mtlsmigration.hazard.HazardWorlds.world;
import static io.mtlsmigration.mesh.DestinationRule.ClientTlsMode.ISTIO_MUTUAL;
import static io.mtlsmigration.mesh.MeshBuilders.destinationRule;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.mesh.MtlsMode.DISABLE;
import static io.mtlsmigration.mesh.MtlsMode.PERMISSIVE;
import static io.mtlsmigration.mesh.MtlsMode.STRICT;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.mtlsmigration.mesh.MeshBuilders.DestinationRuleBuilder;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mtls.MeshModes;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Rules on what may come after a lock: see {@link HazardsTest}. */
final class AfterTheLockHazardsTest {

  private static PodBuilder captured() {
    return sidecarPod("httpbin").ports(8080);
  }

  /** Behind the Service of the captured one. */
  private static PodBuilder bare() {
    return pod("bare").label("app", "httpbin").ports(8080);
  }

  static Stream<Arguments> uncaptured() {
    HazardCode code = UNCAPTURED_UNDER_STRICT;
    return Stream.of(
        row(
            "behind a Service",
            code,
            world(foo(captured(), bare()).with(policy("default", STRICT))),
            "WARNING Deployment foo/bare"),
        row(
            "no Service leads to it",
            code,
            world(foo(captured(), pod("bare")).with(policy("default", STRICT)))),
        row("not STRICT", code, world(foo(captured(), bare()).with(policy("default", PERMISSIVE)))),
        row("nothing is captured", code, world(foo(bare()).with(policy("default", STRICT)))));
  }

  @ParameterizedTest
  @MethodSource("uncaptured")
  void findsPodsThatServeWithoutAProxy(
      HazardCode code, NamespaceBuilder[] world, List<String> expected) {
    assertEquals(expected, told(world, code));
  }

  static Stream<Arguments> off() {
    HazardCode code = AUTO_MTLS_OFF;
    String finding = "BLOCKER Service foo/httpbin:8080";
    NamespaceBuilder clients = namespace("bar").with(sidecarPod("curl"));
    return Stream.of(
        row("a client with a proxy", code, world(foo(), clients), finding),
        row("it is locked already", code, world(locked(), clients), finding),
        row(
            "a rule says ISTIO_MUTUAL",
            code,
            world(
                foo().with(destinationRule("all", "*.foo.svc.cluster.local").tls(ISTIO_MUTUAL)),
                clients)),
        row(
            "a rule says so for some pods of a client",
            code,
            world(
                foo().with(ruleFor("app", "httpbin")),
                namespace("bar")
                    .with(
                        sidecarPod("web-1").of("Rollout", "web").label("role", "stable"),
                        sidecarPod("web-2").of("Rollout", "web").label("role", "canary"))
                    .with(ruleFor("role", "stable"))),
            finding),
        row(
            "a rule says so for each pod of a client",
            code,
            world(
                foo().with(ruleFor("app", "httpbin")),
                namespace("bar")
                    .with(sidecarPod("web-1").of("Rollout", "web").label("role", "stable"))
                    .with(ruleFor("role", "stable")))),
        row(
            "of clients whose calls bypass their sidecar it decides nothing",
            code,
            world(
                foo().with(destinationRule("all", "*.foo.svc.cluster.local").tls(ISTIO_MUTUAL)),
                namespace("bar")
                    .with(
                        sidecarPod("curl")
                            .annotation("traffic.sidecar.istio.io/excludeOutboundPorts", "8000")))),
        row("no client has a proxy", code, world(foo(pod("httpbin").ports(8080)), clients)),
        row("DISABLE is in force", code, world(foo().with(policy("default", DISABLE)), clients)));
  }

  private static DestinationRuleBuilder ruleFor(String label, String value) {
    return destinationRule("r", "httpbin.foo.svc.cluster.local")
        .tls(ISTIO_MUTUAL)
        .workloadSelector(label, value);
  }

  private static NamespaceBuilder locked() {
    return foo().with(policy("default", STRICT));
  }

  @ParameterizedTest
  @MethodSource("off")
  void findsClientsThatSendPlaintextWithoutAutoMtls(
      HazardCode code, NamespaceBuilder[] world, List<String> expected) {
    MeshSettings settings = new MeshSettings("istio-system", "cluster.local", false, true);

    assertEquals(expected, told(Hazards.of(MeshModes.resolve(mesh(settings, world)), "foo"), code));
    assertEquals(List.of(), told(world, code), "with auto mTLS");
  }
}
