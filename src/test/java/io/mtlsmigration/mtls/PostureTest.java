// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.gatewayPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.mesh.MtlsMode.DISABLE;
import static io.mtlsmigration.mesh.MtlsMode.PERMISSIVE;
import static io.mtlsmigration.mesh.MtlsMode.STRICT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class PostureTest {

  static Stream<Arguments> namespaces() {
    return Stream.of(
        argumentSet("one sidecar", strict().with(sidecarPod("a")), Posture.STRICT),
        argumentSet("one ambient pod", strict().with(ambientPod("a")), Posture.STRICT),
        argumentSet("no policy", foo().with(sidecarPod("a")), Posture.PERMISSIVE),
        argumentSet(
            "disabled", foo().with(policy("p", DISABLE)).with(sidecarPod("a")), Posture.DISABLED),
        argumentSet(
            "disabled, but ambient",
            foo().with(policy("p", DISABLE)).with(ambientPod("a")),
            Posture.PERMISSIVE),
        argumentSet("nobody there", strict(), Posture.UNCAPTURED),
        argumentSet("no proxy", strict().with(pod("a")), Posture.UNCAPTURED),
        argumentSet("only a gateway", strict().with(gatewayPod("a")), Posture.UNCAPTURED),
        argumentSet(
            "a finished sidecar", strict().with(sidecarPod("a").terminated()), Posture.UNCAPTURED),
        argumentSet(
            "one pod without proxy", strict().with(sidecarPod("a"), pod("b")), Posture.MIXED),
        argumentSet(
            "a finished pod without proxy",
            strict().with(sidecarPod("a"), pod("b").terminated()),
            Posture.STRICT),
        argumentSet(
            "a gateway beside it", strict().with(sidecarPod("a"), gatewayPod("b")), Posture.STRICT),
        argumentSet(
            "one workload open",
            strict()
                .with(policy("w", PERMISSIVE).selector("app", "a"))
                .with(sidecarPod("a"), sidecarPod("b")),
            Posture.MIXED),
        argumentSet(
            "a policy for nobody",
            strict().with(policy("w", PERMISSIVE).selector("app", "x")).with(sidecarPod("a")),
            Posture.STRICT),
        argumentSet(
            "one port open",
            strict()
                .with(policy("w", STRICT).selector("app", "a").port(80, PERMISSIVE))
                .with(sidecarPod("a")),
            Posture.MIXED),
        argumentSet(
            "a port past the proxy",
            strict().with(sidecarPod("a").ports(80).excludeInbound(80)),
            Posture.MIXED),
        argumentSet(
            "the proxy's own port past itself",
            strict().with(sidecarPod("a").ports(80).excludeInbound(15020)),
            Posture.STRICT),
        argumentSet(
            "all declared ports included",
            strict().with(sidecarPod("a").ports(80).includeInbound(80)),
            Posture.STRICT),
        argumentSet(
            "a declared port left out",
            strict().with(sidecarPod("a").ports(80, 90).includeInbound(80)),
            Posture.MIXED),
        argumentSet(
            "nothing included", strict().with(sidecarPod("a").includeInbound()), Posture.MIXED));
  }

  @ParameterizedTest
  @MethodSource("namespaces")
  void sumsUpWhatCapturedPodsEnforce(NamespaceBuilder foo, Posture expected) {
    MeshModes modes = MeshModes.resolve(mesh(namespace("istio-system"), foo));

    assertEquals(expected, modes.namespace("foo").posture());
  }

  private static NamespaceBuilder foo() {
    return namespace("foo");
  }

  private static NamespaceBuilder strict() {
    return foo().with(policy("default", STRICT));
  }
}
