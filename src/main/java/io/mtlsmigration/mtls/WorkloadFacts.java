// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.ContainerPort;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.PodLabels;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mesh.WorkLimit;
import io.mtlsmigration.mesh.WorkloadRef;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Groups the pods of a namespace into workloads and determines what each of them enforces. */
final class WorkloadFacts {

  private WorkloadFacts() {}

  static List<WorkloadModes> of(NamespaceModes modes) {
    Map<WorkloadRef, List<Pod>> pods = new TreeMap<>();
    for (Pod pod : modes.facts().pods()) {
      if (!pod.terminated()) {
        pods.computeIfAbsent(pod.workload(), ignored -> new ArrayList<>()).add(pod);
      }
    }
    List<WorkloadModes> workloads = new ArrayList<>(pods.size());
    pods.forEach((workload, members) -> workloads.add(workload(modes, workload, members)));
    return List.copyOf(workloads);
  }

  private static WorkloadModes workload(
      NamespaceModes modes, WorkloadRef workload, List<Pod> pods) {
    Map<DataPlane, Integer> planes = new EnumMap<>(DataPlane.class);
    TreeSet<PeerAuthentication> losers = new TreeSet<>(PeerAuthentication.OLDEST_FIRST);
    Map<PortKey, Weakest> ports = new TreeMap<>();
    Weakest whole = new Weakest();
    for (Pod pod : pods) {
      planes.merge(pod.dataPlane(), 1, Integer::sum);
      List<EffectiveMode> perhaps = new ArrayList<>(modes.otherwise(pod));
      perhaps.addFirst(modes.of(pod));
      perhaps.forEach(
          mode -> whole.add(pod.dataPlane().captured(), mode.mode(), mode.decidedBy(), false));
      losers.addAll(modes.losers(pod.labels()));
      for (PortKey port : portsOf(modes.facts().services(), pod)) {
        boolean bypassed = bypassed(pod, port);
        Weakest weakest = ports.computeIfAbsent(port, ignored -> new Weakest());
        for (EffectiveMode mode : perhaps) {
          weakest.add(
              pod.dataPlane().captured(),
              mode.of(port.port()),
              mode.decidedBy(port.port()),
              bypassed);
        }
      }
    }
    SortedMap<String, String> labels = PodLabels.common(pods);
    WorkLimit.keep(ports.size() + losers.size() + labels.size());
    List<WorkloadModes.Port> listed = new ArrayList<>(ports.size());
    ports.forEach(
        (key, weakest) ->
            listed.add(
                new WorkloadModes.Port(
                    key.port(),
                    key.protocol(),
                    weakest.mode(),
                    weakest.decidedBy,
                    weakest.bypassed)));
    return new WorkloadModes(
        workload, planes, whole.mode(), whole.decidedBy, listed, List.copyOf(losers), labels);
  }

  private record PortKey(int port, String protocol) implements Comparable<PortKey> {
    private static final Comparator<PortKey> ORDER =
        Comparator.comparingInt(PortKey::port).thenComparing(PortKey::protocol);

    @Override
    public int compareTo(PortKey other) {
      return ORDER.compare(this, other);
    }
  }

  private static SortedSet<PortKey> portsOf(List<Service> services, Pod pod) {
    SortedSet<PortKey> ports = new TreeSet<>();
    for (ContainerPort port : pod.ports()) {
      ports.add(new PortKey(port.port(), port.protocol()));
    }
    for (Service service : services) {
      if (!service.selects(pod)) {
        continue;
      }
      for (ServicePort port : service.ports()) {
        int target = Endpoints.targetPort(port, pod);
        if (target != 0) {
          ports.add(new PortKey(target, port.protocol()));
        }
      }
    }
    return ports;
  }

  private static boolean bypassed(Pod pod, PortKey port) {
    return switch (pod.dataPlane()) {
      case SIDECAR -> !port.protocol().equals("TCP") || pod.inbound().bypasses(port.port());
      case AMBIENT -> !port.protocol().equals("TCP");
      // A gateway's own proxy answers on its ports.
      case GATEWAY -> false;
      case NONE -> true;
    };
  }

  /** Finds the weakest mode; captured pods take precedence over all others. */
  private static final class Weakest {
    private @Nullable MtlsMode mode;
    private @Nullable ObjectRef decidedBy;
    private boolean captured;
    private boolean bypassed;

    void add(
        boolean ofCaptured,
        MtlsMode next,
        @Nullable ObjectRef nextDecidedBy,
        boolean bypassedHere) {
      bypassed |= bypassedHere;
      boolean counts =
          mode == null
              || (ofCaptured && !captured)
              || (ofCaptured == captured && next.compareTo(mode) < 0);
      if (counts) {
        mode = next;
        decidedBy = nextDecidedBy;
        captured = ofCaptured;
      }
    }

    MtlsMode mode() {
      return mode == null ? MtlsMode.PERMISSIVE : mode;
    }
  }
}
