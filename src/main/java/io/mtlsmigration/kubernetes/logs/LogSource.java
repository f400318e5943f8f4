package io.mtlsmigration.kubernetes.logs;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.mesh.Inventory;

/**
 * The source of access logs, with the facts that identify the parties in them.
 *
 * @param history the owners of addresses, shared by all readers
 * @param ztunnels the namespace that ztunnel runs in
 */
public record LogSource(
    KubernetesClient client,
    Inventory inventory,
    ClusterNodes nodes,
    AddressHistory history,
    String ztunnels) {}
