// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.List;
import java.util.Map;

/**
 * A {@code networking.istio.io} EnvoyFilter, reduced to the clusters that it adds and to whether it
 * may hide plaintext.
 *
 * @param selector {@code workloadSelector.labels}; empty = all pods that it reaches
 * @param hidesPlaintext whether it removes or changes what counts the calls of sidecars as servers
 */
public record EnvoyFilter(
    ObjectRef ref, Map<String, String> selector, boolean hidesPlaintext, List<Cluster> clusters)
    implements OtherObject {

  public EnvoyFilter {
    selector = Map.copyOf(selector);
    clusters = List.copyOf(clusters);
  }

  /**
   * An address of a cluster.
   *
   * @param tls true when the cluster has its own transport socket
   */
  public record Cluster(String name, String host, int port, boolean tls) {}
}
