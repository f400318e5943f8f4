// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.manifest.Manifest;
import io.mtlsmigration.mesh.ObjectRef;
import java.time.Duration;

/**
 * An event that happens once.
 *
 * @param at after the start of the sandbox
 */
record ScenarioEvent(Duration at, Action action) {

  /** The action of an event. */
  sealed interface Action {
    /** Applies a manifest, as {@code kubectl apply} does. */
    record Apply(Manifest manifest) implements Action {}

    /** Deletes an object, as {@code kubectl delete} does. */
    record Delete(ObjectRef ref) implements Action {}

    /** Restarts the pods of {@code namespace/workload} with sidecars. */
    record Inject(String workload) implements Action {}

    /** Starts a temporary fault. */
    record Break(Fault fault) implements Action {}
  }
}
