package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mtls.MeshModes;
import java.util.List;

/** Which namespaces the mesh's policy decides. */
public final class MeshReach {

  private MeshReach() {}

  /** Namespaces with captured pods whose mode comes from the mesh. */
  public static List<String> namespaces(MeshModes modes) {
    return modes.snapshot().namespaces().values().stream()
        .filter(facts -> facts.capturedPods() > 0)
        .map(NamespaceFacts::name)
        .filter(namespace -> inherits(modes, namespace))
        .toList();
  }

  /**
   * True when a namespace's mode comes from the mesh's policy, or from there being none. A policy
   * of its own that is UNSET changes nothing about that.
   */
  public static boolean inherits(MeshModes modes, String namespace) {
    ObjectRef decider = modes.namespace(namespace).mode().decidedBy();
    return decider == null || modes.snapshot().isRoot(decider.namespace());
  }
}
