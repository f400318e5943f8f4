package io.mtlsmigration.mesh;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A {@code security.istio.io} AuthorizationPolicy, stripped to what it asks of a caller's identity.
 *
 * @param selector {@code selector.matchLabels}; empty = all pods of the namespace
 * @param attached true when {@code targetRef} or {@code targetRefs} bind it to a gateway or a
 *     waypoint instead
 * @param enforced false when it is a dry run
 * @param notPorts {@code operation.notPorts} of its rules, all together
 * @param peers one for each source of each rule; one without conditions for a rule without sources
 */
public record AuthorizationPolicy(
    ObjectRef ref,
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
   * Who is meant, as far as mutual TLS tells.
   *
   * @param named by principals, namespaces or service accounts that a caller must have
   * @param excepted by such that a caller must not have; who has none, has not these either
   */
  public record Peers(boolean named, boolean excepted) {}
}
