// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A {@code security.istio.io} AuthorizationPolicy, reduced to its conditions on a caller's
 * identity.
 *
 * @param version see {@link ObjectMeta#version}; blank when the object was read from a file
 * @param selector {@code selector.matchLabels}; empty = all pods of the namespace
 * @param attached true when {@code targetRef} or {@code targetRefs} bind it to a gateway or a
 *     waypoint instead
 * @param enforced false when it is a dry run
 * @param notPorts {@code operation.notPorts} of its rules, all together
 * @param peers one for each source of each rule; one without conditions for a rule without sources
 */
public record AuthorizationPolicy(
    ObjectRef ref,
    String version,
    Map<String, String> selector,
    boolean attached,
    boolean enforced,
    Action action,
    Set<Integer> notPorts,
    List<Peers> peers)
    implements OtherObject {

  public AuthorizationPolicy {
    selector = Map.copyOf(selector);
    notPorts = Set.copyOf(notPorts);
    peers = List.copyOf(peers);
  }

  /** {@code spec.action}. */
  public enum Action {
    ALLOW,
    DENY,
    AUDIT,
    CUSTOM
  }

  /**
   * The callers of a source, as far as mutual TLS identifies them.
   *
   * @param named whether callers need one of the listed principals, namespaces or service accounts
   * @param excepted whether callers must not have a listed one; a caller without an identity has
   *     none of these
   */
  public record Peers(boolean named, boolean excepted) {}
}
