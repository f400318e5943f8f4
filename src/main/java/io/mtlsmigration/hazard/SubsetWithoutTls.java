// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.DestinationRule;
import io.mtlsmigration.mesh.DestinationRule.ClientTlsMode;
import io.mtlsmigration.mesh.DestinationRule.Subset;
import io.mtlsmigration.mesh.DestinationRule.TrafficPolicy;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import org.jspecify.annotations.Nullable;

/** Subsets that omit the tls of their rule. */
final class SubsetWithoutTls implements Rule {

  @Override
  public void check(Inspection namespace) {
    if (namespace.sidecars().isEmpty()) {
      return;
    }
    for (Service service : namespace.facts().services()) {
      for (DestinationRule rule : namespace.mesh().reachability().rulesAddressing(service)) {
        TrafficPolicy whole = rule.trafficPolicy();
        if (whole != null && whole.tls() == ClientTlsMode.ISTIO_MUTUAL) {
          rule.subsets().forEach(subset -> check(namespace, service, rule, subset));
        }
      }
    }
  }

  private static void check(
      Inspection namespace, Service service, DestinationRule rule, Subset subset) {
    TrafficPolicy own = subset.trafficPolicy();
    Pod member = own == null || own.tls() != null ? null : member(namespace, service, subset);
    if (member == null) {
      return;
    }
    namespace.report(
        HazardCode.SUBSET_WITHOUT_TLS,
        namespace.snapshot().settings().autoMtls() ? Severity.INFO : Severity.WARNING,
        rule.ref(),
        0,
        rule.ref()
            + " says ISTIO_MUTUAL, but its subset "
            + subset.name()
            + ", to which "
            + member.workload()
            + " belongs, has a traffic policy of its own without tls: before Istio 1.31 the"
            + " rule's mode is not handed down.",
        "Repeat tls mode ISTIO_MUTUAL in subset " + subset.name() + ".");
  }

  private static @Nullable Pod member(Inspection namespace, Service service, Subset subset) {
    for (Pod pod : namespace.captured()) {
      if (pod.dataPlane() == DataPlane.SIDECAR
          && service.selects(pod)
          && LabelSelector.containsAll(pod.labels(), subset.labels())) {
        return pod;
      }
    }
    return null;
  }
}
