// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The effective modes inside one namespace. Shared answers are resolved once: a namespace without
 * policies of its own costs one object, however many pods it has.
 */
public final class NamespaceModes {

  private final NamespaceFacts facts;
  private final PolicyScopes.Mesh mesh;
  private final PolicyScopes.Local local;
  private volatile @Nullable NamespaceTally tally;

  NamespaceModes(NamespaceFacts facts, PolicyScopes.Mesh mesh) {
    this.facts = facts;
    this.mesh = mesh;
    this.local = PolicyScopes.local(facts, mesh);
  }

  public String namespace() {
    return facts.name();
  }

  /** Returns the facts that these modes were resolved from. */
  public NamespaceFacts facts() {
    return facts;
  }

  /**
   * Returns true when these modes were resolved from the same object: comparing contents would cost
   * more.
   */
  @SuppressWarnings("ReferenceEquality")
  boolean isOf(NamespaceFacts other) {
    return facts == other;
  }

  /** Returns the mode of a pod without a workload policy. */
  public EffectiveMode mode() {
    return local.base().sidecar();
  }

  /** Returns the winner of the namespace scope, if any (never in the root namespace). */
  public Optional<PeerAuthentication> namespacePolicy() {
    return Optional.ofNullable(local.winner());
  }

  /**
   * Returns the mode in force for a pod; the mode that it would have if the pod is not captured. On
   * an ambient pod DISABLE becomes PERMISSIVE, because that is how ztunnel behaves.
   */
  public EffectiveMode of(Pod pod) {
    PolicyScopes.Resolved resolved = local.resolve(pod.labels());
    return pod.dataPlane() == DataPlane.AMBIENT ? resolved.ambient() : resolved.sidecar();
  }

  /**
   * Returns modes that may be in force for a pod instead of {@link #of}, until it is observed
   * which: for an ambient pod whose workload policy has port-level modes and no mode of its own,
   * istiod may have made the rules while another mode enclosed it. Empty for every other pod.
   */
  public List<EffectiveMode> otherwise(Pod pod) {
    return pod.dataPlane() == DataPlane.AMBIENT
        ? local.resolve(pod.labels()).otherwise()
        : List.of();
  }

  /** Returns the mode that a sidecar would enforce for labels, for pods that do not exist yet. */
  public EffectiveMode ofLabels(Map<String, String> labels) {
    return local.resolve(labels).sidecar();
  }

  /** Returns the workload policy that wins for these labels, if any. */
  public Optional<PeerAuthentication> workloadPolicy(Map<String, String> labels) {
    return Optional.ofNullable(local.resolve(labels).workloadPolicy());
  }

  /**
   * Returns policies that would govern a pod with these labels if an older one of the same scope
   * did not, oldest first; including those of the mesh scope.
   */
  public List<PeerAuthentication> losers(Map<String, String> labels) {
    return local.losers(labels, mesh);
  }

  /** Returns every policy in this namespace with its standing, in name order. */
  public List<PolicyStanding> policies() {
    return PolicyStandings.of(facts, mesh, local);
  }

  /**
   * Returns what each workload of the namespace enforces, in workload order; recomputed at each
   * call.
   */
  public List<WorkloadModes> workloads() {
    return WorkloadFacts.of(this);
  }

  public Posture posture() {
    return Postures.of(this);
  }

  /** Returns the namespace's numbers; counted once. */
  public NamespaceTally tally() {
    NamespaceTally known = tally;
    if (known == null) {
      known = NamespaceTally.of(this);
      tally = known;
    }
    return known;
  }
}
