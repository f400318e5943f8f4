// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static io.mtlsmigration.mesh.MtlsMode.DISABLE;
import static io.mtlsmigration.mesh.MtlsMode.PERMISSIVE;
import static io.mtlsmigration.mesh.MtlsMode.STRICT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.rollout.ProxySync;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who enforces what, and when. */
final class ConfigHistoryTest {

  private final Stage stage = Stage.of(mesh(crowd(), quiet(), legacy()), SandboxOptions.DEFAULT);

  private static NamespaceBuilder crowd() {
    NamespaceBuilder crowd = namespace("crowd").with(service("server").port(80, 8080));
    IntStream.range(0, 16)
        .forEach(i -> crowd.with(sidecarPod("server-" + i).of("Deployment", "server")));
    return crowd;
  }

  private static NamespaceBuilder quiet() {
    return namespace("quiet").with(sidecarPod("idle"));
  }

  private static NamespaceBuilder legacy() {
    return namespace("legacy").with(pod("curl"));
  }

  @AfterEach
  void stop() {
    stage.close();
  }

  private List<String> outcomes() {
    return stage.targets("legacy/curl", "crowd/server:80").stream()
        .map(t -> Stage.brief(stage.sandbox.prober().probe(t, Stage.TIMEOUT)))
        .toList();
  }

  private long refused() {
    return outcomes().stream().filter("000/56"::equals).count();
  }

  private ProxySync.Status sync(String namespace) {
    return stage.sandbox.proxySync().of(namespace);
  }

  @Test
  void enforcesNothingSoonerThanTheFastestPush() {
    stage.create("crowd", STRICT);
    stage.clock.advance(Duration.ofMillis(299));

    assertEquals(0, refused());
    assertEquals(
        16, assertInstanceOf(ProxySync.Status.Lagging.class, sync("crowd")).proxies().size());
  }

  @Test
  void reachesOneProxyAfterTheOther() {
    stage.create("crowd", STRICT);
    stage.clock.advance(Duration.ofMillis(600));

    long refused = refused();

    assertTrue(refused > 0 && refused < 16, refused + " of 16");
    assertEquals(
        16 - refused,
        assertInstanceOf(ProxySync.Status.Lagging.class, sync("crowd")).proxies().size());
  }

  @Test
  void enforcesEverywhereAfterTheSlowestPush() {
    stage.create("crowd", STRICT);
    stage.clock.advance(Duration.ofMillis(900));

    assertEquals(16, refused());
    assertInstanceOf(ProxySync.Status.Synced.class, sync("crowd"));
  }

  @Test
  void leavesNamespacesInPeaceThatAChangeDoesNotConcern() {
    stage.create("crowd", STRICT);

    assertInstanceOf(ProxySync.Status.Synced.class, sync("quiet"));
  }

  @Test
  void pushesAMeshPolicyToEverybody() {
    stage.create("istio-system", STRICT);

    assertEquals(new ProxySync.Status.Lagging(List.of("quiet/idle")), sync("quiet"));
  }

  @Test
  void endsAtTheLastOfSeveralChanges() {
    stage.create("crowd", STRICT);
    stage.clock.advance(Duration.ofMillis(100));
    stage
        .sandbox
        .policyWriter()
        .apply(stage.change("crowd", "default", PeerAuthentication.Spec.of(PERMISSIVE)), false);
    stage.clock.advance(Duration.ofMillis(900));

    assertEquals(0, refused());
  }

  @Test
  void holdsBackAStaleProxyUntilItsFaultEnds() {
    stage.fault(Fault.Kind.PROXY_STALE, "crowd/server-3", Duration.ofSeconds(60));
    stage.create("crowd", STRICT);
    stage.clock.advance(Duration.ofSeconds(59));

    assertEquals(15, refused());
    assertEquals(new ProxySync.Status.Lagging(List.of("crowd/server-3")), sync("crowd"));

    stage.clock.advance(Duration.ofSeconds(1));

    assertEquals(16, refused());
    assertInstanceOf(ProxySync.Status.Synced.class, sync("crowd"));
  }

  @Test
  void remembersWhatAStaleProxyHasThroughManyChanges() {
    stage.create("crowd", STRICT);
    stage.clock.advance(Duration.ofSeconds(5));
    stage.fault(Fault.Kind.PROXY_STALE, "crowd", Duration.ofSeconds(60));
    for (var mode : List.of(PERMISSIVE, STRICT, PERMISSIVE, DISABLE)) {
      stage
          .sandbox
          .policyWriter()
          .apply(stage.change("crowd", "default", PeerAuthentication.Spec.of(mode)), false);
      stage.clock.advance(Duration.ofSeconds(5));
    }

    assertEquals(16, refused());
  }

  @Test
  void cannotTellWhileTheApiServerIsDown() {
    stage.fault(Fault.Kind.API_DOWN, "", Duration.ofSeconds(60));

    assertInstanceOf(ProxySync.Status.Unknown.class, sync("crowd"));
  }

  @Test
  void holdsEachStaleProxyAtWhatItHadWhenItsOwnFaultBegan() {
    stage.fault(Fault.Kind.PROXY_STALE, "crowd/server-0", Duration.ofMinutes(10));
    stage.create("crowd", STRICT);
    stage.clock.advance(Duration.ofSeconds(5));
    stage.fault(Fault.Kind.PROXY_STALE, "crowd/server-1", Duration.ofMinutes(10));
    for (var mode : List.of(PERMISSIVE, DISABLE, PERMISSIVE)) {
      stage
          .sandbox
          .policyWriter()
          .apply(stage.change("crowd", "default", PeerAuthentication.Spec.of(mode)), false);
      stage.clock.advance(Duration.ofSeconds(5));
    }

    List<String> outcomes = outcomes();

    assertEquals(List.of("200/0", "000/56", "200/0"), outcomes.subList(0, 3));
  }
}
