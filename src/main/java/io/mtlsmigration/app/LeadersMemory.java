// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.api.security.AccessRules;
import java.util.Set;

/**
 * The operations about state that only the leader has: probes and captures, and everything derived
 * from them. Every replica has the records and facts.
 */
final class LeadersMemory {

  /**
   * Operations that only the leader can answer. An approval refers to an impact, which depends on
   * the calls seen; traffic counts exclude the service's own probes, which the leader makes.
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
          "overrideGates",
          "listTraffic",
          "listWorklist",
          "listOwners");

  /**
   * Operations that a replica answers without a leader: answers lack only the latest probes then.
   * What ending an exception would refuse is such an answer. The commands that may begin work take
   * turns with each other where one process takes them all, so that of two plans for a namespace
   * the second is refused; without a leader nothing is written, and the next one lets the plan wait
   * that was started later.
   */
  static final Set<String> BETTER =
      Set.of(
          "getMesh",
          "getMeshHistory",
          "listNamespaces",
          "getNamespace",
          "listPlanNamespaces",
          "getPlanNamespace",
          "getPlanMesh",
          "getPlanSpec",
          "startPlan",
          "resumePlan",
          "retryNamespace",
          "retryMesh",
          "removePlanException");

  private LeadersMemory() {}

  /** The replicas that can answer. */
  enum Need {
    ANYBODY,
    LEADER_IF_ANY,
    LEADER
  }

  /** Returns which replicas can answer an operation. */
  static Need need(AccessRules.Rule operation) {
    if (ALONE.contains(operation.operationId())) {
      return Need.LEADER;
    }
    return BETTER.contains(operation.operationId()) ? Need.LEADER_IF_ANY : Need.ANYBODY;
  }
}
