package io.mtlsmigration.kubernetes.logs;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.mesh.Inventory;

/**
 * Where access logs are read, and what tells whose they are.
 *
 * @param history shared by all who read: who had which address
 * @param ztunnels the namespace that ztunnel runs in
 */
public record LogSource(
    KubernetesClient client,
    Inventory inventory,
    ClusterNodes nodes,
    AddressHistory history,
    String ztunnels) {}
