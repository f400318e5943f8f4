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
import org.jspecify.annotations.Nullable;

/** A Deployment, its template, its pods and the Service in front of it, if it serves. */
final class Workload {

  static final int PORT = 8080;

  /** Those that exceptions name: nobody listens on the second one. */
  static final List<Integer> PORTS = List.of(PORT, 9090);

  final String namespace;
  final String name;
  final boolean serves;
  final boolean job;
  DataPlane dataPlane;
  List<Pod> pods = new ArrayList<>();

  /**
   * When each pod that there ever was began and ended; {@link Long#MAX_VALUE} while it is there.
   */
  final Map<String, Life> lives = new HashMap<>();

  private final Instant createdAt;
  private int made;

  /** From inclusive, to exclusive. */
  record Life(long from, long to, DataPlane dataPlane) {}

  Workload(String namespace, String name, DataPlane dataPlane, boolean serves, Instant createdAt) {
    this.namespace = namespace;
    this.name = name;
    this.dataPlane = dataPlane;
    this.serves = serves;
    this.job = false;
    this.createdAt = createdAt;
  }

  String id() {
    return namespace + "/" + name;
  }

  WorkloadRef ref() {
    return new WorkloadRef(namespace, "Deployment", name);
  }

  Map<String, String> labels() {
    Map<String, String> labels = new HashMap<>(Map.of("app", name));
    if (dataPlane == DataPlane.SIDECAR) {
      labels.put(Pod.TLS_MODE_LABEL, "istio");
    }
    return labels;
  }

  /** Ends all pods, and begins so many others from the template. */
  void restart(int replicas, long now, Instant at) {
    for (Pod pod : pods) {
      lives.computeIfPresent(pod.name(), (n, life) -> new Life(life.from(), now, life.dataPlane()));
    }
    List<Pod> next = new ArrayList<>();
    for (int i = 0; i < replicas; i++) {
      Pod pod = pod(at);
      lives.put(pod.name(), new Life(now, Long.MAX_VALUE, pod.dataPlane()));
      next.add(pod);
    }
    pods = next;
  }

  private Pod pod(Instant at) {
    String pod = name + "-" + ++made;
    int block = Math.floorMod(namespace.hashCode(), 200);
    return new Pod(
        new ObjectRef("Pod", namespace, pod),
        "uid-" + namespace + "-" + pod + "-" + at.getEpochSecond(),
        ref(),
        labels(),
        dataPlane == DataPlane.SIDECAR ? Map.of("sidecar.istio.io/status", "{}") : Map.of(),
        dataPlane,
        InboundCapture.EVERYTHING,
        false,
        serves ? List.of(new ContainerPort("", PORT, "TCP", 0)) : List.of(),
        Lifecycle.PLAIN,
        "10." + block + "." + Math.floorMod(name.hashCode(), 200) + "." + made,
        List.of(),
        "node",
        "default",
        true,
        false,
        0,
        at);
  }

  @Nullable Service service() {
    return serves
        ? new Service(
            new ObjectRef("Service", namespace, name),
            Map.of(),
            Map.of(),
            Map.of("app", name),
            Service.Type.CLUSTER_IP,
            false,
            List.of(new Service.ServicePort("http", 8000, "TCP", "", Integer.toString(PORT), 0)),
            Set.of(),
            List.of(),
            createdAt)
        : null;
  }
}
