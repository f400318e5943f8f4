package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.ObjectRef;
import java.util.Map;
import java.util.Optional;

/**
 * Knows which controllers belong to other controllers: ReplicaSets to Deployments, Jobs to
 * CronJobs.
 */
public interface WorkloadOwners {

  /** Knows none: generated names tell alone. */
  WorkloadOwners UNKNOWN = controller -> Optional.empty();

  /**
   * Knows those in the map.
   *
   * @param owners by controller; one without an owner is its own
   */
  static WorkloadOwners of(Map<ObjectRef, ObjectRef> owners) {
    return controller -> Optional.ofNullable(owners.get(controller));
  }

  /** The owner of a controller, itself when it has none; empty when the controller is unknown. */
  Optional<ObjectRef> ownerOf(ObjectRef controller);
}
