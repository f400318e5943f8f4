package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkLimit;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.NamespaceModes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** One namespace under inspection: what rules look at, and where they report. */
final class Inspection {

  private static final Comparator<Finding> ORDER =
      Comparator.comparing(Finding::severity)
          .thenComparing(Finding::code)
          .thenComparing(Finding::subject)
          .thenComparingInt(Finding::port)
          .thenComparing(Finding::message);

  /** Its texts are longer than what else is kept. */
  private static final int RESULTS_OF_A_FINDING = 4;

  private final MeshModes mesh;
  private final NamespaceModes modes;
  private final List<Pod> running = new ArrayList<>();
  private final List<Pod> captured = new ArrayList<>();
  private final List<Pod> sidecars = new ArrayList<>();
  private final List<Finding> findings = new ArrayList<>();
  private final KnownCalls calls;

  Inspection(MeshModes mesh, String namespace, KnownCalls calls) {
    this.mesh = mesh;
    this.calls = calls;
    this.modes = mesh.namespace(namespace);
    for (Pod pod : modes.facts().pods()) {
      if (!pod.terminated()) {
        running.add(pod);
        if (pod.dataPlane().captured()) {
          captured.add(pod);
          if (pod.dataPlane() == DataPlane.SIDECAR) {
            sidecars.add(pod);
          }
        }
      }
    }
  }

  MeshModes mesh() {
    return mesh;
  }

  KnownCalls calls() {
    return calls;
  }

  MeshSnapshot snapshot() {
    return mesh.snapshot();
  }

  NamespaceModes modes() {
    return modes;
  }

  NamespaceFacts facts() {
    return modes.facts();
  }

  String name() {
    return modes.namespace();
  }

  boolean isRoot() {
    return snapshot().isRoot(name());
  }

  /** Pods that have not finished. */
  List<Pod> running() {
    return running;
  }

  /** Those of them that a PeerAuthentication governs. */
  List<Pod> captured() {
    return captured;
  }

  /** Captured pods with a sidecar: an Envoy stands before them, not a ztunnel. */
  List<Pod> sidecars() {
    return sidecars;
  }

  /** True when a policy keeps a port open whatever becomes of its namespace. */
  boolean keptOpen(Pod pod, int port) {
    MtlsMode own = modes.of(pod).ports().get(port);
    return own != null && own != MtlsMode.STRICT;
  }

  static ObjectRef ref(WorkloadRef workload) {
    return new ObjectRef(workload.kind(), workload.namespace(), workload.name());
  }

  void report(
      Hazard hazard,
      Severity severity,
      ObjectRef subject,
      int port,
      String message,
      String remedy) {
    report(hazard, severity, subject, port, message, remedy, List.of());
  }

  /** {@code clients} are those of {@link Finding#clients}. */
  void report(
      Hazard hazard,
      Severity severity,
      ObjectRef subject,
      int port,
      String message,
      String remedy,
      List<String> clients) {
    WorkLimit.keep(RESULTS_OF_A_FINDING);
    findings.add(
        new Finding(
            hazard.code(),
            severity,
            name(),
            subject,
            port,
            message,
            remedy,
            hazard.references(),
            clients));
  }

  /** Everything reported, each once, most severe first, then by code and subject. */
  List<Finding> findings() {
    return sorted(findings);
  }

  static List<Finding> sorted(List<Finding> findings) {
    return findings.stream().distinct().sorted(ORDER).toList();
  }
}
