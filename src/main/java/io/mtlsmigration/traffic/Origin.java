// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

/**
 * The origin of a client, as its address tells.
 *
 * @param node the node that the client's pod runs on, or that the address belongs to; empty when
 *     unknown
 * @param service {@code namespace/name} of the Service that has the address; else empty
 */
public record Origin(ClientKind kind, String node, String service) {

  public static final Origin UNKNOWN = new Origin(ClientKind.UNKNOWN, "", "");
  public static final Origin GONE = new Origin(ClientKind.GONE, "", "");
  public static final Origin OUTSIDE = new Origin(ClientKind.OUTSIDE, "", "");

  /** The kind of the address's owner. */
  public enum ClientKind {
    /** A pod of a known workload. */
    WORKLOAD,
    /**
     * A node, its bridge or its tunnel: the kubelet, a pod on the host's network, or a client whose
     * calls the node forwards (a node port, or a load balancer with externalTrafficPolicy Cluster).
     */
    NODE,
    /** A Service's cluster IP. */
    SERVICE,
    /** An address of the pod network that no pod has any more. */
    GONE,
    /** An address outside the cluster. */
    OUTSIDE,
    /** No address is known, or not enough of the cluster to tell its owner. */
    UNKNOWN
  }

  /**
   * Returns the origin of a pod of a known workload.
   *
   * @param node empty when unknown
   */
  public static Origin pod(String node) {
    return new Origin(ClientKind.WORKLOAD, node, "");
  }

  public static Origin node(String name) {
    return new Origin(ClientKind.NODE, name, "");
  }

  /**
   * Returns the origin of a cluster IP.
   *
   * @param id {@code namespace/name}
   */
  public static Origin service(String id) {
    return new Origin(ClientKind.SERVICE, "", id);
  }
}
