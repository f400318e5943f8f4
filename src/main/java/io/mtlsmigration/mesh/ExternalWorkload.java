// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.Map;

/**
 * A {@code networking.istio.io} WorkloadEntry or WorkloadGroup.
 *
 * @param labels labels of its endpoints
 * @param serviceAccount empty when there is none
 * @param group the WorkloadGroup by which a proxy registered itself; empty when none did
 */
public record ExternalWorkload(
    ObjectRef ref, Map<String, String> labels, String serviceAccount, String group)
    implements OtherObject {

  public ExternalWorkload {
    labels = Map.copyOf(labels);
  }
}
