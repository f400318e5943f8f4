package io.mtlsmigration.mesh;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A {@code networking.istio.io/v1} DestinationRule, stripped to what decides client TLS.
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
   * @param tls null when the policy sets no {@code tls}: auto mTLS goes on
   * @param passthrough true when {@code loadBalancer.simple} is PASSTHROUGH
   * @param ports {@code portLevelSettings} by Service port number
   */
  public record TrafficPolicy(
      @Nullable ClientTlsMode tls, boolean passthrough, Map<Integer, PortPolicy> ports) {
    public TrafficPolicy {
      ports = Map.copyOf(ports);
    }
  }

  /** {@code portLevelSettings}: replaces the rule's own settings for that port altogether. */
  public record PortPolicy(@Nullable ClientTlsMode tls, boolean passthrough) {}

  /** A named subset and its overriding policy. */
  public record Subset(
      String name, Map<String, String> labels, @Nullable TrafficPolicy trafficPolicy) {
    public Subset {
      labels = Map.copyOf(labels);
    }
  }
}
