// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.DestinationRule.ClientTlsMode;
import io.mtlsmigration.mesh.DestinationRule.PortPolicy;
import io.mtlsmigration.mesh.DestinationRule.Subset;
import io.mtlsmigration.mesh.DestinationRule.TrafficPolicy;
import io.mtlsmigration.mesh.ObjectRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The merged DestinationRules of one namespace for one host. Source: {@code mergeDestinationRule}
 * (istio pilot/pkg/model/destination_rule.go).
 *
 * @param exportTo of the first rule; empty = everybody
 * @param policyFrom the rule that {@code trafficPolicy} comes from; null when there is no policy
 * @param subsetsFrom the rule that each subset comes from, by the subset's name
 */
record MergedRule(
    String namespace,
    Set<String> exportTo,
    Map<String, String> workloadSelector,
    @Nullable TrafficPolicy trafficPolicy,
    @Nullable ObjectRef policyFrom,
    List<Subset> subsets,
    Map<String, ObjectRef> subsetsFrom) {

  MergedRule {
    subsets = List.copyOf(subsets);
    subsetsFrom = Map.copyOf(subsetsFrom);
  }

  static MergedRule of(DestinationRule rule, Set<String> exportTo) {
    MergedRule empty =
        new MergedRule(
            rule.meta().namespace(),
            exportTo,
            rule.workloadSelector(),
            null,
            null,
            List.of(),
            Map.of());
    return empty.plus(rule);
  }

  /** Adds a younger rule: its new subsets, and its policy where there is none yet. */
  MergedRule plus(DestinationRule younger) {
    List<Subset> all = new ArrayList<>(subsets);
    Map<String, ObjectRef> owners = new HashMap<>(subsetsFrom);
    for (Subset candidate : younger.subsets()) {
      if (owners.putIfAbsent(candidate.name(), younger.ref()) == null) {
        all.add(candidate);
      }
    }
    boolean adopts = trafficPolicy == null && younger.trafficPolicy() != null;
    return new MergedRule(
        namespace,
        exportTo,
        workloadSelector,
        adopts ? younger.trafficPolicy() : trafficPolicy,
        adopts ? younger.ref() : policyFrom,
        all,
        owners);
  }

  /** Returns the rules whose settings a call uses. */
  List<ObjectRef> sources(@Nullable Subset subset) {
    List<ObjectRef> sources = new ArrayList<>(2);
    ObjectRef ofSubset = subset == null ? null : subsetsFrom.get(subset.name());
    if (ofSubset != null) {
      sources.add(ofSubset);
    }
    if (policyFrom != null && !policyFrom.equals(ofSubset)) {
      sources.add(policyFrom);
    }
    return sources;
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
   * Returns the policy for the client's cluster of a Service port: the port's setting replaces the
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
    PortPolicy tls = narrow.tls() == null ? whole : narrow;
    return new PortPolicy(tls.tls(), tls.secret(), narrow.passthrough() || whole.passthrough());
  }

  private static PortPolicy atPort(@Nullable TrafficPolicy policy, int servicePort) {
    if (policy == null) {
      return new PortPolicy(null, false);
    }
    PortPolicy own = policy.ports().get(servicePort);
    return own == null ? new PortPolicy(policy.tls(), policy.secret(), policy.passthrough()) : own;
  }

  /**
   * Returns the mode by which istiod marks endpoints. Unlike {@link #clusterPolicy} a port's
   * setting without {@code tls} falls back to the rule's, and a subset without any to the rule
   * itself ({@code tlsModeForDestinationRule} in istio pilot/pkg/xds/endpoints/mtls_checker.go).
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
