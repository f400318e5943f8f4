// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mtls.MeshModes;
import java.util.ArrayList;
import java.util.List;

/** Applies the catalogue to a mesh. */
public final class Hazards {

  static final List<Rule> RULES =
      List.of(
          new ProbesNotRewritten(),
          new MetricsScrapedFromApplication(),
          new HeadlessWithMixedEndpoints(),
          new CalledFromOutside(),
          new CalledByApiServer(),
          new InitContainerBeforeProxy(),
          new JobWithoutProxy(),
          new HostNetworkOrHostPort(),
          new DestinationRuleDisablesMtls(),
          new SubsetWithoutTls(),
          new CompetingPolicies(),
          new PortLevelKeyIsServicePort(),
          new PortLevelWithoutSelector(),
          new SelectorInRootNamespace(),
          new InboundPortBypassesProxy(),
          new DisableInForce(),
          new NoUsableTelemetry(),
          new ServerFirstProtocol(),
          new ApplicationTlsFromOutside(),
          new SeveralClusters(),
          new WorkloadEntryWithoutTlsMode(),
          new AmbientParticulars(),
          new UncapturedPods(),
          new ClusterWithoutTls(),
          new WorkloadPolicyWeakerThanTarget(),
          new PolicyOfAnotherOwner(),
          new AuthorizationByPeerIdentity(),
          new UnreadableObject(),
          new SidecarIngressTls(),
          new OutsideDiscovery(),
          new EqualTimestampsOnAmbient(),
          new ServiceEntryWithoutMtls(),
          new UncapturedUnderStrict(),
          new AutoMtlsOff(),
          new PortPolicyWithoutModeOnAmbient());

  /** Rules on observed calls, which change while the mesh does not. */
  static final List<Rule> OF_CALLS = List.of(new CalledByAddress());

  private Hazards() {}

  /**
   * Returns findings of one namespace from the facts alone, most severe first, then by code and
   * subject.
   */
  public static List<Finding> of(MeshModes modes, String namespace) {
    return found(RULES, new Inspection(modes, namespace, KnownCalls.NONE));
  }

  /** Returns findings that need an observed call. */
  public static List<Finding> seen(MeshModes modes, String namespace, KnownCalls calls) {
    return found(OF_CALLS, new Inspection(modes, namespace, calls));
  }

  /** Returns both lists as one, in their order. */
  public static List<Finding> together(List<Finding> facts, List<Finding> seen) {
    if (seen.isEmpty()) {
      return facts;
    }
    List<Finding> all = new ArrayList<>(facts);
    all.addAll(seen);
    return Inspection.sorted(all);
  }

  private static List<Finding> found(List<Rule> rules, Inspection inspection) {
    for (Rule rule : rules) {
      rule.check(inspection);
    }
    return inspection.findings();
  }
}
