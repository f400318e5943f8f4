package io.mtlsmigration.sandbox;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.Worlds;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class SimulatedClusterTest {

  private final Stage stage = Stage.of(Worlds.task());

  @AfterEach
  void stop() {
    stage.close();
  }

  @Test
  void isObservedAnewEachTime() {
    stage.clock.advance(Duration.ofSeconds(3));

    assertEquals(TestClock.START.plusSeconds(3), stage.snapshot().observedAt());
  }

  @Test
  void growsOldWhileTheApiServerIsDown() {
    stage.clock.advance(Duration.ofSeconds(3));
    stage.fault(Fault.Kind.API_DOWN, "", Duration.ofSeconds(60));
    stage.clock.advance(Duration.ofSeconds(10));

    MeshSnapshot snapshot = stage.snapshot();

    assertEquals(TestClock.START.plusSeconds(3), snapshot.observedAt());
    assertNotEquals("", snapshot.sources().get(0).problem());
  }

  @Test
  void givesEveryPodAnAddressOfItsOwn() {
    Set<String> addresses = new HashSet<>();
    stage.snapshot().namespaces().values().stream()
        .flatMap(ns -> ns.pods().stream())
        .forEach(p -> addresses.add(p.ip()));

    assertEquals(5, addresses.size());
  }

  @Test
  void keepsFactsOfNamespacesThatAChangeDoesNotTouch() {
    MeshSnapshot before = stage.snapshot();

    stage.create("foo", MtlsMode.STRICT);

    assertSame(before.namespace("bar"), stage.snapshot().namespace("bar"));
    assertNotEquals(before.namespace("foo"), stage.snapshot().namespace("foo"));
  }

  @Test
  void hasARootNamespaceWhateverTheManifestsSay() {
    try (Stage bare = Stage.of(mesh(namespace("foo").with(pod("curl"))))) {
      assertNotNull(bare.snapshot().namespace("istio-system"));
    }
  }
}
