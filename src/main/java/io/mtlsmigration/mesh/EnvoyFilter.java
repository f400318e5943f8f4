// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.List;

/** A {@code networking.istio.io} EnvoyFilter, reduced to the clusters that it adds. */
public record EnvoyFilter(ObjectRef ref, List<Cluster> clusters) implements OtherObject {

  public EnvoyFilter {
    clusters = List.copyOf(clusters);
  }

  /**
   * An address of a cluster.
   *
   * @param tls true when the cluster has its own transport socket
   */
  public record Cluster(String name, String host, int port, boolean tls) {}
}
