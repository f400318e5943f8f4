// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A {@code networking.istio.io/v1} Sidecar resource, reduced to what narrows a client's view and
 * what replaces a server's inbound listeners.
 *
 * @param egressHosts hosts of all egress listeners, as written ({@code ns/host}); empty = no egress
 *     section, so the default view
 * @param registryOnly whether nothing leaves for a destination outside of the view (istio
 *     pilot/pkg/model/sidecar.go); null = as the mesh has it
 * @param ingress whether it has ingress listeners: the sidecar then calls the application where
 *     they say, which is at loopback unless they name another place
 * @param ingressTlsPorts ports of ingress listeners with their own {@code tls}
 */
public record SidecarScope(
    ObjectMeta meta,
    Map<String, String> workloadSelector,
    List<String> egressHosts,
    @Nullable Boolean registryOnly,
    boolean ingress,
    List<Integer> ingressTlsPorts) {

  public SidecarScope {
    workloadSelector = Map.copyOf(workloadSelector);
    egressHosts = List.copyOf(egressHosts);
    ingressTlsPorts = List.copyOf(ingressTlsPorts);
  }

  /** Returns whether its selector is that of a pod of its own namespace. */
  public boolean selects(Pod pod) {
    return LabelSelector.containsAll(pod.labels(), workloadSelector);
  }
}
