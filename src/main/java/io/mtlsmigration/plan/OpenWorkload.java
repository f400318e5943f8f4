// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.ContainerPort;
import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.Service;
import io.mtlsmigration.mesh.Service.ServicePort;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.Backend;
import io.mtlsmigration.mtls.EffectiveMode;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.NamespaceModes;
import io.mtlsmigration.probe.PortSpeech;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A workload whose proxies accept plaintext on some port.
 *
 * @param pods its captured pods
 * @param whole true when a port that nobody has named is open too
 * @param ports known container ports that accept plaintext, through the proxy
 * @param http those of them on which a sidecar understands HTTP: by name, or by protocol detection;
 *     never on ztunnel, which understands none
 * @param bypassed known ports without a proxy in front of them to enforce anything
 * @param disabledBy the policy that forbids mutual TLS on some port; null when none does
 */
record OpenWorkload(
    WorkloadRef ref,
    List<Pod> pods,
    boolean whole,
    NavigableSet<Integer> ports,
    Set<Integer> http,
    NavigableSet<Integer> bypassed,
    @Nullable ObjectRef disabledBy) {

  /** Returns the open workloads of a namespace in their order. */
  static List<OpenWorkload> of(MeshModes modes, String namespace) {
    NamespaceModes own = modes.namespace(namespace);
    Map<WorkloadRef, List<Pod>> captured = new TreeMap<>();
    for (Pod pod : ScopeModes.capturedPods(own.facts())) {
      captured.computeIfAbsent(pod.workload(), w -> new ArrayList<>()).add(pod);
    }
    List<OpenWorkload> open = new ArrayList<>();
    if (captured.isEmpty()) {
      return open;
    }
    Spoken spoken = Spoken.in(modes, own.facts());
    captured.forEach(
        (ref, pods) -> {
          OpenWorkload workload = of(ref, pods, own, spoken);
          if (workload != null) {
            open.add(workload);
          }
        });
    return open;
  }

  private static @Nullable OpenWorkload of(
      WorkloadRef ref, List<Pod> pods, NamespaceModes own, Spoken spoken) {
    NavigableSet<Integer> ports = new TreeSet<>();
    NavigableSet<Integer> bypassed = new TreeSet<>();
    Set<Integer> notHttp = new HashSet<>();
    ObjectRef disabledBy = null;
    boolean whole = false;
    for (Pod pod : pods) {
      EffectiveMode mode = own.of(pod);
      whole |= mode.mode() != MtlsMode.STRICT;
      for (int port : spoken.ports(pod, mode)) {
        if (pod.dataPlane() == DataPlane.SIDECAR && pod.inbound().bypasses(port)) {
          bypassed.add(port);
        } else if (mode.of(port) != MtlsMode.STRICT) {
          ports.add(port);
          if (pod.dataPlane() == DataPlane.AMBIENT || !spoken.http(pod, port)) {
            notHttp.add(port);
          }
          disabledBy = mode.of(port) == MtlsMode.DISABLE ? mode.decidedBy(port) : disabledBy;
        }
      }
      disabledBy = mode.mode() == MtlsMode.DISABLE ? mode.decidedBy() : disabledBy;
    }
    if (!whole && ports.isEmpty()) {
      return null;
    }
    Set<Integer> http = new HashSet<>(ports);
    http.removeAll(notHttp);
    return new OpenWorkload(ref, pods, whole, ports, http, bypassed, disabledBy);
  }

  boolean ambient() {
    return pods.stream().anyMatch(pod -> pod.dataPlane() == DataPlane.AMBIENT);
  }

  /** The protocols of ports by the Services in front of them. */
  private record Spoken(Map<ObjectRef, Map<Integer, Boolean>> http) {

    static Spoken in(MeshModes modes, NamespaceFacts facts) {
      Map<ObjectRef, Map<Integer, Boolean>> http = new TreeMap<>();
      for (Service service : facts.services()) {
        for (ServicePort port : service.ports()) {
          boolean speaks = port.protocol().isEmpty() || port.protocol().equals("TCP");
          for (Backend backend : modes.reachability().backends(service, port)) {
            Pod pod = backend.pod();
            if (pod != null && speaks) {
              http.computeIfAbsent(pod.ref(), p -> new TreeMap<>())
                  .merge(backend.targetPort(), isHttp(port), Boolean::logicalAnd);
            }
          }
        }
      }
      return new Spoken(http);
    }

    private static boolean isHttp(ServicePort port) {
      PortSpeech speech = PortSpeech.of(port);
      return speech == PortSpeech.HTTP || speech == PortSpeech.HTTP2;
    }

    /** Returns the ports that are declared, behind a Service, or named by a policy. */
    NavigableSet<Integer> ports(Pod pod, EffectiveMode mode) {
      NavigableSet<Integer> ports = new TreeSet<>(mode.ports().keySet());
      for (ContainerPort port : pod.ports()) {
        if (port.protocol().equals("TCP")) {
          ports.add(port.port());
        }
      }
      ports.addAll(http.getOrDefault(pod.ref(), Map.of()).keySet());
      return ports;
    }

    /** Returns whether a port may be HTTP; without a Service, the sidecar detects the protocol. */
    boolean http(Pod pod, int port) {
      return http.getOrDefault(pod.ref(), Map.of()).getOrDefault(port, true);
    }
  }
}
