// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MtlsMode.PERMISSIVE;
import static io.mtlsmigration.mesh.MtlsMode.STRICT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.manifest.ManifestReader;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.ObjectMeta.FieldOwner;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import io.mtlsmigration.rollout.InstalledRatchet;
import io.mtlsmigration.rollout.PolicyWriter;
import io.mtlsmigration.rollout.WriteIntent;
import io.mtlsmigration.rollout.WriteResult;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Writes as an API server takes them. */
final class SimulatedPoliciesTest {

  private Stage stage =
      Stage.of(
          mesh(
              namespace("istio-system"),
              namespace("empty"),
              namespace("held").with(policy("default", PERMISSIVE))));
  private PolicyWriter writer = stage.sandbox.policyWriter();

  @AfterEach
  void stop() {
    stage.close();
  }

  private void restartWith(String manager, Spec spec) {
    stage.close();
    PeerAuthentication owned =
        new PeerAuthentication(
            new ObjectMeta(
                ObjectRef.peerAuthentication("held", "default"),
                "",
                "",
                Stage.START,
                Map.of(),
                Map.of(),
                List.of(new FieldOwner(manager, true, spec.mode() != MtlsMode.UNSET))),
            spec);
    NamespaceFacts held = NamespaceFacts.empty("held").withPeerAuthentications(List.of(owned));
    MeshSnapshot mesh = mesh(namespace("istio-system")).with(held);
    stage = Stage.of(mesh);
    writer = stage.sandbox.policyWriter();
  }

  private static <T extends WriteResult> T expect(Class<T> type, WriteResult result) {
    return assertInstanceOf(type, result);
  }

  @Test
  void refusesWhatTheRatchetRefusesUntilItIsLifted() {
    stage.sandbox.happen(ratchet("held"));
    WriteIntent weaker = stage.creation("empty", Spec.of(PERMISSIVE));
    stage.sandbox.happen(ratchet("empty"));

    WriteResult.Refused refused = expect(WriteResult.Refused.class, writer.dryRun(weaker, false));
    assertTrue(refused.detail().contains("mtls-migration-ratchet denied"), refused.detail());
    assertEquals(new InstalledRatchet.Lift.Lifted(), stage.sandbox.ratchet().lift("empty"));
    assertEquals(new InstalledRatchet.Lift.Free(), stage.sandbox.ratchet().lift("empty"));

    expect(WriteResult.Applied.class, writer.apply(weaker, false));
  }

  private static ScenarioEvent.Action ratchet(String namespace) {
    return new ScenarioEvent.Action.Apply(
        ManifestReader.read(
                """
                apiVersion: v1
                kind: ConfigMap
                metadata: { name: mtls-migration-ratchet, namespace: mtls-migration }
                data: { %s: STRICT }
                """
                    .formatted(namespace),
                "test")
            .objects()
            .getFirst());
  }

  @Test
  void createsWithMarkerOwnerAndAge() {
    var applied = expect(WriteResult.Applied.class, stage.create("empty", STRICT));

    PeerAuthentication stored = stage.policy("empty", "default");
    assertEquals(stored, applied.policy());
    assertEquals(Map.of(PolicyWriter.MARKER_ANNOTATION, "marker"), stored.meta().annotations());
    assertEquals(
        List.of(new FieldOwner(PolicyWriter.FIELD_MANAGER, true, true)), stored.meta().owners());
    assertEquals(Stage.START, stored.meta().createdAt());
    assertTrue(!stored.meta().uid().isEmpty() && !stored.meta().resourceVersion().isEmpty());
  }

  @Test
  void createsOnlyWhereNothingIs() {
    expect(WriteResult.Conflict.class, stage.create("held", STRICT));

    assertEquals(PERMISSIVE, stage.policy("held", "default").spec().mode());
  }

  @Test
  void createsOnlyInNamespacesThatExist() {
    expect(WriteResult.Refused.class, stage.create("nowhere", STRICT));
  }

  @Test
  void changesInPlaceWithANewVersion() {
    PeerAuthentication before = stage.policy("held", "default");

    expect(
        WriteResult.Applied.class,
        writer.apply(stage.change("held", "default", Spec.of(STRICT)), true));

    PeerAuthentication after = stage.policy("held", "default");
    assertEquals(STRICT, after.spec().mode());
    assertEquals(before.meta().uid(), after.meta().uid());
    assertEquals(before.meta().createdAt(), after.meta().createdAt());
    assertNotEquals(before.meta().resourceVersion(), after.meta().resourceVersion());
  }

  @Test
  void refusesAVersionThatHasPassed() {
    WriteIntent late = stage.change("held", "default", Spec.of(STRICT));
    writer.apply(stage.change("held", "default", new Spec(Map.of(), STRICT, Map.of())), true);

    expect(WriteResult.Conflict.class, writer.apply(late, true));
    expect(WriteResult.Conflict.class, writer.dryRun(late, true));
  }

