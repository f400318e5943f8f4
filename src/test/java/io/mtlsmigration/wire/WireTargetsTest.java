// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.ContainerPort;
import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.wire.WireChecks.UnknownTargetException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class WireTargetsTest {

  private static final NamespaceBuilder FOO =
      namespace("foo")
          .with(
              sidecarPod("a-old").of("Deployment", "httpbin").terminated(),
              sidecarPod("b-starting").of("Deployment", "httpbin").notReady(),
              MeshBuilders.pod("c-bare").of("Deployment", "httpbin"),
              sidecarPod("e-second").of("Deployment", "httpbin").ports(9),
              sidecarPod("d-first").of("Deployment", "httpbin").namedPort("web", 8080),
              ambientPod("ambient").ports(80),
              sidecarPod("tunnelled").label("networking.istio.io/tunnel", "http").ports(80),
              MeshBuilders.pod("mute"),
              sidecarPod("done").terminated())
          .with(
              service("httpbin").port("http", 8000, "web").port("admin", 9000, "9090"),
              service("other").port(1, 1),
              service("nobody").selector(Map.of()).port(2, 2));

  private static WireTap.Target target(WireRequest request) {
    return WireTargets.of(mesh(FOO), request);
  }

  private static WireRequest workload(String name, @Nullable Integer port) {
    return new WireRequest("foo", name, null, port, WireRequest.DEFAULT_DURATION, 10);
  }

  private static WireRequest pod(String name, @Nullable Integer port) {
    return new WireRequest("foo", null, name, port, Duration.ofSeconds(1), 10);
  }

  @Test
  void choosesTheFirstReadyPodWithAProxy() {
    assertEquals("d-first", target(workload("httpbin", null)).pod().name());
  }

  @Test
  void takesThePodThatIsNamedWhateverItsState() {
    assertEquals("b-starting", target(pod("b-starting", 80)).pod().name());
  }

  @Test
  void watchesPortsThatAreDeclaredAndThoseThatServicesLeadTo() {
    assertEquals(Set.of(8080, 9090), target(workload("httpbin", null)).ports());
  }

  @Test
  void watchesThePortThatIsAskedForAlone() {
    assertEquals(Set.of(7), target(pod("d-first", 7)).ports());
  }

  @Test
  void watchesTheTunnelWhereThereIsOne() {
    assertEquals(Set.of(80, 15008), target(pod("ambient", null)).ports());
    assertEquals(Set.of(80, 15008), target(pod("tunnelled", 80)).ports());
  }

  @Test
  void leavesPortsOfTheProxyAndOfUdpAlone() {
    WireTap.Target target =
        WireTargets.of(
            mesh(
                namespace("foo")
                    .with(
                        sidecarPod("p")
                            .ports(15090, 5)
                            .port(new ContainerPort("dns", 53, "UDP", 0)))),
            pod("p", null));

    assertEquals(Set.of(5), target.ports());
  }

  static Stream<Arguments> unknown() {
    return Stream.of(
        argumentSet(
            "a namespace",
            new WireRequest("bar", "httpbin", null, 1, Duration.ofSeconds(1), 1),
            "namespace"),
        argumentSet("a workload", workload("nothing", 1), "workload"),
        argumentSet("a pod", pod("nothing", 1), "pod"),
        argumentSet("a pod that has ended", pod("done", 1), "pod"),
        argumentSet("a workload whose pods have ended", workload("done", 1), "workload"),
        argumentSet("ports", pod("mute", null), "port"));
  }

  @ParameterizedTest
  @MethodSource("unknown")
  void namesTheFieldThatMeansNothing(WireRequest request, String field) {
    assertEquals(field, assertThrows(UnknownTargetException.class, () -> target(request)).field());
  }
}
