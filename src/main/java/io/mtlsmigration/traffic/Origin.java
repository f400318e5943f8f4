package io.mtlsmigration.traffic;

/**
 * Where a client calls from, as its address tells.
 *
 * @param node the node that the client's pod runs on, or that the address is of; empty when unknown
 * @param service {@code namespace/name} of the Service that has the address; else empty
 */
public record Origin(ClientKind kind, String node, String service) {

  public static final Origin UNKNOWN = new Origin(ClientKind.UNKNOWN, "", "");
  public static final Origin GONE = new Origin(ClientKind.GONE, "", "");
  public static final Origin OUTSIDE = new Origin(ClientKind.OUTSIDE, "", "");

  /** What has the address. */
  public enum ClientKind {
    /** A pod of a workload that is known. */
    WORKLOAD,
    /**
     * A node, its bridge or its tunnel: the kubelet, a pod on the host's network, or somebody whose
     * calls the node sends on (a node port, or a load balancer with externalTrafficPolicy Cluster).
     */
    NODE,
    /** A Service's cluster IP. */
    SERVICE,
    /** An address that the cluster gives to pods, and that no pod has any more. */
    GONE,
    /** Nothing in the cluster has it. */
    OUTSIDE,
    /** No address is known, or not enough of the cluster to tell whose it is. */
    UNKNOWN
  }

  /**
   * A pod of a known workload.
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
   * A cluster IP.
   *
   * @param id {@code namespace/name}
   */
  public static Origin service(String id) {
    return new Origin(ClientKind.SERVICE, "", id);
  }
}
