package io.mtlsmigration.plan;

import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Turns what somebody wants into waves and writes. A pure function of plan and mesh. */
public final class Planner {

  private static final String MESH = "mesh";

  private Planner() {}

  /** {@link #plan(PlanSpec, MeshModes, PlanLimits, CallGraph)} within the limits of a real mesh. */
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
        note(obstacles, namespace, writes);
      }
    }
    if (spec.target() == PlanSpec.Target.MESH) {
      mesh(spec, modes, scoped, changes, obstacles);
    }
    return new PlanReport(
        waves, changes, scoped.exempt(), List.of(), Fingerprint.of(modes.snapshot()), obstacles);
  }

  /** The mesh step, seen from the mesh as it will be when all waves are through. */
  private static void mesh(
      PlanSpec spec,
      MeshModes modes,
      ScopedNamespaces scoped,
      List<PolicyChange> changes,
      Map<String, List<Obstacle>> obstacles) {
    Set<String> open = new LinkedHashSet<>();
    for (String namespace : scoped.exempt().keySet()) {
      if (modes.namespace(namespace).facts().capturedPods() > 0) {
        open.add(namespace);
        PolicyWrites writes = Preview.exempt(modes, namespace, spec);
        changes.addAll(writes.changes());
        note(obstacles, namespace, writes);
      }
    }
    MeshModes then = Preview.after(modes, changes);
    PolicyWrites writes = Preview.mesh(then, spec, scoped.members(), open);
    changes.addAll(writes.changes());
    note(obstacles, MESH, writes);
  }

  private static void note(
      Map<String, List<Obstacle>> obstacles, String subject, PolicyWrites writes) {
    if (!writes.obstacles().isEmpty()) {
      obstacles.put(subject, writes.obstacles());
    }
  }
}
