// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.wire;

import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * An observed connection and its client.
 *
 * @param workload workload of the pod with the peer's address; null when no pod, or no single one,
 *     has it
 * @param node the node with the peer's address: the caller may be its kubelet, a pod in its
 *     network, or any client whose address was translated there; empty otherwise
 */
public record Connection(Sighting sighting, @Nullable WorkloadRef workload, String node) {

  public Flow flow() {
    return sighting.flow();
  }

  public Instant at() {
    return sighting.at();
  }

  public WireSecurity security() {
    return sighting.judgement().security();
  }

  public WireBasis basis() {
    return sighting.judgement().basis();
  }

  public WireAnswer answer() {
    return sighting.answer();
  }
}
