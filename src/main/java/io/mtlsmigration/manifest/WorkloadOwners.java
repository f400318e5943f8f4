// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.ObjectRef;
import java.util.Map;
import java.util.Optional;

/** The owners of controllers: Deployments of ReplicaSets, CronJobs of Jobs. */
public interface WorkloadOwners {

  /** Knows no owner: only generated names are used. */
  WorkloadOwners UNKNOWN = controller -> Optional.empty();

  /**
   * Returns the owners in a map.
   *
   * @param owners by controller; one without an owner maps to itself
   */
  static WorkloadOwners of(Map<ObjectRef, ObjectRef> owners) {
    return controller -> Optional.ofNullable(owners.get(controller));
  }

  /** Returns the owner of a controller, itself when it has none; empty when it is unknown. */
  Optional<ObjectRef> ownerOf(ObjectRef controller);
}
