// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.kubernetes.access.ClusterAccess;
import io.mtlsmigration.mesh.Inventory;
import io.mtlsmigration.notice.NoticeCursors;
import io.mtlsmigration.plan.PlanLimits;
import io.mtlsmigration.probe.AgentReconciler;
import io.mtlsmigration.probe.ProbeAgents;
import io.mtlsmigration.probe.Prober;
import io.mtlsmigration.rollout.DryRunPolicies;
import io.mtlsmigration.rollout.InstalledRatchet;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.PolicyWriter;
import io.mtlsmigration.rollout.ProxySync;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.commands.PlanCommands;
import io.mtlsmigration.traffic.CallHistory;
import io.mtlsmigration.traffic.ShadowRecord;
import io.mtlsmigration.traffic.TrafficHistory;
import io.mtlsmigration.traffic.TrafficRecord;
import io.mtlsmigration.wire.WireTap;
import java.util.Optional;
import java.util.Set;

/** The adapters of the core's ports where the service runs: the sandbox, or a cluster. */
interface Platform extends AutoCloseable {

  /** The ports of the mesh itself, to read it, to judge calls in it, and to write policies. */
  record MeshPorts(
      Inventory inventory,
      PolicyWriter policyWriter,
      InstalledRatchet ratchet,
      DryRunPolicies dryRuns,
      ProxySync proxySync,
      TrafficRecord trafficRecord,
      TrafficHistory trafficHistory,
      CallHistory callHistory,
      ShadowRecord shadowRecord,
      Prober prober,
      WireTap wireTap) {}

  MeshPorts mesh();

  RolloutLedger ledger();

  /**
   * Returns how far the receivers of notices have been told, which the next leader goes on from.
   *
   * @param receivers those that are configured; others are forgotten some time
   */
  NoticeCursors noticeCursors(Set<String> receivers);

  Leadership leadership();

  /** Returns the agents' reconciler; the default one is for clients that need no agents. */
  default AgentReconciler agentReconciler() {
    return new AgentReconciler(ProbeAgents.NONE, AgentReconciler.Policy.OFF);
  }

  /** Returns the cluster's authentication and authorization; empty where there is no cluster. */
  default Optional<ClusterAccess> access() {
    return Optional.empty();
  }

  /**
   * Returns a task to run after each tick of the loop, such as reconciling plans made with kubectl.
   * Called by one thread at a time.
   */
  default Runnable afterTick(PlanCommands commands) {
    return () -> {};
  }

  Limits limits();

  PlanLimits planLimits();

  @Override
  void close();
}
