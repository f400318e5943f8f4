// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.PeerAuthentication;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The competition of PeerAuthentications within mesh, namespace and workload scope, and the
 * resulting modes. Sources: {@code ComposePeerAuthentication} (istio
 * pilot/pkg/security/authn/policy_applier.go) for sidecars, {@code
 * convertedSelectorPeerAuthentications} and {@code convertPeerAuthentication} (istio
 * pilot/pkg/serviceregistry/ambient/authorization.go) for ambient pods.
 */
final class PolicyScopes {

  private static final EffectiveMode DEFAULT =
      new EffectiveMode(MtlsMode.PERMISSIVE, null, Map.of(), null);

  private PolicyScopes() {}

  /**
   * The policies of the root namespace for all namespaces.
   *
   * @param winner the oldest policy without selector in the root namespace
   * @param outvoted the younger ones
   * @param plain the result for a namespace without policies of its own
   */
  record Mesh(
      String rootNamespace,
      @Nullable PeerAuthentication winner,
      List<PeerAuthentication> outvoted,
      Local plain) {

    EffectiveMode mode() {
      return plain.base().sidecar();
    }
  }

  /**
   * The policies of one namespace for its pods.
   *
   * @param winner the oldest policy without selector outside the root namespace
   * @param workloadPolicies every policy with a selector, oldest first
   */
  record Local(
      @Nullable PeerAuthentication winner,
      Resolved base,
      List<Resolved> workloadPolicies,
      List<PeerAuthentication> outvoted) {

    /** Returns the result of the workload policy for these labels, or the namespace's own. */
    Resolved resolve(Map<String, String> labels) {
      // By index: iterators for every pod of a large mesh would be the only allocations of this
      // method.
      for (int i = 0; i < workloadPolicies.size(); i++) {
        Resolved candidate = workloadPolicies.get(i);
        if (LabelSelector.containsAll(labels, candidate.selector())) {
          return candidate;
        }
      }
      return base;
    }

    @Nullable PeerAuthentication winnerFor(Map<String, String> labels) {
      return resolve(labels).workloadPolicy();
    }

    List<PeerAuthentication> losers(Map<String, String> labels, Mesh mesh) {
      List<PeerAuthentication> losers = new ArrayList<>(mesh.outvoted());
      losers.addAll(outvoted);
      boolean won = false;
      for (Resolved candidate : workloadPolicies) {
        if (candidate.workloadPolicy() != null
            && LabelSelector.containsAll(labels, candidate.selector())) {
          if (won) {
            losers.add(candidate.workloadPolicy());
          }
          won = true;
        }
      }
      losers.sort(PeerAuthentication.OLDEST_FIRST);
      return losers;
    }
  }

  /**
   * The mode of pods that one workload policy governs, or of all others when there is none.
   *
   * @param sidecar what an Envoy sidecar enforces
   * @param ambient what ztunnel enforces
   * @param otherwise what ztunnel enforces instead when istiod made the rules of the workload
   *     policy while other policies enclosed it; empty when the rules depend on none
   */
  record Resolved(
      @Nullable PeerAuthentication workloadPolicy,
      EffectiveMode sidecar,
      EffectiveMode ambient,
      List<EffectiveMode> otherwise) {

    Map<String, String> selector() {
      return workloadPolicy == null ? Map.of() : workloadPolicy.spec().selector();
    }
  }

  static Mesh mesh(NamespaceFacts root) {
    List<PeerAuthentication> wide = oldestFirst(root.peerAuthentications(), false);
    PeerAuthentication winner = wide.isEmpty() ? null : wide.get(0);
    Local plain = new Local(null, plain(override(DEFAULT, winner)), List.of(), List.of());
    return new Mesh(root.name(), winner, outvoted(wide), plain);
  }

  static Local local(NamespaceFacts facts, Mesh mesh) {
    List<PeerAuthentication> policies = facts.peerAuthentications();
    if (policies.isEmpty() || facts.name().equals(mesh.rootNamespace())) {
      return mesh.plain();
    }
    List<PeerAuthentication> wide = oldestFirst(policies, false);
    PeerAuthentication winner = wide.isEmpty() ? null : wide.get(0);
    EffectiveMode base = override(mesh.mode(), winner);
    List<Resolved> workload = new ArrayList<>();
    for (PeerAuthentication policy : oldestFirst(policies, true)) {
      workload.add(workload(policy, base, winner));
    }
    return new Local(winner, plain(base), List.copyOf(workload), outvoted(wide));
  }

