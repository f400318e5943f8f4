// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hazard;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkLimit;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.mtls.NamespaceModes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The inspection of one namespace: the input of rules, and their reports. */
final class Inspection {

  private static final Comparator<Finding> ORDER =
      Comparator.comparing(Finding::severity)
          .thenComparing(Finding::code)
          .thenComparing(Finding::subject)
          .thenComparingInt(Finding::port)
          .thenComparing(Finding::message);

  /** The weight of a finding in kept results, because its texts are longer than other results. */
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

  /** Returns pods that have not finished. */
  List<Pod> running() {
    return running;
  }

  /** Returns those pods that a PeerAuthentication governs. */
  List<Pod> captured() {
    return captured;
  }

  /** Returns captured pods with a sidecar: an Envoy is in front of them, not a ztunnel. */
  List<Pod> sidecars() {
    return sidecars;
  }

  /**
   * Returns true when STRICT would close a TCP port: a proxy stands before it, and no policy keeps
   * it open whatever the mode of its namespace.
   */
  boolean wouldClose(Pod pod, int port) {
    MtlsMode own = modes.of(pod).ports().get(port);
    return pod.governed(port) && (own == null || own == MtlsMode.STRICT);
  }

  /** Reports a finding of the hazard's own severity. */
  void report(HazardCode code, ObjectRef subject, int port, String message, String remedy) {
    report(code, code.severity(), subject, port, message, remedy);
  }

  void report(
      HazardCode code,
      Severity severity,
      ObjectRef subject,
      int port,
      String message,
      String remedy) {
    report(code, severity, subject, port, message, remedy, List.of());
  }

  /** Reports a finding; {@code clients} are those of {@link Finding#clients}. */
  void report(
      HazardCode code,
      Severity severity,
      ObjectRef subject,
      int port,
      String message,
      String remedy,
      List<String> clients) {
    WorkLimit.keep(RESULTS_OF_A_FINDING);
    findings.add(
        new Finding(
            code, severity, name(), subject, port, message, remedy, code.references(), clients));
  }

  /** Returns all findings, each once, most severe first, then by code and subject. */
  List<Finding> findings() {
    return sorted(findings);
  }

  static List<Finding> sorted(List<Finding> findings) {
    return findings.stream().distinct().sorted(ORDER).toList();
  }
}
