// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.mesh.ContainerPort;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.InboundCapture;
import io.mtlsmigration.mesh.Lifecycle;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A Deployment, its template, its pods and the Service in front of it, if it serves. */
final class Workload {

  static final int PORT = 8080;

  /** Those that exceptions name: mostly nobody listens at the second one. */
  static final List<Integer> PORTS = List.of(PORT, 9090);

  private static final Service.ServicePort HTTP =
      new Service.ServicePort("http", 8000, "TCP", "", Integer.toString(PORT), 0);

  private static final Service.ServicePort SECOND =
      new Service.ServicePort("http-second", 9000, "TCP", "", "9090", 0);

  private static final List<Service.ServicePort> NO_PORTS = List.of();
  private static final List<Service.ServicePort> FIRST = List.of(HTTP);
  private static final List<Service.ServicePort> BOTH = List.of(HTTP, SECOND);

  final String id;
  final String namespace;
  final String name;
  final boolean serves;
  final boolean job;
  DataPlane dataPlane;

  /** Whether any proxy was ever started again in its pod. */
  boolean rebooted;

  /** Whether somebody listens at the second port as well. */
  boolean second;

  List<Pod> pods = new ArrayList<>();

  /**
   * When the proxy of each pod that there ever was began and ended; {@link Long#MAX_VALUE} while it
   * is there. One that was started again has several.
   */
  final List<Life> lives = new ArrayList<>();

  /** When its proxies' listeners began to be strict, or ended: Envoy drops their counters. */
  final List<Long> drops = new ArrayList<>();

  /** The dry runs that its proxies have counted. */
  private final List<Shadow> shadows = new ArrayList<>();

  /** When its sidecars counted nothing. */
  private final List<Span> uncounted = new ArrayList<>();

  /** By which its Service, policies and exceptions select its pods, or do not. */
  String app;

  /** Its pods are spread over them. */
  final List<String> nodes;

  private final Instant createdAt;

  /** As it was last asked for. */
  private @Nullable Service service;

  private int made;

  /** After {@code from}, and up to {@code to}. */
  private record Span(long from, long to) {}

  /** One proxy counts a dry run: after {@code from}, and up to {@code to}. */
  record Shadow(String pod, long from, long to, Set<Integer> notPorts) {}

  /** From inclusive, to exclusive. */
  record Life(String pod, String node, long from, long to, DataPlane dataPlane) {
    Life until(long end) {
      return new Life(pod, node, from, end, dataPlane);
    }
  }

  Workload(
      String namespace,
      String name,
      DataPlane dataPlane,
      boolean serves,
      Instant createdAt,
      List<String> nodes) {
    this.nodes = nodes;
    this.id = namespace + "/" + name;
    this.namespace = namespace;
    this.name = name;
    this.dataPlane = dataPlane;
    this.serves = serves;
    this.job = false;
    this.app = Ztunnel.is(id) ? "ztunnel" : name;
    this.createdAt = createdAt;
  }

  String id() {
    return id;
  }

  WorkloadRef ref() {
    return Ztunnel.is(id)
        ? new WorkloadRef(namespace, "DaemonSet", "ztunnel")
        : new WorkloadRef(namespace, "Deployment", name);
  }

  Map<String, String> labels() {
    Map<String, String> labels = new HashMap<>(Map.of("app", app));
    if (dataPlane == DataPlane.SIDECAR) {
      labels.put(Pod.TLS_MODE_LABEL, "istio");
    }
    return labels;
  }

  /** The next time at which counters of before are gone; never is the end of time. */
  long droppedAfter(long call) {
    return drops.stream().filter(at -> at >= call).findFirst().orElse(Long.MAX_VALUE);
  }

  void dropsCounters(long now) {
    if (drops.isEmpty() || drops.getLast() < now) {
      drops.add(now);
    }
  }

  /** A Telemetry keeps its sidecars from counting from now on, or does so no more. */
  void counting(boolean on, long now) {
    boolean uncounting = !uncounted.isEmpty() && uncounted.getLast().to() == Long.MAX_VALUE;
    if (on && uncounting) {
      uncounted.add(new Span(uncounted.removeLast().from(), now));
    } else if (!on && !uncounting) {
      uncounted.add(new Span(now, Long.MAX_VALUE));
    }
    dropsCounters(now); // its listeners are others
  }

