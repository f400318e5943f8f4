// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes;

import io.mtlsmigration.kubernetes.inventory.InventoryOptions;
import io.mtlsmigration.kubernetes.istiod.IstiodOptions;
import io.mtlsmigration.kubernetes.lease.LeaseOptions;
import io.mtlsmigration.kubernetes.probe.ProbeOptions;
import io.mtlsmigration.kubernetes.wire.WireOptions;
import java.util.List;
import java.util.function.Function;

/**
 * Options for the use of one cluster.
 *
 * @param personManagers prefixes of field managers whose policies a plan may adopt
 * @param ztunnelNamespace the namespace of ztunnel's DaemonSet
 * @param lease this process' part in the election, for the namespace of the records
 */
public record ClusterOptions(
    ConnectionOptions connection,
    InventoryOptions inventory,
    IstiodOptions istiod,
    List<String> personManagers,
    ProbeOptions probes,
    WireOptions wire,
    String ztunnelNamespace,
    Function<String, LeaseOptions> lease) {

  public ClusterOptions {
    personManagers = List.copyOf(personManagers);
  }
}
