package io.mtlsmigration.sandbox;

import io.mtlsmigration.manifest.Manifest;
import io.mtlsmigration.mesh.ObjectRef;
import java.time.Duration;

/**
 * Something that happens once.
 *
 * @param at after the start of the sandbox
 */
record ScenarioEvent(Duration at, Action action) {

  /** What happens. */
  sealed interface Action {
    /** As {@code kubectl apply}. */
    record Apply(Manifest manifest) implements Action {}

    /** As {@code kubectl delete}. */
    record Delete(ObjectRef ref) implements Action {}

    /** The pods of {@code namespace/workload} are restarted with sidecars. */
    record Inject(String workload) implements Action {}

    /** Something breaks for a while. */
    record Break(Fault fault) implements Action {}
  }
}
