// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A pod, reduced to what the core reads.
 *
 * @param annotations only those that the core reads (Istio's, Prometheus' and the like)
 * @param ports declared ports of all containers, without the proxy's own
 * @param ip the first pod IP; empty until one is assigned
 * @param otherIps the pod's addresses of the other family, where a cluster is dual-stack
 * @param node empty until scheduled
 * @param terminated true in phase Succeeded or Failed: it neither serves nor calls
 * @param proxyRestarts number of restarts of its container {@code istio-proxy}
 * @param proxyUnstarted true when it has a sidecar that is known never to have run
 */
public record Pod(
    ObjectRef ref,
    String uid,
    WorkloadRef workload,
    Map<String, String> labels,
    Map<String, String> annotations,
    DataPlane dataPlane,
    InboundCapture inbound,
    boolean hostNetwork,
    List<ContainerPort> ports,
    Lifecycle lifecycle,
    String ip,
    List<String> otherIps,
    String node,
    String serviceAccount,
    boolean ready,
    boolean terminated,
    int proxyRestarts,
    boolean proxyUnstarted,
    Instant createdAt) {

  /** The label set by injection; istiod sends mutual TLS only to endpoints that carry it. */
  public static final String TLS_MODE_LABEL = "security.istio.io/tlsMode";

  /** The label that names the controller of a Gateway's pods. */
  public static final String GATEWAY_LABEL = "gateway.istio.io/managed";

  /** The label that renames the pod's workload in Istio's metrics, unless it was set too late. */
  private static final String WORKLOAD_NAME_LABEL = "service.istio.io/workload-name";

  public Pod {
    labels = Map.copyOf(labels);
    annotations = Map.copyOf(annotations);
    ports = List.copyOf(ports);
    otherIps = List.copyOf(otherIps);
  }

  public String namespace() {
    return ref.namespace();
  }

  public String name() {
    return ref.name();
  }

  /** Returns the pod's addresses, the first one first; none until one is assigned. */
  public List<String> addresses() {
    if (otherIps.isEmpty()) {
      return ip.isEmpty() ? List.of() : List.of(ip);
    }
    List<String> all = new ArrayList<>(otherIps);
    all.addFirst(ip);
    return all;
  }

  /** Returns whether its own {@code ProxyConfig} may differ from the mesh's in Envoy's headers. */
  public boolean setsDebugHeaders() {
    return annotations.getOrDefault("proxy.istio.io/config", "").contains("envoyDebugHeaders");
  }

  /** Returns whether it is a gateway of Istio, also one that ztunnel captures. */
  public boolean gateway() {
    return dataPlane == DataPlane.GATEWAY
        || (dataPlane == DataPlane.AMBIENT
            && labels.getOrDefault(GATEWAY_LABEL, "").startsWith("istio.io-"));
  }

  /** Returns whether an Envoy of its own calls for it, by DestinationRules. */
  public boolean callsThroughEnvoy() {
    return dataPlane == DataPlane.SIDECAR || gateway();
  }

  /** Returns true for each of the pod's addresses, in the API server's spelling. */
  public boolean hasAddress(String address) {
    return !address.isEmpty() && (ip.equals(address) || otherIps.contains(address));
  }

  /** Returns the name that its label gives to its workload in metrics; empty when it has none. */
  public String workloadAlias() {
    return labels.getOrDefault(WORKLOAD_NAME_LABEL, "");
  }

  /** Returns whether Istio's metrics may call the pod's workload so. */
  public boolean mayBeReportedAs(String name) {
    return workload.name().equals(name) || workloadAlias().equals(name);
  }

  /** Returns true when the pod announces to istiod that it can terminate Istio mutual TLS. */
  public boolean announcesIstioTls() {
    return "istio".equals(labels.get(TLS_MODE_LABEL));
  }

  /**
   * Returns true when a proxy stands before a TCP port, whether or not the pod declares it, so that
   * PeerAuthentication governs it.
   */
  public boolean governed(int port) {
    return dataPlane.captured() && !inbound.bypasses(port);
  }
}
