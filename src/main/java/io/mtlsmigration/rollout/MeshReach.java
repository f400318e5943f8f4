// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mtls.MeshModes;
import java.util.List;

/** Namespaces whose mode the mesh-wide policy decides. */
public final class MeshReach {

  private MeshReach() {}

  /** Returns the namespaces with captured pods whose mode comes from the mesh. */
  public static List<String> namespaces(MeshModes modes) {
    return modes.snapshot().namespaces().values().stream()
        .filter(facts -> facts.capturedPods() > 0)
        .map(NamespaceFacts::name)
        .filter(namespace -> inherits(modes, namespace))
        .toList();
  }

  /**
   * Returns true when the namespace's mode comes from the mesh-wide policy, or from its absence. A
   * namespace policy that is UNSET does not change that.
   */
  public static boolean inherits(MeshModes modes, String namespace) {
    ObjectRef decider = modes.namespace(namespace).mode().decidedBy();
    return decider == null || modes.snapshot().isRoot(decider.namespace());
  }
}
