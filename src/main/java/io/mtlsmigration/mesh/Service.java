// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A Kubernetes Service.
 *
 * @param exportTo from the annotation {@code networking.istio.io/exportTo}; empty = the mesh
 *     default
 * @param clusterIps none for a headless one
 * @param externalIps addresses of nodes at which it is called from outside of the cluster
 */
public record Service(
    ObjectRef ref,
    Map<String, String> labels,
    Map<String, String> annotations,
    Map<String, String> selector,
    Type type,
    boolean headless,
    List<ServicePort> ports,
    Set<String> exportTo,
    List<String> clusterIps,
    List<String> externalIps,
    Instant createdAt) {

  /** {@code Service.spec.type}. */
  public enum Type {
    CLUSTER_IP,
    NODE_PORT,
    LOAD_BALANCER,
    EXTERNAL_NAME
  }

  public Service {
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
    selector = Map.copyOf(selector);
    ports = List.copyOf(ports);
    exportTo = Set.copyOf(exportTo);
    clusterIps = List.copyOf(clusterIps);
    externalIps = List.copyOf(externalIps);
  }

  public String namespace() {
    return ref.namespace();
  }

  public String name() {
    return ref.name();
  }

  /** Returns {@code namespace/name}. */
  public String id() {
    return ref.namespace() + "/" + ref.name();
  }

  /** Returns {@code namespace/name:port}, by which probes and their cells name a port of it. */
  public String id(ServicePort port) {
    return id() + ":" + port.port();
  }

  /** Returns true when the selector selects the pod; a Service without a selector selects none. */
  public boolean selects(Pod pod) {
    return !selector.isEmpty() && LabelSelector.containsAll(pod.labels(), selector);
  }

  /**
   * A port of the Service.
   *
   * @param name empty when the port has none
   * @param appProtocol empty when not set
   * @param targetPort a number in decimal, or the name of a container port
   * @param nodePort 0 when there is none
   */
  public record ServicePort(
      String name,
      int port,
      String protocol,
      String appProtocol,
      String targetPort,
      int nodePort) {}
}
