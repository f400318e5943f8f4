// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.AuthorizationPolicy;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The dry run of STRICT in one namespace: an AuthorizationPolicy that would deny callers without an
 * identity, annotated so that sidecars only count it (istio.io, "Dry Run" of authorization).
 *
 * @param notPorts ports that are left out in the whole namespace: the policy cannot tell the
 *     workloads that an exception is for from others
 */
public record DryRunPolicy(String namespace, Set<Integer> notPorts) {

  /** The policy's name, which nobody else's object has. */
  public static final String NAME = "mtls-migration-dry-run";

  /** The dry run's annotation; a sidecar enforces the policy unless it is exactly {@code true}. */
  public static final String ANNOTATION = "istio.io/dry-run";

  public DryRunPolicy {
    notPorts = Set.copyOf(notPorts);
  }

  public static DryRunPolicy of(String namespace, List<PolicyException> exceptions) {
    Set<Integer> ports = new TreeSet<>();
    for (PolicyException exception : exceptions) {
      if (exception.namespace().equals(namespace) && exception.port() != null) {
        ports.add(exception.port());
      }
    }
    return new DryRunPolicy(namespace, ports);
  }

  public ObjectRef ref() {
    return new ObjectRef("AuthorizationPolicy", namespace, NAME);
  }

  /**
   * Returns the policy as facts show it.
   *
   * @param version see {@link AuthorizationPolicy#version}
   */
  public AuthorizationPolicy shown(String version) {
    return new AuthorizationPolicy(
        ref(),
        version,
        Map.of(),
        false,
        false,
        AuthorizationPolicy.Action.DENY,
        notPorts,
        List.of(new AuthorizationPolicy.Peers(false, true)));
  }

  /** Returns the dry run that facts show, whosever it is; empty when they show none. */
  public static Optional<AuthorizationPolicy> in(NamespaceFacts facts) {
    return facts.others(AuthorizationPolicy.class).stream()
        .filter(policy -> policy.ref().name().equals(NAME))
        .findFirst();
  }
}
