// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.logs;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.Pod;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The proxies in front of the servers of some namespaces, whose logs are worth reading.
 *
 * @param proxies by the UID of the proxy's pod
 * @param byNamespace the servers of each namespace, with the UID of the pod that has their proxy;
 *     null where it is unknown
 */
record WatchedServers(Map<String, Proxy> proxies, Map<String, List<Server>> byNamespace) {

  /**
   * A proxy.
   *
   * @param pod that has the container {@code istio-proxy}
   * @param servers by their addresses
   */
  record Proxy(Pod pod, LineFormat format, Map<String, Pod> servers) {}

  record Server(Pod pod, @Nullable String proxy) {}

  /**
   * The scope of interest.
   *
   * @param namespaces of servers
   * @param ztunnels the namespace that the mesh's administrators run ztunnel in
   */
  record Scope(Set<String> namespaces, String ztunnels) {}

  /**
   * Returns whether a pod is a ztunnel, by the label of Istio's chart and the namespace of the
   * scope: anybody may put that label on a pod of their own, and forge refusals in its log.
   */
  static boolean ztunnel(Pod pod) {
    return "ztunnel".equals(pod.labels().get("app")) && pod.workload().kind().equals("DaemonSet");
  }

  /**
   * Finds the proxies.
   *
   * @param wanted selects the pods that are servers of interest
   */
  static WatchedServers of(MeshSnapshot snapshot, Scope scope, Predicate<Pod> wanted) {
    if (scope.namespaces().isEmpty()) {
      return new WatchedServers(Map.of(), Map.of());
    }
    EnvoyLayouts layouts = EnvoyLayouts.of(snapshot.settings().accessLogs());
    Map<String, Proxy> proxies = new LinkedHashMap<>();
    Map<String, List<Server>> byNamespace = new HashMap<>();
    List<Pod> ambient = new ArrayList<>();
    for (String namespace : scope.namespaces()) {
      List<Server> servers = new ArrayList<>();
      NamespaceFacts facts = snapshot.namespace(namespace);
      for (Pod pod : facts == null ? List.<Pod>of() : facts.pods()) {
        if (!running(pod) || !wanted.test(pod)) {
          continue;
        }
        if (pod.dataPlane() == DataPlane.SIDECAR) {
          proxies.put(pod.uid(), new Proxy(pod, new EnvoyFormat(pod, layouts), addresses(pod)));
          servers.add(new Server(pod, pod.uid()));
        } else if (pod.dataPlane() == DataPlane.AMBIENT) {
          ambient.add(pod);
        }
      }
      byNamespace.put(namespace, servers);
    }
    if (!ambient.isEmpty()) {
      Map<String, Pod> ztunnels = ztunnels(snapshot.namespace(scope.ztunnels()));
      for (Pod pod : ambient) {
        servers(byNamespace, pod).add(new Server(pod, behind(pod, ztunnels, proxies)));
      }
    }
    return new WatchedServers(proxies, byNamespace);
  }

  private static List<Server> servers(Map<String, List<Server>> byNamespace, Pod pod) {
    return byNamespace.computeIfAbsent(pod.namespace(), n -> new ArrayList<>());
  }

  /** Returns the UID of the ztunnel in front of a pod; null when its node has none. */
  private static @Nullable String behind(
      Pod pod, Map<String, Pod> ztunnels, Map<String, Proxy> proxies) {
    Pod ztunnel = ztunnels.get(pod.node());
    if (ztunnel == null) {
      return null;
    }
    proxies
        .computeIfAbsent(
            ztunnel.uid(), uid -> new Proxy(ztunnel, new ZtunnelFormat(), new HashMap<>()))
        .servers()
        .putAll(addresses(pod));
    return ztunnel.uid();
  }

  /** Returns the ztunnels by their nodes. While one replaces another, the ready one counts. */
  private static Map<String, Pod> ztunnels(@Nullable NamespaceFacts facts) {
    Map<String, Pod> byNode = new HashMap<>();
    for (Pod pod : facts == null ? List.<Pod>of() : facts.pods()) {
      if (ztunnel(pod) && running(pod)) {
        byNode.merge(pod.node(), pod, (one, other) -> other.ready() ? other : one);
      }
    }
    return byNode;
  }

  private static boolean running(Pod pod) {
    return !pod.terminated() && !pod.ip().isEmpty();
  }

  private static Map<String, Pod> addresses(Pod pod) {
    Map<String, Pod> addresses = new HashMap<>();
    pod.addresses().forEach(ip -> addresses.put(ip, pod));
    return addresses;
  }
}
