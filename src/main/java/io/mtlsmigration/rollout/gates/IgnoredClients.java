// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.mesh.Cidr;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PlanSpec.IgnoredClient;
import io.mtlsmigration.traffic.Caller;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Clients that the plan lets fail. A client can be made to fail by whoever runs its pod; therefore
 * every message that a client holds or undoes a lock also says how a person lets it fail.
 */
public record IgnoredClients(List<IgnoredClient> entries) {

  public static IgnoredClients of(PlanSpec spec) {
    return new IgnoredClients(spec.verification().ignoreClients());
  }

  public boolean ignores(Caller caller) {
    return (caller.workload() != null && ignores(caller.id()))
        || entries.stream()
            .map(IgnoredClient::cidr)
            .anyMatch(
                cidr ->
                    cidr != null
                        && Cidr.parse(cidr)
                            .filter(range -> range.contains(caller.address()))
                            .isPresent());
  }

  /** {@code workload} is {@code namespace/name}, or {@code namespace/*} for all of a namespace. */
  public boolean ignores(String workload) {
    for (IgnoredClient entry : entries) {
      if (entry.names(workload)) {
        return true;
      }
    }
    return false;
  }

  boolean ignoresAll(Collection<String> workloads) {
    return workloads.stream().allMatch(this::ignores);
  }

  /**
   * Returns the call by which a person lets clients fail; empty when none has a name or an address.
   *
   * @param clients workloads ({@code namespace/name}) or addresses; the first is shown
   */
  public static String offer(String plan, Collection<String> clients) {
    for (String client : clients) {
      String field = plain(client) ? field(client) : null;
      if (field != null) {
        return ("; if it may fail, who holds the verb override says so by POST"
                + " /api/v1/plans/%s/ignored-clients {\"%s\":\"%s\",\"comment\":\"why\"}")
            .formatted(plan, field, client);
      }
    }
    return "";
  }

  private static @Nullable String field(String client) {
    return client.indexOf('/') > 0 ? "workload" : Cidr.isValid(client) ? "cidr" : null;
  }

  /** Returns whether a client is a valid name or address; anything else could alter the call. */
  private static boolean plain(String client) {
    return client
        .chars()
        .allMatch(
            c ->
                (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || "-.:*/".indexOf(c) >= 0);
  }
}
