// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.hazard.HazardCode;
import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The workloads and ports of one namespace that a plan's exceptions leave open. */
record ExceptionCover(NamespaceFacts facts, List<PolicyException> exceptions) {

  static ExceptionCover of(NamespaceFacts facts, List<PolicyException> all) {
    if (all.isEmpty()) {
      return new ExceptionCover(facts, List.of());
    }
    List<PolicyException> own = new ArrayList<>();
    for (PolicyException exception : all) {
      if (exception.namespace().equals(facts.name())) {
        own.add(exception);
      }
    }
    return new ExceptionCover(facts, own);
  }

  boolean isEmpty() {
    return exceptions.isEmpty();
  }

  /**
   * Returns true when every pod that may have taken calls to a server stays open on their port.
   *
   * @param port 0 = not known: only an exception for all ports covers it, of every workload of that
   *     name
   */
  boolean covers(WorkloadRef server, int port) {
    if (isEmpty()) {
      return false;
    }
    List<Pod> pods = servers(facts, server, port);
    // Where only a label gives the name, a workload that is gone may have had it.
    return pods.stream().anyMatch(pod -> pod.workload().name().equals(server.name()))
        && pods.stream().allMatch(pod -> covers(pod, port));
  }

  /** Returns true when some port of some pod that may have taken such calls stays open. */
  boolean touches(WorkloadRef server, int port) {
    return servers(facts, server, port).stream()
        .anyMatch(
            pod ->
                exceptions.stream()
                    .anyMatch(e -> LabelSelector.containsAll(pod.labels(), e.selector())));
  }

  /**
   * Returns the pods that may have taken calls to a server. Calls without a port are from metrics,
   * which name workloads without their kind, and by a label of their pods.
   */
  static List<Pod> servers(NamespaceFacts facts, WorkloadRef server, int port) {
    return facts.pods().stream()
        .filter(
            pod ->
                !pod.terminated()
                    && (port == 0
                        ? pod.mayBeReportedAs(server.name())
                        : pod.workload().equals(server)))
        .toList();
  }

  boolean covers(Pod pod, int port) {
    return covers(pod.labels(), port);
  }

  boolean covers(Map<String, String> labels, int port) {
    for (PolicyException exception : exceptions) {
      Integer open = exception.port();
      if ((open == null || open == port)
          && LabelSelector.containsAll(labels, exception.selector())) {
        return true;
      }
    }
    return false;
  }

  /** Returns true when covered. An unreadable object never is: it may govern anything. */
  boolean covers(Finding finding) {
    return !isEmpty()
        && finding.code() != HazardCode.UNREADABLE_OBJECT
        && exceptions.stream().anyMatch(e -> covers(e, finding));
  }

  private boolean covers(PolicyException exception, Finding finding) {
    Integer port = exception.port();
    if (port != null && port != finding.port()) {
      return false;
    }
    ObjectRef subject = finding.subject();
    if (subject.kind().equals("PeerAuthentication")) {
      return facts.peerAuthentications().stream()
          .filter(p -> p.ref().equals(subject))
          .anyMatch(p -> names(p, exception));
    }
    List<Pod> pods = facts.pods().stream().filter(p -> belongs(p, subject)).toList();
    return !pods.isEmpty()
        && pods.stream().allMatch(p -> LabelSelector.containsAll(p.labels(), exception.selector()));
  }

  private static boolean names(PeerAuthentication policy, PolicyException exception) {
    return !policy.spec().selector().isEmpty()
        && LabelSelector.containsAll(policy.spec().selector(), exception.selector());
  }

  private static boolean belongs(Pod pod, ObjectRef subject) {
    return pod.ref().equals(subject)
        || (pod.namespace().equals(subject.namespace())
            && pod.workload().kind().equals(subject.kind())
            && pod.workload().name().equals(subject.name()));
  }
}
