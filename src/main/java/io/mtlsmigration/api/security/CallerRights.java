// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import io.mtlsmigration.access.AuthMode;
import io.mtlsmigration.access.Authorizer;
import io.mtlsmigration.access.Identity;
import io.mtlsmigration.access.Permission;
import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.commands.Overriding;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

/**
 * The caller's permissions, shown to the caller, so that a page need not offer what would be
 * refused.
 */
@Singleton
public final class CallerRights {

  private final Authorizer authorizer;
  private final AuthMode mode;

  CallerRights(Authorizer authorizer, AuthMode mode) {
    this.authorizer = authorizer;
    this.mode = mode;
  }

  /**
   * The caller and its permissions.
   *
   * @param name of the caller
   * @param verbs in the order of {@link Verb}
   */
  public record Rights(String name, AuthMode mode, List<Verb> verbs) {
    public Rights {
      verbs = List.copyOf(verbs);
    }
  }

  /**
   * Returns whether the caller has one verb; may block.
   *
   * @throws ApiException 503 when it cannot be determined
   */
  public boolean may(RoutingContext routing, Verb verb, String plan) {
    return switch (authorizer.decide(caller(routing), new Permission(verb, plan))) {
      case Authorizer.Allowed() -> true;
      case Authorizer.Denied denied -> false;
      case Authorizer.Unavailable(var reason) -> throw unavailable(reason);
    };
  }

  /**
   * Demands one verb more than that of the call; may block.
   *
   * @param what needs it, as the subject of a sentence
   * @throws ApiException 403 when the caller does not have it, 503 when it cannot be determined
   */
  public void require(RoutingContext routing, Verb verb, String plan, String what) {
    if (!may(routing, verb, plan)) {
      throw ApiException.of(
          ErrorCode.FORBIDDEN, what + " needs the verb " + verb.text() + " on plan " + plan);
    }
  }

  /** Refuses a plan that begins by itself unless the caller may start it: whoever wrote it does. */
  public void requireStart(RoutingContext routing, PlanSpec spec) {
    if (spec.start() == PlanSpec.Start.WHEN_ACCEPTED) {
      require(routing, Verb.START, spec.name(), "A plan with start WHEN_ACCEPTED");
    }
  }

  /** The same for a change of a plan: a draft is started by whoever changed it last. */
  public void requireStart(RoutingContext routing, PlanRecord present, PlanSpec next) {
    if (present.phase() == PlanPhase.DRAFT) {
      requireStart(routing, next);
    }
  }

  /** Returns the caller as one who is asked for the verb {@code override} when it is needed. */
  public Overriding overriding(RoutingContext routing) {
    return (plan, what) -> require(routing, Verb.OVERRIDE, plan, what);
  }

  /** Returns the caller's name, which all of its tokens share. */
  public static String name(RoutingContext routing) {
    return caller(routing).name();
  }

  private static Identity caller(RoutingContext routing) {
    ApiCall call = ApiCall.of(routing);
    Identity caller = call == null ? null : call.caller();
    if (caller == null) {
      throw new IllegalStateException("a call came past the door");
    }
    return caller;
  }

  private static ApiException unavailable(String reason) {
    return ApiException.of(
        ErrorCode.UNAVAILABLE, "What the caller may do cannot be found out: " + reason);
  }

  /**
   * Checks each verb; may block.
   *
   * @param plan empty for what is allowed on every plan
   * @throws ApiException 503 when it cannot be determined
   */
  public Rights of(RoutingContext routing, String plan) {
    Identity caller = caller(routing);
    List<Verb> verbs = new ArrayList<>();
    for (Verb verb : Verb.values()) {
      switch (authorizer.decide(caller, new Permission(verb, plan))) {
        case Authorizer.Allowed() -> verbs.add(verb);
        case Authorizer.Denied denied -> {}
        case Authorizer.Unavailable(var reason) -> throw unavailable(reason);
      }
    }
    return new Rights(caller.name(), mode, verbs);
  }
}
