// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Validates the exceptions of a plan. */
final class ExceptionCheck {

  private static final int HIGHEST_PORT = 65_535;

  private final PlanSpec spec;
  private final MeshModes modes;
  private final ProblemList problems;

  ExceptionCheck(PlanSpec spec, MeshModes modes, ProblemList problems) {
    this.spec = spec;
    this.modes = modes;
    this.problems = problems;
  }

  void check() {
    List<PolicyException> exceptions = spec.exceptions();
    for (int i = 0; i < exceptions.size(); i++) {
      String pointer = "/exceptions/" + i;
      PolicyException exception = exceptions.get(i);
      problems.require(
          exceptions.subList(0, i).stream().noneMatch(exception::opensAs),
          pointer,
          "DUPLICATE_EXCEPTION",
          "another exception of the plan opens the same: " + exception.words());
      fields(exception, pointer);
      namespace(exception, pointer);
    }
    overlaps();
  }

  /** Validates one exception, with those that it has to stand beside; pointers begin with it. */
  void check(PolicyException exception) {
    fields(exception, "");
    namespace(exception, "");
    if (modes.snapshot().namespace(exception.namespace()) != null) {
      overlap(exception.namespace(), "");
    }
  }

  void fields(PolicyException exception, String pointer) {
    Integer port = exception.port();
    problems.require(
        port == null || (port >= 1 && port <= HIGHEST_PORT),
        pointer + "/port",
        "PORT_OUT_OF_RANGE",
        "a container port is between 1 and 65535");
    problems.require(
        !exception.owner().isBlank(),
        pointer + "/owner",
        "OWNER_MISSING",
        "say who answers for the exception");
    problems.require(
        !exception.reason().isBlank(),
        pointer + "/reason",
        "REASON_MISSING",
        "say why the port stays open");
    LocalDate today = LocalDate.ofInstant(modes.snapshot().observedAt(), ZoneOffset.UTC);
    problems.require(
        !exception.expires().isBefore(today),
        pointer + "/expires",
        "EXCEPTION_EXPIRED",
        "the last day of the exception, " + exception.expires() + " (UTC), is over");
    for (int i = 0; i < exception.plaintextPaths().size(); i++) {
      problems.require(
          exception.plaintextPaths().get(i).startsWith("/"),
          pointer + "/plaintextPaths/" + i,
          "INVALID_PATH",
          "a path begins with /");
    }
  }

  private void namespace(PolicyException exception, String pointer) {
    MeshSnapshot snapshot = modes.snapshot();
    NamespaceFacts facts = snapshot.namespace(exception.namespace());
    String at = pointer + "/namespace";
    if (snapshot.isRoot(exception.namespace())) {
      problems.add(
          at,
          "ROOT_NAMESPACE",
          "a policy with a selector has no effect in the root namespace " + exception.namespace());
    } else if (facts == null) {
      problems.add(at, "UNKNOWN_NAMESPACE", "there is no namespace " + exception.namespace());
    } else if (!ScopedNamespaces.inScope(spec.scope(), facts)) {
      problems.add(
          at,
          "NAMESPACE_OUT_OF_SCOPE",
          "namespace " + exception.namespace() + " is not in the plan's scope");
    } else {
      selector(exception, facts, pointer + "/selector");
    }
  }

  private void selector(PolicyException exception, NamespaceFacts facts, String pointer) {
    if (exception.selector().isEmpty()) {
      problems.add(
          pointer,
          "SELECTOR_MISSING",
          "name the labels of the workload that stays open; to leave the whole namespace open,"
              + " exempt it");
      return;
    }
    problems.require(
        facts.pods().stream()
            .anyMatch(pod -> !pod.terminated() && OpenPorts.selects(exception, pod)),
        pointer,
        "EXCEPTION_WITHOUT_PODS",
        "no pod in " + facts.name() + " has the labels " + new TreeMap<>(exception.selector()));
  }

  /**
   * Reports exceptions that no set of workload policies can express, at the first one of the
   * namespace.
   */
  private void overlaps() {
    Map<String, Integer> first = new TreeMap<>();
    for (int i = 0; i < spec.exceptions().size(); i++) {
      first.putIfAbsent(spec.exceptions().get(i).namespace(), i);
    }
    first.forEach((namespace, index) -> overlap(namespace, "/exceptions/" + index));
  }

  private void overlap(String namespace, String pointer) {
    overlaps(spec, namespace, modes)
        .forEach(message -> problems.add(pointer, "OVERLAPPING_EXCEPTIONS", message));
  }

  static List<String> overlaps(PlanSpec spec, String namespace, MeshModes modes) {
    return Preview.namespace(modes, namespace, spec).obstacles().stream()
        .filter(o -> o.kind() == Obstacle.Kind.OVERLAPPING_EXCEPTIONS)
        .map(Obstacle::message)
        .toList();
  }
}