  /** Returns policies with a selector, or those without, in the order in which they compete. */
  private static List<PeerAuthentication> oldestFirst(
      List<PeerAuthentication> policies, boolean selecting) {
    List<PeerAuthentication> chosen = new ArrayList<>(policies.size());
    for (PeerAuthentication policy : policies) {
      if (policy.spec().selector().isEmpty() != selecting) {
        chosen.add(policy);
      }
    }
    chosen.sort(PeerAuthentication.OLDEST_FIRST);
    return chosen;
  }

  private static List<PeerAuthentication> outvoted(List<PeerAuthentication> oldestFirst) {
    return oldestFirst.size() < 2
        ? List.of()
        : List.copyOf(oldestFirst.subList(1, oldestFirst.size()));
  }

  /** Ignores {@code portLevelMtls} of a policy without selector, which has no effect. */
  private static EffectiveMode override(
      EffectiveMode inherited, @Nullable PeerAuthentication policy) {
    if (policy == null || policy.spec().mode() == MtlsMode.UNSET) {
      return inherited;
    }
    return new EffectiveMode(policy.spec().mode(), policy.ref(), Map.of(), null);
  }

  private static Resolved plain(EffectiveMode mode) {
    return new Resolved(null, mode, withoutDisable(mode), List.of());
  }

  private static Resolved workload(
      PeerAuthentication policy, EffectiveMode base, @Nullable PeerAuthentication namespaceWinner) {
    EffectiveMode overall = override(base, policy);
    Map<Integer, MtlsMode> declared = policy.spec().portModes();
    if (declared.isEmpty()) {
      return new Resolved(policy, overall, withoutDisable(overall), List.of());
    }
    Map<Integer, MtlsMode> ports = new HashMap<>();
    declared.forEach(
        (port, mode) -> ports.put(port, mode == MtlsMode.UNSET ? overall.mode() : mode));
    EffectiveMode sidecar =
        new EffectiveMode(overall.mode(), overall.decidedBy(), ports, policy.ref());
    EffectiveMode ambient = ambient(policy, base, sidecar, namespaceWinner);
    return new Resolved(policy, sidecar, ambient, AmbientRules.otherwise(policy, sidecar, ambient));
  }

  /**
   * Returns what ztunnel enforces. It has no DISABLE: HBONE is always accepted. Three more
   * differences come from how istiod turns port-level modes into deny rules, under a STRICT that
   * the workload policy inherits, or would if it had no mode.
   */
  private static EffectiveMode ambient(
      PeerAuthentication policy,
      EffectiveMode base,
      EffectiveMode sidecar,
      @Nullable PeerAuthentication namespaceWinner) {
    boolean ofMesh = namespaceWinner == null || namespaceWinner.spec().mode() == MtlsMode.UNSET;
    if (ofMesh && base.mode() == MtlsMode.STRICT && sidecar.mode() != MtlsMode.STRICT) {
      // istiod assumes that the mesh refuses plaintext to these ports, whatever the workload policy
      // says.
      return new EffectiveMode(MtlsMode.PERMISSIVE, policy.ref(), Map.of(), null);
    }
    boolean inheritsStrict =
        policy.spec().mode() == MtlsMode.UNSET && sidecar.mode() == MtlsMode.STRICT;
    if (inheritsStrict) {
      if (!policy.spec().portModes().containsValue(MtlsMode.PERMISSIVE)) {
        // Only a PERMISSIVE port makes istiod replace its static deny rule: DISABLE stays refused.
        return new EffectiveMode(MtlsMode.STRICT, sidecar.decidedBy(), Map.of(), null);
      }
      if (namespaceWinner != null && namespaceWinner.spec().mode() == MtlsMode.UNSET) {
        // istiod drops the static deny rule and then writes no exception rule, because it takes a
        // namespace policy that is not STRICT itself to mean that nothing is: all ports are open.
        return new EffectiveMode(MtlsMode.PERMISSIVE, policy.ref(), Map.of(), null);
      }
    }
    return withoutDisable(sidecar);
  }

  private static EffectiveMode withoutDisable(EffectiveMode mode) {
    if (mode.mode() != MtlsMode.DISABLE && !mode.ports().containsValue(MtlsMode.DISABLE)) {
      return mode;
    }
    Map<Integer, MtlsMode> ports = new HashMap<>(mode.ports());
    ports.replaceAll((port, own) -> own == MtlsMode.DISABLE ? MtlsMode.PERMISSIVE : own);
    MtlsMode overall = mode.mode() == MtlsMode.DISABLE ? MtlsMode.PERMISSIVE : mode.mode();
    return new EffectiveMode(overall, mode.decidedBy(), ports, mode.portsDecidedBy());
  }
}
