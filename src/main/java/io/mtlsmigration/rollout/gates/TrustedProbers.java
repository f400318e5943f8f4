// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.rollout.Observation;
import java.util.Collection;
import java.util.Collections;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Decides whose probes are believed. A tenant that runs a pod can have probes made from it, and
 * answer them at will: failures that only clients of one namespace report about another one's
 * servers hold a lock, and neither fail nor undo it. Where the configuration names namespaces
 * ({@code mtls-migration.probes.client-namespaces}), the word of each of them counts by itself, and
 * that of others (agents, which their namespace's tenant controls) never, however many they are.
 */
public final class TrustedProbers {

  private TrustedProbers() {}

  /**
   * Returns whether failures of clients count.
   *
   * @param clients each {@code namespace/workload}
   */
  public static boolean believed(
      Observation observation, String server, Collection<String> clients) {
    Set<String> named = observation.witnesses();
    Set<String> telling =
        clients.stream().map(TrustedProbers::namespace).collect(Collectors.toSet());
    return telling.contains(server)
        || (named.isEmpty() ? telling.size() > 1 : !Collections.disjoint(telling, named));
  }

  private static String namespace(String client) {
    return client.substring(0, client.indexOf('/'));
  }
}
