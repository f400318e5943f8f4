package io.mtlsmigration.hazard;

import io.mtlsmigration.mtls.MeshModes;
import java.util.Comparator;
import java.util.List;

/** The catalogue, applied. */
public final class Hazards {

  private static final List<Rule> RULES =
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
          new EqualTimestampsOnAmbient());

  private Hazards() {}

  /** Every hazard that is looked for, by number. */
  public static List<Hazard> catalogue() {
    return RULES.stream()
        .map(Rule::hazard)
        .sorted(Comparator.comparingInt(hazard -> hazard.code().number()))
        .toList();
  }

  /** Findings of one namespace, most severe first, then by code and subject. */
  public static List<Finding> of(MeshModes modes, String namespace) {
    Inspection inspection = new Inspection(modes, namespace);
    for (Rule rule : RULES) {
      rule.check(inspection);
    }
    return inspection.findings();
  }
}
