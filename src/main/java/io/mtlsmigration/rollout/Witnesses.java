package io.mtlsmigration.rollout;

import java.util.Collection;

/**
 * Whose probes are believed. Whoever may run a pod can have probes made from it, and answer them as
 * it likes: so what clients of one namespace alone tell of another one's servers holds, and neither
 * fails nor undoes a lock, unless the configuration names that namespace ({@code
 * mtls-migration.probes.client-namespaces}).
 */
final class Witnesses {

  private Witnesses() {}

  /**
   * Whether it counts that clients do not get through.
   *
   * @param clients each {@code namespace/workload}
   */
  static boolean believed(Observation observation, String server, Collection<String> clients) {
    long others = 0;
    for (String namespace : clients.stream().map(Witnesses::namespace).distinct().toList()) {
      if (namespace.equals(server) || observation.witnesses().contains(namespace)) {
        return true;
      }
      others++;
    }
    return others > 1;
  }

  private static String namespace(String client) {
    return client.substring(0, client.indexOf('/'));
  }
}
