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
import org.jspecify.annotations.Nullable;

/**
 * What one workload enforces. Pods of a workload may differ, in labels and in capture, while a
 * rollout is under way; then the weakest answer of its captured pods counts, since that is what an
 * intruder would find. So it does where it is not known which is in force ({@link
 * NamespaceModes#otherwise}).
 *
 * @param pods how many pods there are on each data plane, finished ones left out; never empty
 * @param mode of a port that no policy names; what it would be where no pod is captured. Gateways
 *     have one here too, but nothing that it governs: see {@link #governed}
 * @param decidedBy null for Istio's default
 * @param ports declared container ports and target ports of Services, in order
 * @param losers policies that would match this workload but lost to an older one of their scope
 */
public record WorkloadModes(
    WorkloadRef workload,
    Map<DataPlane, Integer> pods,
    MtlsMode mode,
    @Nullable ObjectRef decidedBy,
    List<Port> ports,
    List<PeerAuthentication> losers) {

  public WorkloadModes {
    pods = Collections.unmodifiableMap(new EnumMap<>(pods));
    ports = List.copyOf(ports);
    losers = List.copyOf(losers);
  }

  /**
   * One port.
   *
   * @param protocol {@code TCP}, {@code UDP} or {@code SCTP}
   * @param mode what the proxy enforces, or would enforce if it were asked
   * @param bypassed true when no proxy stands before this port on some pod: excluded from capture,
   *     not TCP, or the pod is not captured. Then {@code mode} protects nothing there
   */
  public record Port(
      int port, String protocol, MtlsMode mode, @Nullable ObjectRef decidedBy, boolean bypassed) {}

  /** All pods, captured or not. */
  public int podCount() {
    int count = 0;
    for (int each : pods.values()) {
      count += each;
    }
    return count;
  }

  /** Pods that a PeerAuthentication governs. */
  public int capturedCount() {
    return pods.getOrDefault(DataPlane.SIDECAR, 0) + pods.getOrDefault(DataPlane.AMBIENT, 0);
  }

  /** True when some pod is captured, so that the mode protects something. */
  public boolean governed() {
    return capturedCount() > 0;
  }

  /** The data plane of all pods; null when they differ. */
  public @Nullable DataPlane dataPlane() {
    return pods.size() == 1 ? pods.keySet().iterator().next() : null;
  }
}
