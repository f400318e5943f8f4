// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.PeerAuthentication;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The rules that istiod makes of a workload policy with port-level modes, for ztunnel. Where the
 * policy is not STRICT itself they depend on the policies that enclose it, and istiod before
 * istio/istio#61010 (July 2026) makes them when the workload policy changes, or when it starts, but
 * not when the others do; the selection of rules for a workload is updated at once. Therefore a
 * workload may be subject to rules that were made for another mode of its namespace, or that were
 * never made; ztunnel ignores those (src/test/resources/ambient/modes-on-mesh.txt, cases 5 and 8).
 * Source: {@code convertPeerAuthentication} and {@code convertedSelectorPeerAuthentications} (istio
 * pilot/pkg/serviceregistry/ambient/authorization.go).
 */
final class AmbientRules {

  private AmbientRules() {}

  /**
   * Returns the modes that ztunnel may enforce instead of {@code ambient}, each once.
   *
   * @param policy a workload policy that wins and has port-level modes
   */
  static List<EffectiveMode> otherwise(
      PeerAuthentication policy, EffectiveMode sidecar, EffectiveMode ambient) {
    Map<Integer, MtlsMode> ports = policy.spec().portModes();
    boolean strict = sidecar.mode() == MtlsMode.STRICT;
    boolean obeyed = ports.containsValue(strict ? MtlsMode.PERMISSIVE : MtlsMode.STRICT);
    if (policy.spec().mode() == MtlsMode.STRICT || !obeyed) {
      return List.of();
    }
    Set<EffectiveMode> others = new LinkedHashSet<>();
    others.add(mode(policy, MtlsMode.PERMISSIVE, Map.of()));
    others.add(mode(policy, MtlsMode.PERMISSIVE, only(ports, MtlsMode.STRICT)));
    if (policy.spec().mode() == MtlsMode.UNSET) {
      others.addAll(refused(policy, ports));
    }
    others.removeIf(other -> alike(other, ambient));
    return List.copyOf(others);
  }

  /** Returns the modes by rules made under STRICT, which refuse all ports but the open ones. */
  private static List<EffectiveMode> refused(
      PeerAuthentication policy, Map<Integer, MtlsMode> ports) {
    Map<Integer, MtlsMode> open = only(ports, MtlsMode.PERMISSIVE);
    open.putAll(only(ports, MtlsMode.DISABLE));
    open.replaceAll((port, mode) -> MtlsMode.PERMISSIVE);
    return open.isEmpty() ? List.of() : List.of(mode(policy, MtlsMode.STRICT, open));
  }

  private static EffectiveMode mode(
      PeerAuthentication policy, MtlsMode mode, Map<Integer, MtlsMode> ports) {
    return new EffectiveMode(mode, policy.ref(), ports, policy.ref());
  }

  private static Map<Integer, MtlsMode> only(Map<Integer, MtlsMode> ports, MtlsMode mode) {
    Map<Integer, MtlsMode> some = new HashMap<>(ports);
    some.values().removeIf(own -> own != mode);
    return some;
  }

  private static boolean alike(EffectiveMode one, EffectiveMode other) {
    return one.mode() == other.mode()
        && one.ports().keySet().stream().allMatch(port -> one.of(port) == other.of(port))
        && other.ports().keySet().stream().allMatch(port -> one.of(port) == other.of(port));
  }
}
