// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import java.util.Map;
import java.util.Set;

/**
 * Known calls between namespaces, which the planner uses in addition to the facts of the mesh.
 *
 * @param clients namespaces that call the key; a namespace that is no key has no known clients
 */
public record CallGraph(Map<String, Set<String>> clients) {

  /** The graph without calls: only the mesh itself is known. */
  public static final CallGraph UNKNOWN = new CallGraph(Map.of());

  public CallGraph {
    clients = Map.copyOf(clients);
  }

  Set<String> clientsOf(String namespace) {
    return clients.getOrDefault(namespace, Set.of());
  }
}
