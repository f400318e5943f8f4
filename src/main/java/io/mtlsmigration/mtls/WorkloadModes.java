// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.WorkloadRef;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The modes that one workload enforces. Pods of a workload may differ, in labels and in capture,
 * during a rollout; then the weakest mode of its captured pods counts, because an intruder would
 * find that one. The same holds where it is not known which is in force ({@link
 * NamespaceModes#otherwise}).
 *
 * @param pods number of pods by data plane, without finished ones; never empty
 * @param mode mode of a port that no policy names; what it would be where no pod is captured.
 *     Gateways have one here too, but it governs nothing: see {@link #governed}
 * @param decidedBy null for Istio's default
 * @param ports declared container ports and target ports of Services, in order
 * @param losers policies that would match this workload but lost to an older one of their scope
 * @param labels those that all its pods share, as {@link io.mtlsmigration.mesh.PodLabels#common},
 *     in order
 */
public record WorkloadModes(
    WorkloadRef workload,
    Map<DataPlane, Integer> pods,
    MtlsMode mode,
    @Nullable ObjectRef decidedBy,
    List<Port> ports,
    List<PeerAuthentication> losers,
    SortedMap<String, String> labels) {

  public WorkloadModes {
    pods = Collections.unmodifiableMap(new EnumMap<>(pods));
    ports = List.copyOf(ports);
    losers = List.copyOf(losers);
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
  }

  /**
   * One port.
   *
   * @param protocol {@code TCP}, {@code UDP} or {@code SCTP}
   * @param mode what the proxy enforces, or would enforce for captured traffic
   * @param bypassed true when there is no proxy in front of this port on some pod: excluded from
   *     capture, not TCP, or the pod is not captured. Then {@code mode} protects nothing there
   */
  public record Port(
      int port, String protocol, MtlsMode mode, @Nullable ObjectRef decidedBy, boolean bypassed) {}

  /** Returns the number of pods, captured or not. */
  public int podCount() {
    int count = 0;
    for (int each : pods.values()) {
      count += each;
    }
    return count;
  }

  /** Returns the number of pods that a PeerAuthentication governs. */
  public int capturedCount() {
    return pods.getOrDefault(DataPlane.SIDECAR, 0) + pods.getOrDefault(DataPlane.AMBIENT, 0);
  }

  /** Returns true when some pod is captured, so that the mode protects something. */
  public boolean governed() {
    return capturedCount() > 0;
  }
}
