package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Worlds;
import java.util.Objects;

/** How most scenarios begin: a mesh whose clients call, and Ann, who starts a plan for it. */
abstract class RolloutScenario {

  static final StepKey FOO = new StepKey("foo");

  SimulatedMesh mesh;

  /** Istio's task, with calls in both directions. */
  RolloutScenario() {
    this(Worlds.task());
  }

  RolloutScenario(MeshSnapshot world) {
    in(world);
  }

  /** In another mesh than the one that the scenarios of this class begin with. */
  final void in(MeshSnapshot world) {
    mesh =
        new SimulatedMesh(world).calls("bar/curl", "foo/httpbin").calls("foo/curl", "bar/httpbin");
  }

  final void start(Specs specs) {
    mesh.start(specs);
  }

  final NamespaceFacts facts(String namespace) {
    return Objects.requireNonNull(mesh.api.snapshot().namespace(namespace));
  }
}
