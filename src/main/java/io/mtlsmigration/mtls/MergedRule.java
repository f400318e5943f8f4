package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.DestinationRule.ClientTlsMode;
import io.mtlsmigration.mesh.DestinationRule.PortPolicy;
import io.mtlsmigration.mesh.DestinationRule.Subset;
import io.mtlsmigration.mesh.DestinationRule.TrafficPolicy;
import io.mtlsmigration.mesh.ObjectRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * DestinationRules of one namespace for one host, made one. Source: {@code mergeDestinationRule}
 * (istio pilot/pkg/model/destination_rule.go).
 *
 * @param exportTo of the first rule; empty = everybody
 * @param from every rule that went in, oldest first
 */
record MergedRule(
    String namespace,
    Set<String> exportTo,
    Map<String, String> workloadSelector,
    @Nullable TrafficPolicy trafficPolicy,
    List<Subset> subsets,
    List<ObjectRef> from) {

  MergedRule {
    subsets = List.copyOf(subsets);
    from = List.copyOf(from);
  }

  static MergedRule of(DestinationRule rule, Set<String> exportTo) {
    return new MergedRule(
        rule.meta().namespace(),
        exportTo,
        rule.workloadSelector(),
        rule.trafficPolicy(),
        rule.subsets(),
        List.of(rule.ref()));
  }

  /** Adds a younger rule: its new subsets, and its policy where there is none yet. */
  MergedRule plus(DestinationRule younger) {
    List<Subset> all = new ArrayList<>(subsets);
    for (Subset candidate : younger.subsets()) {
      if (all.stream().noneMatch(known -> known.name().equals(candidate.name()))) {
        all.add(candidate);
      }
    }
    List<ObjectRef> sources = new ArrayList<>(from);
    sources.add(younger.ref());
    return new MergedRule(
        namespace,
        exportTo,
        workloadSelector,
        trafficPolicy == null ? younger.trafficPolicy() : trafficPolicy,
        all,
        sources);
  }

  boolean hasSelector() {
    return !workloadSelector.isEmpty();
  }

  boolean exportedTo(String clientNamespace) {
    return exportTo.isEmpty() || exportTo.contains("*") || exportTo.contains(clientNamespace);
  }

  @Nullable Subset subset(String name) {
    for (Subset candidate : subsets) {
      if (candidate.name().equals(name)) {
        return candidate;
      }
    }
    return null;
  }

  /**
   * What the client's cluster for a Service port is built from: the port's setting replaces the
   * rule's altogether, so that a setting without {@code tls} returns to auto mTLS; a subset adds
   * what it sets.
   */
  PortPolicy clusterPolicy(int servicePort, @Nullable Subset subset) {
    PortPolicy whole = atPort(trafficPolicy, servicePort);
    TrafficPolicy own = subset == null ? null : subset.trafficPolicy();
    if (own == null) {
      return whole;
    }
    PortPolicy narrow = atPort(own, servicePort);
    if (trafficPolicy == null || own.ports().containsKey(servicePort)) {
      return narrow;
    }
    return new PortPolicy(
        narrow.tls() == null ? whole.tls() : narrow.tls(),
        narrow.passthrough() || whole.passthrough());
  }

  private static PortPolicy atPort(@Nullable TrafficPolicy policy, int servicePort) {
    if (policy == null) {
      return new PortPolicy(null, false);
    }
    PortPolicy own = policy.ports().get(servicePort);
    return own == null ? new PortPolicy(policy.tls(), policy.passthrough()) : own;
  }

  /**
   * What istiod marks endpoints by. Unlike {@link #clusterPolicy} a port's setting without {@code
   * tls} falls back to the rule's, and a subset without any to the rule itself ({@code
   * tlsModeForDestinationRule} in istio pilot/pkg/xds/endpoints/mtls_checker.go).
   */
  @Nullable ClientTlsMode endpointMode(int servicePort, @Nullable Subset subset) {
    if (subset != null) {
      ClientTlsMode own = modeAtPort(subset.trafficPolicy(), servicePort);
      if (own != null) {
        return own;
      }
    }
    return modeAtPort(trafficPolicy, servicePort);
  }

  private static @Nullable ClientTlsMode modeAtPort(
      @Nullable TrafficPolicy policy, int servicePort) {
    if (policy == null) {
      return null;
    }
    PortPolicy own = policy.ports().get(servicePort);
    return own == null || own.tls() == null ? policy.tls() : own.tls();
  }
}
