package io.mtlsmigration.app;

import io.mtlsmigration.api.security.AccessRules;
import java.util.Set;

/**
 * Which operations are about what only the leader knows: probes and captures are its own, and with
 * them everything that is told by their help. Records and facts every replica has.
 */
final class LeadersMemory {

  /**
   * An approval refers to an impact, and that to what was seen calling; traffic counts without the
   * service's own probes, which the leader makes.
   */
  static final Set<String> ALONE =
      Set.of(
          "getConnectivity",
          "listConnectivityChanges",
          "getProbes",
          "startProbes",
          "startWireCheck",
          "listWireChecks",
          "getWireCheck",
          "getNamespaceReadiness",
          "getNamespaceImpact",
          "listAuthorizationPolicies",
          "getMeshImpact",
          "approve",
          "listTraffic",
          "listWorklist",
          "listOwners");

  /** Without a leader a replica answers with what it knows: all but the latest probes. */
  static final Set<String> BETTER =
      Set.of(
          "getMesh",
          "getMeshHistory",
          "listNamespaces",
          "getNamespace",
          "listPlanNamespaces",
          "getPlanNamespace",
          "getPlanMesh");

  private LeadersMemory() {}

  /** Who can answer. */
  enum Need {
    ANYBODY,
    LEADER_IF_ANY,
    LEADER
  }

  /** Who can answer an operation. */
  static Need need(AccessRules.Rule operation) {
    if (ALONE.contains(operation.operationId())) {
      return Need.LEADER;
    }
    return BETTER.contains(operation.operationId()) ? Need.LEADER_IF_ANY : Need.ANYBODY;
  }
}
