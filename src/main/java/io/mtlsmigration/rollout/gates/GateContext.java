// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyWrites;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateOverride;
import io.mtlsmigration.rollout.HookCaller;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.MeshReach;
import io.mtlsmigration.rollout.MeshReadiness;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.ProxySync;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.WriteResult;
import io.mtlsmigration.traffic.ConnectionRecord.Connections;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.NamespaceTraffic;
import io.mtlsmigration.traffic.TrafficReading;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The facts that the gates of one step are judged on.
 *
 * @param facts facts of the namespace; of the root namespace for the mesh step
 * @param writes the writes that are left to make
 * @param cells the connectivity matrix, by server namespace
 * @param others the state of the other namespaces, which the mesh step waits for
 */
public record GateContext(
    PlanRecord plan,
    StepRecord step,
    Observation observation,
    NamespaceFacts facts,
    PolicyWrites writes,
    CellIndex cells,
    MeshReadiness others,
    Proof proof,
    Limits limits) {

  /**
   * Answers that cost a call: a dry-run write when all free checks hold, a hook's answer when
   * everything else does.
   *
   * @param dryRun the result for the next write; null while it was not asked for
   * @param hook null while it was not asked, or there is none
   */
  public record Proof(@Nullable WriteResult dryRun, HookCaller.@Nullable Answer hook) {
    public static final Proof NONE = new Proof(null, null);
  }

  public Instant now() {
    return observation.now();
  }

  public PlanSpec spec() {
    return plan.spec();
  }

  /** Returns the namespaces that the step locks: for the mesh those whose mode comes from it. */
  public List<String> namespaces() {
    return isMesh() ? MeshReach.namespaces(observation.modes()) : List.of(facts.name());
  }

  /** Returns what was seen of the namespace's traffic within the plan's window. */
  public Evidence<NamespaceTraffic> traffic() {
    return observation.traffic(spec().gates().plaintextWindow()).of(facts.name());
  }

  /**
   * Returns the connections that are open at the namespace's servers, and has them read on.
   *
   * @param soon whether a gate waits for that alone
   */
  Connections connections(boolean soon) {
    TrafficReading reading = observation.traffic(spec().gates().plaintextWindow());
    reading.connectionsWanted(facts.name(), soon);
    return reading.connections(facts.name());
  }

  public boolean isMesh() {
    return step.key().isMesh();
  }

  /** Returns the overrides of a gate that still count, the earliest first. */
  List<GateOverride> overrides(Gate gate) {
    return step.overrides().stream()
        .filter(override -> override.counts(plan.generation()))
        .filter(override -> override.gates().contains(gate))
        .toList();
  }

  public GateContext with(Proof next) {
    return new GateContext(plan, step, observation, facts, writes, cells, others, next, limits);
  }

  public GateContext heldSince(@Nullable Instant held) {
    if (java.util.Objects.equals(held, step.heldSince())) {
      return this;
    }
    return with(step.withGates(step.gates(), held));
  }

  public GateContext with(StepRecord next) {
    return new GateContext(plan, next, observation, facts, writes, cells, others, proof, limits);
  }

  List<Cell> ownCells() {
    return cells.of(step.key().namespace());
  }

  /**
   * Returns the sync status of the proxies that the step's policy is for: those of its namespace;
   * for the mesh, of all namespaces except those that a policy of their own keeps open: a pod there
   * that no istiod knows must not hold the mesh.
   */
  public ProxySync.Status sync() {
    if (!isMesh()) {
      return observation.sync(facts.name());
    }
    List<String> lagging = new ArrayList<>();
    List<ProxySync.Difference> differing = new ArrayList<>();
    for (String namespace : observation.modes().snapshot().namespaces().keySet()) {
      if (keptOpen(namespace)) {
        continue;
      }
      switch (observation.sync(namespace)) {
        case ProxySync.Status.Synced() -> {}
        case ProxySync.Status.Lagging(var proxies) -> lagging.addAll(proxies);
        case ProxySync.Status.Differs(var differences) -> differing.addAll(differences);
        case ProxySync.Status.Unknown unknown -> {
          return unknown;
        }
      }
    }
    if (!lagging.isEmpty()) {
      return new ProxySync.Status.Lagging(lagging);
    }
    return differing.isEmpty()
        ? new ProxySync.Status.Synced()
        : new ProxySync.Status.Differs(differing);
  }

  /**
   * Returns the namespaces of other clusters that the step's policy governs as well, with these
   * clusters.
   */
  SortedMap<String, Set<String>> elsewhere() {
    sync(); // so that what proves the proxies to follow has told of all others, too
    SortedMap<String, Set<String>> governed = new TreeMap<>(observation.elsewhere());
    governed.keySet().removeIf(namespace -> !governs(namespace));
    return governed;
  }

  /** Returns whether the step's policy decides the mode of a namespace. */
  boolean governs(String namespace) {
    return isMesh()
        ? observation.modes().snapshot().namespace(namespace) == null
            || MeshReach.inherits(observation.modes(), namespace)
        : namespace.equals(facts.name());
  }

  private boolean keptOpen(String namespace) {
    return !MeshReach.inherits(observation.modes(), namespace)
        && observation.modes().namespace(namespace).mode().mode() != MtlsMode.STRICT;
  }

  /** Returns {@link StepWrites#preparing} for the writes that are left. */
  public boolean preparing() {
    return StepWrites.preparing(writes);
  }

  /** Returns whether evidence that ends at a time says nothing of now. */
  public boolean isOld(Instant asOf) {
    return Limits.old(asOf, limits.evidenceAge(), now());
  }

  public boolean stale() {
    return limits.outdated(observation.modes().snapshot(), now());
  }
}
