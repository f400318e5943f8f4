package io.mtlsmigration.kubernetes.logs;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.Origin;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Who has, or had, the addresses of a cluster. Used by one thread at a time. */
final class Addresses {

  /** From where ambient lets the kubelet's probes come (istio-cni's HostProbeSNATIP). */
  private static final String AMBIENT_PROBES = "169.254.7.127";

  /** Between the clocks of nodes and of the API server. */
  private static final Duration SKEW = Duration.ofSeconds(2);

  private final MeshSnapshot snapshot;
  private final boolean ended;
  private final Supplier<ClusterNodes.Known> nodes;
  private @Nullable Index index;

  /**
   * @param ended whether pods that run no more are named: a job may have called and ended, and
   *     somebody else may have its address since
   */
  Addresses(MeshSnapshot snapshot, boolean ended, Supplier<ClusterNodes.Known> nodes) {
    this.snapshot = snapshot;
    this.ended = ended;
    this.nodes = nodes;
  }

  /** Made when the first address is asked for: mostly nobody was refused, and nobody called. */
  private record Index(
      Map<String, List<Pod>> pods, Map<String, String> hosts, Map<String, String> services) {

    static Index of(MeshSnapshot snapshot) {
      Index index = new Index(new HashMap<>(), new HashMap<>(), new HashMap<>());
      for (NamespaceFacts facts : snapshot.namespaces().values()) {
        facts.pods().forEach(index::add);
        for (Service service : facts.services()) {
          service.clusterIps().forEach(ip -> index.services.put(ip, service.id()));
        }
      }
      return index;
    }

    /** Pods on the host's network share the node's address with everything else there. */
    private void add(Pod pod) {
      for (String ip : pod.addresses()) {
        if (pod.hostNetwork()) {
          hosts.put(ip, pod.node());
        } else {
          pods.computeIfAbsent(ip, i -> new ArrayList<>(1)).add(pod);
        }
      }
    }
  }

  /**
   * Who called from an address.
   *
   * @param at when; an address may have had several pods one after the other
   */
  Caller caller(String ip, Instant at) {
    Index known = index;
    if (known == null) {
      known = Index.of(snapshot);
      index = known;
    }
    Pod pod = pod(known.pods().getOrDefault(ip, List.of()), at);
    if (pod != null) {
      return new Caller(pod.workload(), ip, Origin.pod(pod.node()));
    }
    String service = known.services().get(ip);
    if (service != null) {
      return new Caller(null, ip, Origin.service(service));
    }
    String host = ip.equals(AMBIENT_PROBES) ? "" : known.hosts().get(ip);
    return new Caller(null, ip, host == null ? elsewhere(ip) : Origin.node(host));
  }

  /** The one that runs; else the last that did. None that was made after the call. */
  private @Nullable Pod pod(List<Pod> pods, Instant at) {
    return pods.stream()
        .filter(pod -> ended || !pod.terminated())
        .filter(pod -> !pod.createdAt().isAfter(at.plus(SKEW)))
        .max(Comparator.comparing((Pod pod) -> !pod.terminated()).thenComparing(Pod::createdAt))
        .orElse(null);
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
