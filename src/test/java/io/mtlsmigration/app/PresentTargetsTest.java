// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import static io.mtlsmigration.mesh.MeshBuilders.ambientPod;
import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.mesh.EndpointSlice;
import io.mtlsmigration.mesh.MeshBuilders.PodBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.Reachability;
import io.mtlsmigration.probe.ProbePlan;
import io.mtlsmigration.probe.ProbeResult;
import io.mtlsmigration.probe.ProbeTarget;
import io.mtlsmigration.probe.Prober;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class PresentTargetsTest {

  private static final ProbeResult MADE = new ProbeResult.Completed(200, 0, "", Duration.ZERO);

  private static MeshSnapshot with(PodBuilder client, PodBuilder server) {
    return mesh(
        namespace("foo").with(server.ports(8080)).with(service("web").port(80, 8080)),
        namespace("legacy").with(client));
  }

  private static PodBuilder client() {
    return pod("curl-0").of("StatefulSet", "curl").uid("first");
  }

  private static PodBuilder server() {
    return sidecarPod("web").uid("server").ip("10.0.0.1");
  }

  static Stream<Arguments> worlds() {
    return Stream.of(
        argumentSet("as before", with(client(), server()), true),
        argumentSet("the client was made anew", with(client().uid("second"), server()), false),
        argumentSet(
            "the client was captured",
            with(ambientPod("curl-0").of("StatefulSet", "curl").uid("first"), server()),
            false),
        argumentSet("the address passed on", with(client(), server().uid("another")), false),
        argumentSet("the server has another one", with(client(), server().ip("10.0.0.2")), false));
  }

  @ParameterizedTest
  @MethodSource("worlds")
  void makesTheProbesThatWereChosen(MeshSnapshot now, boolean made) {
    assertEquals(made, isMade(with(client(), server()), now));
  }

  /** A pod's status does not have its address on a second network. */
  @Test
  void makesThoseToAnAddressThatThePodNeverHadInItsStatus() {
    EndpointSlice slice =
        new EndpointSlice(
            new ObjectRef("EndpointSlice", "foo", "web-1"),
            "web",
            List.of(new EndpointSlice.Endpoint(List.of("192.0.2.1"), "web", true)),
            List.of(new EndpointSlice.Port("http", 8080, "TCP")));
    MeshSnapshot mesh =
        mesh(
            namespace("foo")
                .with(server().ports(8080))
                .with(service("web").port("http", 80, "8080"))
                .with(slice),
            namespace("legacy").with(client()));

    assertTrue(isMade(mesh, mesh));
  }

  private static boolean isMade(MeshSnapshot then, MeshSnapshot now) {
    ProbeTarget target =
        new ProbePlan(
                then,
                Reachability.of(MeshModes.resolve(then)),
                pod -> pod.name().equals("curl-0"),
                pod -> false)
            .choose(new ProbePlan.Bounds(100, Set.of(), 0), List.of(), List.of())
            .targets()
            .getFirst();
    AtomicInteger ended = new AtomicInteger();

    ProbeResult result =
        new PresentTargets(PROBER, () -> now, () -> true)
            .probe(target, 61_000, Duration.ofSeconds(1), ended::incrementAndGet);

    assertEquals(1, ended.get());
    return result.equals(MADE);
  }

  private static final Prober PROBER =
      new Prober() {
        @Override
        public ProbeResult probe(ProbeTarget target, Duration timeout) {
          return MADE;
        }

        @Override
        public boolean canProbeFrom(Pod pod) {
          return true;
        }
      };
}
