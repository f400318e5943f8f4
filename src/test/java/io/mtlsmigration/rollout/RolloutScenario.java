// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Worlds;
import java.util.List;
import java.util.Objects;

/** How most scenarios begin: a mesh whose clients call, and Ann, who starts a plan for it. */
public abstract class RolloutScenario {

  public static final StepKey FOO = new StepKey("foo");

  public SimulatedMesh mesh;

  /** Istio's task, with calls in both directions. */
  public RolloutScenario() {
    this(Worlds.task());
  }

  public RolloutScenario(MeshSnapshot world) {
    in(world);
  }

  /** In another mesh than the one that the scenarios of this class begin with. */
  public final void in(MeshSnapshot world) {
    mesh =
        new SimulatedMesh(world).calls("bar/curl", "foo/httpbin").calls("foo/curl", "bar/httpbin");
  }

  public final void start(Specs specs) {
    mesh.start(specs);
  }

  public final NamespaceFacts facts(String namespace) {
    return Objects.requireNonNull(mesh.api.snapshot().namespace(namespace));
  }

  /** Returns a namespace that was deleted and made anew, without policies. */
  public static NamespaceFacts reborn(NamespaceFacts f, String uid) {
    return new NamespaceFacts(
        f.name(),
        uid,
        f.labels(),
        f.annotations(),
        false,
        f.pods(),
        f.services(),
        f.endpointSlices(),
        List.of(),
        f.destinationRules(),
        f.sidecars(),
        f.others(),
        f.unreadable());
  }
}
