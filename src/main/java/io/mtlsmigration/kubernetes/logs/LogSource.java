// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.mesh.Inventory;
import java.util.concurrent.ExecutorService;
import java.util.function.IntFunction;

/**
 * The source of access logs, with the facts that identify the parties in them.
 *
 * @param history the owners of addresses, shared by all readers
 * @param ztunnels the namespace that ztunnel runs in
 * @param readers begun for one reading of so many pods at once, and closed after it
 */
public record LogSource(
    KubernetesClient client,
    Inventory inventory,
    ClusterNodes nodes,
    AddressHistory history,
    String ztunnels,
    IntFunction<ExecutorService> readers) {

  /** Read by several threads at the same time. */
  public LogSource(
      KubernetesClient client,
      Inventory inventory,
      ClusterNodes nodes,
      AddressHistory history,
      String ztunnels) {
    this(client, inventory, nodes, history, ztunnels, LogReaders::begin);
  }
}
