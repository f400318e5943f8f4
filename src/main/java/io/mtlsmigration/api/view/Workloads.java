// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.PolicyStanding;
import io.mtlsmigration.mtls.WorkloadModes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The displayed state of workloads. The mode of a workload that no PeerAuthentication governs is
 * not shown at all: a STRICT beside a pod without a proxy would be mistaken for safety.
 */
public final class Workloads {

  /** In the order of protection by STRICT, the least protected first. */
  public static final List<DataPlane> LEAST_PROTECTED =
      List.of(DataPlane.NONE, DataPlane.GATEWAY, DataPlane.AMBIENT, DataPlane.SIDECAR);

  private Workloads() {}

  public static WorkloadView view(WorkloadModes workload, MeshModes mesh) {
    boolean governed = workload.governed();
    return new WorkloadView(
        workload.workload().kind(),
        workload.workload().namespace(),
        workload.workload().name(),
        dataPlane(workload),
        mode(workload),
        governed ? Ref.ofNullable(workload.decidedBy()) : null,
        workload.podCount(),
        workload.capturedCount(),
        workload.ports().stream().map(port -> port(port, governed)).toList(),
        governed
            ? workload.losers().stream().map(loser -> losing(loser, workload, mesh)).toList()
            : List.of(),
        labels(workload));
  }

  private static Map<String, String> labels(WorkloadModes workload) {
    Map<String, String> first = new LinkedHashMap<>();
    workload.labels().entrySet().stream()
        .limit(WorkloadView.MOST_LABELS)
        .forEach(label -> first.put(label.getKey(), label.getValue()));
    return first;
  }

  /** Returns the displayed data plane. */
  public static DataPlane dataPlane(WorkloadModes workload) {
    return LEAST_PROTECTED.stream().filter(workload.pods()::containsKey).findFirst().orElseThrow();
  }

  /** Returns the displayed mode; null when no PeerAuthentication governs the workload. */
  public static @Nullable MtlsMode mode(WorkloadModes workload) {
    return workload.governed() ? workload.mode() : null;
  }

  /** Returns whether a proxy captures every pod. */
  public static boolean captured(WorkloadModes workload) {
    return workload.capturedCount() == workload.podCount();
  }

  private static WorkloadView.Port port(WorkloadModes.Port port, boolean governed) {
    // Istio secures TCP only; nothing governs other protocols.
    boolean shown = governed && port.protocol().equals("TCP");
    return new WorkloadView.Port(
        port.port(),
        port.protocol(),
        shown ? port.mode() : null,
        shown ? Ref.ofNullable(port.decidedBy()) : null,
        port.bypassed());
  }

  private static WorkloadView.Losing losing(
      PeerAuthentication loser, WorkloadModes workload, MeshModes mesh) {
    ObjectRef ref = loser.ref();
    String whyNot =
        Stream.of(workload.workload().namespace(), mesh.snapshot().settings().rootNamespace())
            .distinct()
            .flatMap(namespace -> mesh.namespace(namespace).policies().stream())
            .filter(standing -> standing.policy().ref().equals(ref))
            .map(PolicyStanding::whyNot)
            .filter(why -> !why.isEmpty())
            .findFirst()
            // A workload policy may win for other pods and lose for these.
            .orElse("an older policy of the same scope wins for these pods");
    return new WorkloadView.Losing(Ref.of(ref), whyNot);
  }
}