  /** How many calls its sidecars counted after {@code from} and up to {@code to}. */
  long counts(Calls.Flow flow, long from, long to) {
    long count = flow.count(from, to);
    for (Span span : uncounted) {
      count -= flow.count(Math.max(from, span.from()), Math.min(to, span.to()));
    }
    return count;
  }

  /** Ends all pods, and begins so many others from the template. */
  void restart(int replicas, long now, Instant at) {
    pods.forEach(pod -> ends(pod, now));
    List<Pod> next = new ArrayList<>();
    for (int i = 0; i < replicas; i++) {
      next.add(begins(pod(at), now));
    }
    pods = next;
  }

  /** Another pod comes in the place of the first one. */
  void evict(long now, Instant at) {
    pods.stream().findFirst().ifPresent(first -> evict(first, now, at));
  }

  private void evict(Pod pod, long now, Instant at) {
    ends(pod, now);
    List<Pod> next = new ArrayList<>(pods);
    next.remove(pod);
    next.add(begins(pod(at), now));
    pods = next;
  }

  /** A node goes: other nodes get its pods. */
  void drain(String node, long now, Instant at) {
    if (nodes.contains(node)) {
      restart(0, now, at); // of a DaemonSet
    }
    pods.stream().filter(pod -> pod.node().equals(node)).forEach(pod -> evict(pod, now, at));
  }

  /** Another pod comes beside the one of a DaemonSet, and does not run yet. */
  Pod surge(Instant at) {
    Pod next = pod(at);
    pods = new ArrayList<>(pods);
    pods.add(with(next, "", false));
    return next;
  }

  /** It runs now, and takes over. */
  void takesOver(Pod surged, long now) {
    if (pods.stream().anyMatch(pod -> pod.uid().equals(surged.uid()))) {
      pods.forEach(pod -> ends(pod, now));
      pods = new ArrayList<>(List.of(begins(surged, now)));
    }
  }

  /** The proxies are started again, each in its pod. */
  void reboot(long now) {
    rebooted = true;
    pods =
        new ArrayList<>(
            pods.stream()
                .map(
                    pod -> {
                      ends(pod, now);
                      return begins(rebooted(pod), now);
                    })
                .toList());
  }

  private void ends(Pod pod, long now) {
    lives.replaceAll(
        life ->
            life.pod().equals(pod.name()) && life.to() == Long.MAX_VALUE ? life.until(now) : life);
  }

  private Pod begins(Pod pod, long now) {
    lives.add(new Life(pod.name(), pod.node(), now, Long.MAX_VALUE, pod.dataPlane()));
    return pod;
  }

  /** Each pod's proxy counts the dry run that it goes by from now on. */
  void counts(long now, Function<Pod, DryRuns.Stored> goesBy) {
    Map<String, Set<Integer>> next = new HashMap<>();
    for (Pod pod : pods) {
      DryRuns.Stored stored = goesBy.apply(pod);
      if (stored.there()) {
        next.put(pod.name(), stored.notPorts());
      }
    }
    for (int i = 0; i < shadows.size(); i++) {
      Shadow open = shadows.get(i);
      if (open.to() != Long.MAX_VALUE) {
        continue;
      }
      Life life = life(open.pod(), Long.MAX_VALUE);
      boolean same = life != null && life.to() == Long.MAX_VALUE && life.from() <= open.from();
      if (same && open.notPorts().equals(next.get(open.pod()))) {
        next.remove(open.pod());
      } else {
        shadows.set(i, new Shadow(open.pod(), open.from(), now, open.notPorts()));
      }
    }
    next.forEach((pod, ports) -> shadows.add(new Shadow(pod, now, Long.MAX_VALUE, ports)));
  }

  /** The dry runs that a proxy has counted, the first one first. */
  List<Shadow> shadows(Life life) {
    return shadows.isEmpty()
        ? List.of()
        : shadows.stream()
            .filter(one -> one.pod().equals(life.pod()))
            .filter(one -> one.from() >= life.from() && one.from() < life.to())
            .toList();
  }

