// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import static io.mtlsmigration.mesh.MeshBuilders.mesh;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.PeerAuthentication.Spec;
import io.mtlsmigration.mtls.MeshModes;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SnapshotsTest {

  private static final Spec STRICT = Spec.of(MtlsMode.STRICT);
  private static final Spec PERMISSIVE = Spec.of(MtlsMode.PERMISSIVE);

  private final MeshSnapshot mesh =
      mesh(
          namespace("foo").with(policy("old", MtlsMode.PERMISSIVE).createdAt(1000)),
          namespace("bar"));

  @Test
  void aCreatedPolicyIsYoungerThanEveryOther() {
    MeshSnapshot after = Snapshots.apply(mesh, change("foo", "default", null, STRICT));

    assertEquals(MtlsMode.PERMISSIVE, MeshModes.resolve(after).namespace("foo").mode().mode());
  }

  @Test
  void aPatchedPolicyKeepsItsAgeAndIdentity() {
    MeshSnapshot after = Snapshots.apply(mesh, change("foo", "old", PERMISSIVE, STRICT));

    assertEquals(find(mesh, "old").meta(), find(after, "old").meta());
    assertEquals(STRICT, find(after, "old").spec());
  }

  @Test
  void aDeletedPolicyIsGone() {
    MeshSnapshot after = Snapshots.apply(mesh, change("foo", "old", PERMISSIVE, null));

    assertNull(Snapshots.find(after, ObjectRef.peerAuthentication("foo", "old")));
  }

  @Test
  void aPatchOfWhatIsNotThereCreatesNothing() {
    MeshSnapshot after = Snapshots.apply(mesh, change("foo", "gone", PERMISSIVE, STRICT));

    assertNull(Snapshots.find(after, ObjectRef.peerAuthentication("foo", "gone")));
  }

  @Test
  void writesAreMadeInOrder() {
    MeshSnapshot after =
        Snapshots.apply(
            mesh,
            List.of(
                change("foo", "old", PERMISSIVE, STRICT),
                change("foo", "old", STRICT, null),
                change("foo", "old", null, PERMISSIVE)));

    assertEquals(PERMISSIVE, find(after, "old").spec());
  }

  @Test
  void namespacesThatAreNotTouchedAreShared() {
    MeshSnapshot after = Snapshots.apply(mesh, change("foo", "default", null, STRICT));

    assertSame(mesh.namespace("bar"), after.namespace("bar"));
  }

  private static PeerAuthentication find(MeshSnapshot snapshot, String name) {
    PeerAuthentication found = Snapshots.find(snapshot, ObjectRef.peerAuthentication("foo", name));
    return Objects.requireNonNull(found);
  }

  private static PolicyChange change(
      String namespace, String name, @Nullable Spec before, @Nullable Spec after) {
    return new PolicyChange(
        ObjectRef.peerAuthentication(namespace, name),
        before,
        after,
        PolicyChange.Purpose.LOCK,
        false,
        "");
  }
}
