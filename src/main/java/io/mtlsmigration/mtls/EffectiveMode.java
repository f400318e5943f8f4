// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The mode in force for a set of pods, with the policy that decides it. Source: {@code
 * ComposePeerAuthentication} in istio pilot/pkg/security/authn/policy_applier.go.
 *
 * @param mode never UNSET
 * @param decidedBy null when no policy decides: Istio's default, PERMISSIVE
 * @param ports modes of ports that differ by rule, by container port; never UNSET
 * @param portsDecidedBy the workload policy that set {@code ports}; null when there is none
 */
public record EffectiveMode(
    MtlsMode mode,
    @Nullable ObjectRef decidedBy,
    Map<Integer, MtlsMode> ports,
    @Nullable ObjectRef portsDecidedBy) {

  public EffectiveMode {
    ports = Map.copyOf(ports);
  }

  /** Returns the mode of a container port. */
  public MtlsMode of(int port) {
    MtlsMode own = ports.get(port);
    return own == null ? mode : own;
  }

  /** Returns the policy that decides a container port's mode; null for Istio's default. */
  public @Nullable ObjectRef decidedBy(int port) {
    return ports.containsKey(port) ? portsDecidedBy : decidedBy;
  }
}
