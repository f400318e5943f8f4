// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Computes waves and writes from a plan's spec. A pure function of plan and mesh. */
public final class Planner {

  private Planner() {}

  /** Returns true for Kubernetes' own namespaces: only a plan that names them locks them. */
  public static boolean opensByDefault(String namespace) {
    return ScopedNamespaces.SYSTEM.contains(namespace);
  }

  /** Returns whether a plan has the namespace in its scope. */
  public static boolean inScope(PlanSpec spec, NamespaceFacts facts) {
    return ScopedNamespaces.inScope(spec.scope(), facts);
  }

  /** Calls {@link #plan(PlanSpec, MeshModes, PlanLimits, CallGraph)} with a real mesh's limits. */
  public static PlanReport plan(PlanSpec spec, MeshModes modes) {
    return plan(spec, modes, PlanLimits.REAL_MESH, CallGraph.UNKNOWN);
  }

  /** Validates, computes waves, and previews every write. */
  public static PlanReport plan(
      PlanSpec spec, MeshModes modes, PlanLimits limits, CallGraph calls) {
    ScopedNamespaces scoped = ScopedNamespaces.of(spec, modes.snapshot());
    List<Wave> waves = Waves.of(spec, modes, scoped, calls);
    List<PolicyChange> changes = new ArrayList<>();
    Map<String, List<Obstacle>> obstacles = new TreeMap<>();
    for (Wave wave : waves) {
      for (String namespace : wave.namespaces()) {
        PolicyWrites writes = Preview.namespace(modes, namespace, spec);
        changes.addAll(writes.changes());
        note(obstacles, StepName.ofNamespace(namespace), writes);
      }
    }
    if (spec.target() == PlanSpec.Target.MESH) {
      mesh(spec, modes, scoped, changes, obstacles);
    }
    return new PlanReport(
        waves,
        changes,
        scoped.exempt(),
        new PlanCheck(spec, modes, limits).problems(scoped),
        Fingerprint.of(modes.snapshot()),
        obstacles,
        warnings(spec, modes));
  }

  /** Returns where a plan asks for too little; the problems' code is {@link LeastGates#CODE}. */
  public static List<Problem> belowLeast(PlanSpec spec, MeshModes modes, PlanLimits limits) {
    ProblemList problems = new ProblemList();
    ScopedNamespaces scoped = ScopedNamespaces.of(spec, modes.snapshot());
    limits.least().check(spec, modes.snapshot(), scoped, problems);
    return problems.all();
  }

  /** Returns problems of a client that may fail; pointers are relative to it. */
  public static List<Problem> check(PlanSpec.IgnoredClient client) {
    ProblemList problems = new ProblemList();
    PlanCheck.ignored("", client, problems);
    return problems.all();
  }

  /** Returns problems of one exception of a spec; pointers are relative to it. */
  public static List<Problem> check(
      PlanSpec spec, PlanSpec.PolicyException exception, MeshModes modes) {
    ProblemList problems = new ProblemList();
    new ExceptionCheck(spec, modes, problems).check(exception);
    return problems.all();
  }

  /** Returns problems of what was agreed about an exception, wherever its pods are now. */
  public static List<Problem> checkAgreement(
      PlanSpec spec, PlanSpec.PolicyException exception, MeshModes modes) {
    ProblemList problems = new ProblemList();
    new ExceptionCheck(spec, modes, problems).fields(exception, "");
    return problems.all();
  }

  /** Returns why no workload policies express the exceptions of a namespace; empty when some do. */
  public static List<String> overlaps(PlanSpec spec, String namespace, MeshModes modes) {
    return ExceptionCheck.overlaps(spec, namespace, modes);
  }

  private static List<String> warnings(PlanSpec spec, MeshModes modes) {
    return RareClients.of(modes, spec).stream().map(rare -> rare + ": the gate will hold").toList();
  }

  /** Adds the mesh step, based on the mesh as it will be after all waves. */
  private static void mesh(
      PlanSpec spec,
      MeshModes modes,
      ScopedNamespaces scoped,
      List<PolicyChange> changes,
      Map<String, List<Obstacle>> obstacles) {
    Set<String> open = new LinkedHashSet<>();
    for (String namespace : scoped.exempt().keySet()) {
      if (modes.namespace(namespace).facts().captures()) {
        open.add(namespace);
        PolicyWrites writes = Preview.exempt(modes, namespace, spec);
        changes.addAll(writes.changes());
        note(obstacles, StepName.ofNamespace(namespace), writes);
      }
    }
    MeshModes then = Preview.after(modes, changes);
    PolicyWrites writes = Preview.mesh(then, spec, scoped.members(), open);
    changes.addAll(writes.changes());
    note(obstacles, StepName.MESH, writes);
  }

  private static void note(
      Map<String, List<Obstacle>> obstacles, String subject, PolicyWrites writes) {
    if (!writes.obstacles().isEmpty()) {
      obstacles.put(subject, writes.obstacles());
    }
  }
}
