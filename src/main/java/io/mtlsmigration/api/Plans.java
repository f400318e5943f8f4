// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.probe.ConnectivityLog;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;

/** Finds plans and steps, or answers 404. */
@Singleton
final class Plans {

  private final RolloutLedger ledger;
  private final ConnectivityLog log;

  Plans(RolloutLedger ledger, ConnectivityLog log) {
    this.ledger = ledger;
    this.log = log;
  }

  PlanRecord plan(String name) {
    return ledger.seek(name).orElseThrow(() -> ApiException.notFound("plan " + name));
  }

  /**
   * Returns a plan that is known here, without asking elsewhere: for callers that must not block.
   */
  PlanRecord known(String name) {
    return ledger.plan(name).orElseThrow(() -> ApiException.notFound("plan " + name));
  }

  StepRecord step(String plan, StepKey key) {
    return ledger
        .seek(plan, key)
        .orElseThrow(
            () ->
                ApiException.notFound(
                    key.isMesh()
                        ? "mesh step in plan " + plan + " (yet)"
                        : "namespace " + key + " in plan " + plan));
  }

  /** Returns the latest probes by the namespace of the server. */
  Map<String, List<Cell>> probes() {
    return log.matrix().byServerNamespace();
  }

  /** Returns the latest probes of a step's namespace; all for the mesh step. */
  List<Cell> probes(StepKey key) {
    return key.isMesh() ? log.matrix().cells() : probes().getOrDefault(key.namespace(), List.of());
  }
}