  @Test
  void refusesAnObjectThatWasCreatedAnew() {
    WriteIntent late = stage.change("held", "default", Spec.of(STRICT));
    writer.apply(stage.change("held", "default", null), true);
    expect(WriteResult.Conflict.class, writer.apply(late, true));
    stage.create("held", PERMISSIVE);

    expect(WriteResult.Conflict.class, writer.apply(late, true));
  }

  @Test
  void deletes() {
    var applied =
        expect(
            WriteResult.Applied.class, writer.apply(stage.change("held", "default", null), true));

    assertNull(applied.policy());
    assertEquals(Optional.empty(), writer.read(ObjectRef.peerAuthentication("held", "default")));
  }

  @Test
  void storesNothingOnADryRun() {
    expect(
        WriteResult.Applied.class, writer.dryRun(stage.creation("empty", Spec.of(STRICT)), false));

    assertEquals(Optional.empty(), writer.read(ObjectRef.peerAuthentication("empty", "default")));
  }

  static Stream<Arguments> invalid() {
    return Stream.of(
        argumentSet("ports without a selector", new Spec(Map.of(), STRICT, Map.of(80, STRICT))),
        argumentSet(
            "a port that is none", new Spec(Map.of("app", "a"), STRICT, Map.of(70_000, STRICT))));
  }

  @ParameterizedTest
  @MethodSource("invalid")
  void refusesWhatIstiosWebhookRefuses(Spec spec) {
    expect(WriteResult.Refused.class, writer.apply(stage.creation("empty", spec), false));
    expect(WriteResult.Refused.class, writer.dryRun(stage.creation("empty", spec), false));
  }

  @Test
  void takesTheModeFromAPersonOnlyWhenToldTo() {
    WriteIntent intent = stage.change("held", "default", Spec.of(STRICT));

    var refused = expect(WriteResult.OwnedByOther.class, writer.apply(intent, false));
    expect(WriteResult.Applied.class, writer.apply(intent, true));

    assertEquals(ApiIdentity.KUBECTL, refused.manager());
    assertEquals(
        List.of(
            new FieldOwner(ApiIdentity.KUBECTL, true, false),
            new FieldOwner(PolicyWriter.FIELD_MANAGER, true, true)),
        stage.policy("held", "default").meta().owners());
  }

  @Test
  void takesNothingFromAController() {
    restartWith("argocd-controller", Spec.of(PERMISSIVE));

    var refused =
        expect(
            WriteResult.OwnedByOther.class,
            writer.apply(stage.change("held", "default", Spec.of(STRICT)), true));

    assertEquals("argocd-controller", refused.manager());
    assertEquals(PERMISSIVE, stage.policy("held", "default").spec().mode());
  }

  @Test
  void addsAPortToAPolicyOfSomebodyElse() {
    Spec spec = new Spec(Map.of("app", "a"), STRICT, Map.of(80, PERMISSIVE));
    restartWith("argocd-controller", spec);
    Spec more = new Spec(spec.selector(), STRICT, Map.of(80, PERMISSIVE, 90, PERMISSIVE));

    expect(WriteResult.Applied.class, writer.apply(stage.change("held", "default", more), false));

    assertEquals(more, stage.policy("held", "default").spec());
  }

  @Test
  void changesNoPortOfSomebodyElse() {
    Spec spec = new Spec(Map.of("app", "a"), STRICT, Map.of(80, PERMISSIVE));
    restartWith(ApiIdentity.KUBECTL, spec);
    Spec other = new Spec(spec.selector(), STRICT, Map.of(80, STRICT));

    expect(
        WriteResult.OwnedByOther.class, writer.apply(stage.change("held", "default", other), true));
  }

  @Test
  void knowsNotWhetherAWriteArrivedWhileTheServerIsDown() {
    WriteIntent intent = stage.creation("empty", Spec.of(STRICT));
    ObjectRef ref = intent.change().ref();
    stage.fault(Fault.Kind.API_DOWN, "", Duration.ofSeconds(30));

    expect(WriteResult.Unknown.class, writer.apply(intent, false));
    expect(WriteResult.Unknown.class, writer.dryRun(intent, false));
    assertThrows(PolicyWriter.PolicyReadException.class, () -> writer.read(ref));

    stage.clock.advance(Duration.ofSeconds(30));
    assertEquals(Optional.empty(), writer.read(ref));
  }

  @Test
  void ownsForKubectlWhatNobodyElseOwns() {
    assertEquals(
        List.of(new FieldOwner(ApiIdentity.KUBECTL, true, true)),
        stage.policy("held", "default").meta().owners());
  }

  @Test
  void refusesAUidThatIsNotTheObjects() {
    PeerAuthentication held = stage.policy("held", "default");

    WriteResult result =
        writer.apply(
            stage.intent(
                held.ref(), held.spec(), Spec.of(STRICT), "other", held.meta().resourceVersion()),
            true);

    expect(WriteResult.Conflict.class, result);
  }
}
