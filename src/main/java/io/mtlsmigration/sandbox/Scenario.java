// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.plan.Ratchet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An initial mesh, and the events in it. docs/scenarios.md describes the format of folders. */
public final class Scenario {

  private final MeshSnapshot mesh;
  private final List<TrafficCall> calls;
  private final List<ScenarioEvent> events;
  private final @Nullable Ratchet ratchet;

  Scenario(
      MeshSnapshot mesh,
      List<TrafficCall> calls,
      List<ScenarioEvent> events,
      @Nullable Ratchet ratchet) {
    this.mesh = mesh;
    this.calls = List.copyOf(calls);
    this.events = List.copyOf(events);
    this.ratchet = ratchet;
  }

  /** Returns the mesh at the start. */
  MeshSnapshot mesh() {
    return mesh;
  }

  List<TrafficCall> calls() {
    return calls;
  }

  List<ScenarioEvent> events() {
    return events;
  }

  /** Returns the ratchet at the start; null when there is none. */
  @Nullable Ratchet ratchet() {
    return ratchet;
  }
}
