// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Worlds;
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
}
