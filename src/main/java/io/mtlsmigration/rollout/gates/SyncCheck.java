// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.gates;

import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyWrites.Obstacle;
import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.ProxySync;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.WriteResult;
import java.util.List;
import java.util.Optional;

/**
 * The API server would accept the write, and every proxy is in sync. No person may override this
 * gate: a lock that is stored and not enforced cannot be verified.
 */
final class SyncCheck implements GateCheck {

  @Override
  public Gate gate() {
    return Gate.SYNC;
  }

  @Override
  public GateResult evaluate(GateContext context) {
    for (Obstacle obstacle : context.writes().obstacles()) {
      if (stands(context, obstacle)) {
        return obstacle(context, obstacle);
      }
    }
    Optional<String> apart = context.observation().clocksApart();
    if (apart.isPresent()) {
      return inconclusive(context, Reason.STALE_OBSERVATION, apart.get());
    }
    return switch (context.sync()) {
      case ProxySync.Status.Synced() -> dryRun(context);
      case ProxySync.Status.Lagging(var proxies) ->
          fail(
              context,
              Reason.PROXIES_NOT_SYNCED,
              "proxies do not have the latest configuration: " + Words.list(proxies),
              proxies);
      // Policies that are about to be rewritten need not be right before that.
      case ProxySync.Status.Differs differs when differs.endsWith(context.writes()) ->
          dryRun(context);
      case ProxySync.Status.Differs differs ->
          fail(
              context,
              Reason.PROXIES_NOT_SYNCED,
              differs.words(),
              differs.differences().stream().map(ProxySync.Difference::what).toList());
      case ProxySync.Status.Unknown(var detail) ->
          inconclusive(
              context,
              Reason.PROXIES_NOT_SYNCED,
              "nobody can say whether the proxies follow: " + detail);
    };
  }

  static boolean stands(GateContext context, Obstacle obstacle) {
    boolean owned =
        obstacle.kind() == Obstacle.Kind.OWNED_BY_CONTROLLER
            || obstacle.kind() == Obstacle.Kind.OWNED_BY_PERSON
            || obstacle.kind() == Obstacle.Kind.ADOPTION_NEEDED;
    // In MANIFEST mode the owner makes the change.
    return !(owned && context.spec().apply() == PlanSpec.Apply.MANIFEST);
  }

  private GateResult obstacle(GateContext context, Obstacle obstacle) {
    Reason reason =
        switch (obstacle.kind()) {
          case OWNED_BY_CONTROLLER, OWNED_BY_PERSON, ADOPTION_NEEDED, CHANGED_BY_OTHERS ->
              Reason.POLICY_OWNED_BY_OTHER;
          case UNREADABLE_POLICY,
              OVERLAPPING_EXCEPTIONS,
              EXCEPTION_WITHOUT_SELECTOR,
              WEAKER_WORKLOAD_POLICY,
              ROOT_NAMESPACE ->
              Reason.HAZARD_FOUND;
          case NAMESPACES_OPEN -> Reason.NAMESPACES_NOT_LOCKED;
        };
    return fail(context, reason, obstacle.message(), List.of(obstacle.message()));
  }

  private GateResult dryRun(GateContext context) {
    WriteResult answer = context.proof().dryRun();
    if (answer == null) {
      return pass(context, Reason.HOLDS, "every proxy has the latest configuration");
    }
    return switch (answer) {
      case WriteResult.Applied(var ignored) ->
          pass(
              context,
              Reason.HOLDS,
              "every proxy has the latest configuration, and the write would be accepted");
      case WriteResult.Conflict(var detail) ->
          inconclusive(
              context, Reason.WRITE_CONFLICT, "the policy has just been changed: " + detail);
      case WriteResult.OwnedByOther(var manager, var detail) ->
          fail(
              context,
              Reason.POLICY_OWNED_BY_OTHER,
              "the policy belongs to %s (%s); change it there, with apply: MANIFEST"
                  .formatted(manager, detail),
              List.of(manager, detail));
      case WriteResult.Refused(var detail) ->
          fail(
              context,
              Reason.DRY_RUN_REFUSED,
              "the API server would refuse the write: " + detail,
              List.of(detail));
      case WriteResult.Unknown(var detail) ->
          inconclusive(
              context, Reason.API_UNAVAILABLE, "the API server does not answer: " + detail);
    };
  }
}