  /** Its proxy's life at a time, or the last one before. */
  @Nullable Life life(String pod, long at) {
    Life found = null;
    for (Life life : lives) {
      if (life.pod().equals(pod) && (found == null || life.from() <= at)) {
        found = life;
      }
    }
    return found;
  }

  /** The life of the same pod's proxy before; null when there was none. */
  @Nullable Life before(Life life) {
    Life found = null;
    for (Life one : lives.subList(0, lives.lastIndexOf(life))) {
      found = one.pod().equals(life.pod()) ? one : found;
    }
    return found;
  }

  /** The second in which a pod began. */
  long began(Pod pod) {
    Life life = life(pod.name(), Long.MAX_VALUE);
    return life == null ? 0 : life.from();
  }

  private static Pod rebooted(Pod pod) {
    return with(pod, pod.labels(), pod.proxyRestarts() + 1);
  }

  private static Pod with(Pod pod, Map<String, String> labels, int restarts) {
    return with(pod, labels, restarts, pod.ip(), pod.ready());
  }

  private static Pod with(Pod pod, String ip, boolean ready) {
    return with(pod, pod.labels(), pod.proxyRestarts(), ip, ready);
  }

  private static Pod with(
      Pod pod, Map<String, String> labels, int restarts, String ip, boolean ready) {
    return new Pod(
        pod.ref(),
        pod.uid(),
        pod.workload(),
        labels,
        pod.annotations(),
        pod.dataPlane(),
        pod.inbound(),
        pod.hostNetwork(),
        pod.ports(),
        pod.lifecycle(),
        ip,
        pod.otherIps(),
        pod.node(),
        pod.serviceAccount(),
        ready,
        pod.terminated(),
        restarts,
        pod.proxyUnstarted(),
        pod.createdAt());
  }

  /** Its pods are given another label {@code app}, and its template, too. */
  void relabel(String next) {
    app = next;
    pods =
        new ArrayList<>(
            pods.stream().map(pod -> with(pod, labels(), pod.proxyRestarts())).toList());
  }

  /** With what the UID of a pod begins. */
  String uid(String pod) {
    return "uid-" + namespace + "-" + pod + "-";
  }

  private Pod pod(Instant at) {
    String pod = name + "-" + ++made;
    return new Pod(
        new ObjectRef("Pod", namespace, pod),
        uid(pod) + at.getEpochSecond(),
        ref(),
        labels(),
        dataPlane == DataPlane.SIDECAR ? Map.of("sidecar.istio.io/status", "{}") : Map.of(),
        dataPlane,
        InboundCapture.EVERYTHING,
        false,
        serves ? List.of(new ContainerPort("", PORT, "TCP", 0)) : List.of(),
        Lifecycle.PLAIN,
        ip(namespace, name, pod),
        List.of(),
        nodes.get(made % nodes.size()),
        "default",
        true,
        false,
        0,
        false,
        at);
  }

  /** The address of a pod that there is, or was. */
  static String ip(String namespace, String workload, String pod) {
    return "10."
        + Math.floorMod(namespace.hashCode(), 200)
        + "."
        + Math.floorMod(workload.hashCode(), 200)
        + pod.substring(pod.lastIndexOf('-')).replace('-', '.');
  }

  /** The port of its Service that leads to one of its own; null when none does. */
  Service.@Nullable ServicePort port(int target) {
    Service service = service();
    for (Service.ServicePort port : service == null ? NO_PORTS : service.ports()) {
      if (port.targetPort().equals(Integer.toString(target))) {
        return port;
      }
    }
    return null;
  }

  @Nullable Service service() {
    List<Service.ServicePort> ports = second ? BOTH : FIRST;
    if (serves && (service == null || !service.ports().equals(ports))) {
      service =
          new Service(
              new ObjectRef("Service", namespace, name),
              Map.of(),
              Map.of(),
              Map.of("app", name),
              Service.Type.CLUSTER_IP,
              false,
              ports,
              Set.of(),
              List.of(),
              List.of(),
              createdAt);
    }
    return service;
  }
}
