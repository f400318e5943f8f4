package io.mtlsmigration.app;

import io.mtlsmigration.kubernetes.access.ClusterAccess;
import io.mtlsmigration.mesh.Inventory;
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
import io.mtlsmigration.traffic.ShadowRecord;
import io.mtlsmigration.traffic.TrafficHistory;
import io.mtlsmigration.traffic.TrafficRecord;
import io.mtlsmigration.wire.WireTap;
import java.util.Optional;

/** The core's ports, filled by the place where the service runs: the sandbox, or a cluster. */
interface Platform extends AutoCloseable {

  Inventory inventory();

  PolicyWriter policyWriter();

  InstalledRatchet ratchet();

  ProxySync proxySync();

  TrafficRecord trafficRecord();

  TrafficHistory trafficHistory();

  DryRunPolicies dryRuns();

  /** What a dry run of STRICT would refuse. */
  ShadowRecord shadowRecord();

  Prober prober();

  WireTap wireTap();

  RolloutLedger ledger();

  Leadership leadership();

  /** Where clients have all that a probe needs, nothing is placed. */
  default AgentReconciler agentReconciler() {
    return new AgentReconciler(ProbeAgents.NONE, AgentReconciler.Policy.OFF);
  }

  /** The cluster as the one to ask who calls; empty where there is no cluster. */
  default Optional<ClusterAccess> access() {
    return Optional.empty();
  }

  /**
   * What the place asks for after each tick of the loop, such as looking after plans that people
   * make beside the API. Called by one thread at a time.
   */
  default Runnable afterTick(PlanCommands commands) {
    return () -> {};
  }

  Limits limits();

  PlanLimits planLimits();

  @Override
  void close();
}
