package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.rollout.Observation;
import java.util.Collection;
import java.util.Collections;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whose probes are believed. Whoever may run a pod can have probes made from it, and answer them as
 * it likes: so what clients of one namespace alone tell of another one's servers holds, and neither
 * fails nor undoes a lock. Where the configuration names namespaces ({@code
 * mtls-migration.probes.client-namespaces}), the word of each of them counts by itself, and that of
 * others (agents, of which their namespace's tenant disposes) never, however many they are.
 */
public final class TrustedProbers {

  private TrustedProbers() {}

  /**
   * Whether it counts that clients do not get through.
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
