// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.Origin;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The current and former owners of a cluster's addresses. Used by one thread at a time. */
final class Addresses {

  /** The address of the kubelet's probes in ambient (istio-cni's HostProbeSNATIP). */
  private static final String AMBIENT_PROBES = "169.254.7.127";

  private final MeshSnapshot snapshot;
  private final AddressHistory history;
  private final boolean guesses;
  private final Supplier<ClusterNodes.Known> nodes;
  private @Nullable Index index;

  /**
   * Creates the addresses of a snapshot.
   *
   * @param guesses whether to name pods that had ended before the first observation; how long they
   *     had their address is unknown
   */
  Addresses(
      MeshSnapshot snapshot,
      AddressHistory history,
      boolean guesses,
      Supplier<ClusterNodes.Known> nodes) {
    this.snapshot = snapshot;
    this.history = history;
    this.guesses = guesses;
    this.nodes = nodes;
  }

  /** Built for the first address: mostly nothing was refused, and nothing called. */
  private record Index(Map<String, String> hosts, Map<String, String> services) {

    static Index of(MeshSnapshot snapshot) {
      Index index = new Index(new HashMap<>(), new HashMap<>());
      for (NamespaceFacts facts : snapshot.namespaces().values()) {
        for (Pod pod : facts.pods()) {
          if (pod.hostNetwork()) { // it shares the node's address with all its other processes
            pod.addresses().forEach(ip -> index.hosts.put(ip, pod.node()));
          }
        }
        for (Service service : facts.services()) {
          service.clusterIps().forEach(ip -> index.services.put(ip, service.id()));
        }
      }
      return index;
    }
  }

  /**
   * Returns the caller at an address.
   *
   * @param at when; an address may have belonged to several pods, one after the other
   */
  Caller caller(String ip, Instant at) {
    AddressHistory.Holder holder = history.holder(ip, at, guesses);
    Pod pod = holder.pod();
    if (pod != null) {
      return new Caller(pod.workload(), ip, Origin.pod(pod.node()));
    }
    if (holder.ambiguous()) {
      return new Caller(null, ip, Origin.UNKNOWN);
    }
    Index known = index;
    if (known == null) {
      known = Index.of(snapshot);
      index = known;
    }
    String service = known.services().get(ip);
    if (service != null) {
      return new Caller(null, ip, Origin.service(service));
    }
    String host = ip.equals(AMBIENT_PROBES) ? "" : known.hosts().get(ip);
    return new Caller(null, ip, host == null ? elsewhere(ip) : Origin.node(host));
  }

  /**
   * Returns the client at an address that sends plaintext to a sidecar's own port: a pod without a
   * sidecar, for what ztunnel sends with mutual TLS goes to another port. Null for any other: a
   * node may forward what proxies send, or run one, and outside the cluster there may be more of
   * the mesh.
   *
   * @param since when the connection was seen first: whoever has the address now had it then
   */
  @Nullable Caller withoutSidecar(String ip, Instant since, Instant at) {
    Pod pod = history.holder(ip, at, guesses).pod();
    Pod before = history.holder(ip, since, guesses).pod();
    boolean plain =
        pod != null
            && !pod.hostNetwork()
            && (before == null || before.uid().equals(pod.uid()))
            && (pod.dataPlane() == DataPlane.NONE || pod.dataPlane() == DataPlane.AMBIENT);
    return plain ? caller(ip, at) : null;
  }

  /** Returns whether a pod with a proxy has an address, for certain. */
  boolean proxied(String ip, Instant at) {
    Pod pod = history.holder(ip, at, guesses).pod();
    return pod != null
        && (pod.dataPlane() == DataPlane.SIDECAR || pod.dataPlane() == DataPlane.GATEWAY);
  }

  /** Returns whether the caller may become known, once the API server has reported a pod. */
  static boolean unsettled(Caller caller) {
    return switch (caller.origin().kind()) {
      case GONE, OUTSIDE, UNKNOWN -> true;
      case WORKLOAD, NODE, SERVICE -> false;
    };
  }

  /**
   * Returns whether no later view can name another caller: an address passes on unseen while pods
   * are not watched.
   */
  boolean settled(Caller caller, Instant at) {
    return !unsettled(caller) && !snapshot.observedAt().isBefore(at);
  }

  private Origin elsewhere(String ip) {
    ClusterNodes.Known known = nodes.get();
    String name = known.byAddress().get(ip);
    if (name != null) {
      return Origin.node(name);
    }
    return known
        .range(ip)
        .map(range -> range.cidr().beginsWith(ip) ? Origin.node(range.node()) : Origin.GONE)
        .orElse(known.read() ? Origin.OUTSIDE : Origin.UNKNOWN);
  }
}
