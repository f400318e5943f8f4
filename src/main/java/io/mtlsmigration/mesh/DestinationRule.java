// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A {@code networking.istio.io/v1} DestinationRule, reduced to what decides client TLS.
 *
 * @param host as written: a short name, an FQDN or a wildcard
 * @param exportTo empty = the mesh default
 * @param workloadSelector {@code workloadSelector.matchLabels}; empty = every client
 */
public record DestinationRule(
    ObjectMeta meta,
    String host,
    Set<String> exportTo,
    Map<String, String> workloadSelector,
    @Nullable TrafficPolicy trafficPolicy,
    List<Subset> subsets) {

  public DestinationRule {
    exportTo = Set.copyOf(exportTo);
    workloadSelector = Map.copyOf(workloadSelector);
    subsets = List.copyOf(subsets);
  }

  public ObjectRef ref() {
    return meta.ref();
  }

  /** {@code ClientTLSSettings.mode}. Only ISTIO_MUTUAL is Istio mutual TLS. */
  public enum ClientTlsMode {
    DISABLE,
    SIMPLE,
    MUTUAL,
    ISTIO_MUTUAL
  }

  /**
   * A traffic policy.
   *
   * @param tls null when the policy sets no {@code tls}: auto mTLS stays in effect
   * @param secret true when {@code tls.credentialName} names a Secret. Only a gateway, or a sidecar
   *     that the rule selects, gets such a Secret; any other sidecar sends plaintext instead (istio
   *     pilot/pkg/networking/core/cluster_tls.go, buildUpstreamClusterTLSContext)
   * @param passthrough true when {@code loadBalancer.simple} is PASSTHROUGH
   * @param ports {@code portLevelSettings} by Service port number
   */
  public record TrafficPolicy(
      @Nullable ClientTlsMode tls,
      boolean secret,
      boolean passthrough,
      Map<Integer, PortPolicy> ports) {
    public TrafficPolicy {
      ports = Map.copyOf(ports);
    }

    public TrafficPolicy(
        @Nullable ClientTlsMode tls, boolean passthrough, Map<Integer, PortPolicy> ports) {
      this(tls, false, passthrough, ports);
    }
  }

  /**
   * One of {@code portLevelSettings}: replaces the rule's own settings for that port altogether.
   * Components as in {@link TrafficPolicy}.
   */
  public record PortPolicy(@Nullable ClientTlsMode tls, boolean secret, boolean passthrough) {
    public PortPolicy(@Nullable ClientTlsMode tls, boolean passthrough) {
      this(tls, false, passthrough);
    }
  }

  /** A named subset and its overriding policy. */
  public record Subset(
      String name, Map<String, String> labels, @Nullable TrafficPolicy trafficPolicy) {
    public Subset {
      labels = Map.copyOf(labels);
    }
  }
}
