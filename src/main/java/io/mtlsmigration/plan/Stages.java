// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.plan;

import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/** Carries out a level-triggered decision, stage by stage, on what-if copies of the mesh. */
final class Stages {

  /**
   * The maximum number of stages; no decision has as many: DISABLE, a mode made explicit,
   * exceptions, exceptions without pods, STRICT. One that continues longer undoes its own work,
   * which is a bug.
   */
  private static final int MOST = 12;

  private Stages() {}

  /**
   * The result of all stages.
   *
   * @param writes the writes of all stages, the obstacles of any, and the notes of the last
   * @param modes the mesh after them
   */
  record Course(PolicyWrites writes, MeshModes modes) {}

  static Course fold(MeshModes start, Function<MeshModes, PolicyWrites> decision) {
    List<PolicyChange> changes = new ArrayList<>();
    Set<Obstacle> obstacles = new LinkedHashSet<>();
    MeshModes modes = start;
    for (int stage = 0; stage < MOST; stage++) {
      PolicyWrites next = decision.apply(modes);
      obstacles.addAll(next.obstacles());
      if (next.changes().isEmpty()) {
        List<Obstacle> met = List.copyOf(obstacles);
        return new Course(new PolicyWrites(changes, met, next.notes()), modes);
      }
      changes.addAll(next.changes());
      modes = modes.refresh(Snapshots.apply(modes.snapshot(), next.changes()));
    }
    throw new IllegalStateException("no end after " + MOST + " stages: " + changes);
  }
}
