// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.mtlsmigration.manifest.Manifest;
import io.mtlsmigration.manifest.ManifestReader;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.ObjectMeta.FieldOwner;
import io.mtlsmigration.mesh.Worlds;
import io.mtlsmigration.rollout.PolicyWriter;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
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

    assertEquals(Stage.START.plusSeconds(3), stage.snapshot().observedAt());
  }

  @Test
  void growsOldWhileTheApiServerIsDown() {
    stage.clock.advance(Duration.ofSeconds(3));
    stage.fault(Fault.Kind.API_DOWN, "", Duration.ofSeconds(60));
    stage.clock.advance(Duration.ofSeconds(10));

    MeshSnapshot snapshot = stage.snapshot();

    assertEquals(Stage.START.plusSeconds(3), snapshot.observedAt());
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

  private void apply(String mode) {
    applied(
        """
        apiVersion: security.istio.io/v1
        kind: PeerAuthentication
        metadata: { name: default, namespace: foo }
        spec: { mtls: { mode: %s } }
        """
            .formatted(mode));
  }

  private void lone(String containers) {
    applied(
        """
        apiVersion: v1
        kind: Pod
        metadata: { name: lone, namespace: foo }
        spec: { containers: %s }
        """
            .formatted(containers));
  }

  /** As in a cluster: what it was is not known any more, and what it becomes is. */
  @Test
  void aPodIsReadableOrNot() {
    lone("[{ name: lone, image: lone }]");
    int pods = stage.snapshot().namespace("foo").pods().size();

    lone("7");
    NamespaceFacts unreadable = stage.snapshot().namespace("foo");
    lone("[{ name: lone, image: lone }]");
    NamespaceFacts again = stage.snapshot().namespace("foo");

    assertEquals(pods - 1, unreadable.pods().size());
    assertEquals(1, unreadable.unreadable().size());
    assertEquals(pods, again.pods().size());
    assertEquals(List.of(), again.unreadable());
  }

  private void applied(String manifest) {
    Manifest read = ManifestReader.read(manifest, "test").objects().get(0);
    stage.sandbox.happen(new ScenarioEvent.Action.Apply(read));
  }

  @Test
  void keepsUidAndAgeOfAPolicyThatIsAppliedAgain() {
    stage.create("foo", MtlsMode.STRICT);
    ObjectMeta before = stage.policy("foo", "default").meta();
    stage.clock.advance(Duration.ofMinutes(1));

    apply("PERMISSIVE");

    ObjectMeta after = stage.policy("foo", "default").meta();
    assertEquals(before.uid(), after.uid());
    assertEquals(before.createdAt(), after.createdAt());
    assertNotEquals(before.resourceVersion(), after.resourceVersion());
    assertEquals(MtlsMode.PERMISSIVE, stage.policy("foo", "default").spec().mode());
  }

  @Test
  void givesTheModeToWhoeverChangesIt() {
    stage.create("foo", MtlsMode.STRICT);

    apply("PERMISSIVE");

    assertEquals(
        List.of(
            new FieldOwner(ApiIdentity.KUBECTL, true, true),
            new FieldOwner(PolicyWriter.FIELD_MANAGER, true, false)),
        stage.policy("foo", "default").meta().owners());
  }

  @Test
  void sharesTheModeWithWhoeverAppliesTheSame() {
    stage.create("foo", MtlsMode.STRICT);

    apply("STRICT");

    assertEquals(
        List.of(
            new FieldOwner(ApiIdentity.KUBECTL, true, true),
            new FieldOwner(PolicyWriter.FIELD_MANAGER, true, true)),
        stage.policy("foo", "default").meta().owners());
  }
}
