package io.mtlsmigration.plan;

import java.util.Map;
import java.util.Set;

/**
 * Who is known to call whom, by namespace; what a planner knows beyond the facts of the mesh.
 *
 * @param clients namespaces that call the key; a namespace that is no key has no known clients
 */
public record CallGraph(Map<String, Set<String>> clients) {

  /** Nothing is known but what the mesh itself shows. */
  public static final CallGraph UNKNOWN = new CallGraph(Map.of());

  public CallGraph {
    clients = Map.copyOf(clients);
  }

  Set<String> clientsOf(String namespace) {
    return clients.getOrDefault(namespace, Set.of());
  }
}
