// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.Map;

/**
 * A {@code networking.istio.io} WorkloadEntry or WorkloadGroup.
 *
 * @param labels labels of its endpoints
 * @param serviceAccount empty when there is none
 * @param group the WorkloadGroup by which a proxy registered itself, or its own name; empty when
 *     none did
 */
public record ExternalWorkload(
    ObjectRef ref, Map<String, String> labels, String serviceAccount, String group)
    implements OtherObject {

  public ExternalWorkload {
    labels = Map.copyOf(labels);
  }

  /**
   * Returns whether istiod configures a proxy there: one registers itself, or clients are told that
   * it takes mutual TLS, by the label or else by a service account, as istiod reads them (istio
   * pilot/pkg/serviceregistry/serviceentry/conversion.go, getTLSModeFromWorkloadEntry).
   */
  public boolean proxied() {
    String unlabelled = serviceAccount.isEmpty() ? "" : "istio";
    return !group.isEmpty() || labels.getOrDefault(Pod.TLS_MODE_LABEL, unlabelled).equals("istio");
  }
}
