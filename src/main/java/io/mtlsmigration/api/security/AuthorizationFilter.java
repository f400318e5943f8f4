// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import io.mtlsmigration.access.Authorizer;
import io.mtlsmigration.access.Authorizer.Decision;
import io.mtlsmigration.access.Identity;
import io.mtlsmigration.access.Permission;
import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.api.security.AccessRules.Rule;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.inject.Singleton;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.core.UriInfo;
import jakarta.ws.rs.ext.Provider;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.core.ResteasyReactiveRequestContext;
import org.jboss.resteasy.reactive.server.mapping.RuntimeResource;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveContainerRequestContext;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveContainerRequestFilter;

/**
 * Authorizes a call for the resource that was chosen for it. The rule is taken from that very
 * resource, not from the path a second time: two parsers of a path can be made to differ.
 */
@Provider
@Singleton
@Priority(Priorities.AUTHORIZATION)
public final class AuthorizationFilter implements ResteasyReactiveContainerRequestFilter {

  private static final Logger LOG = Logger.getLogger(AuthorizationFilter.class);

  private final Authorizer authorizer;
  private final AccessRules rules;

  AuthorizationFilter(Authorizer authorizer, AccessRules rules) {
    this.authorizer = authorizer;
    this.rules = rules;
  }

  @Override
  public void filter(ResteasyReactiveContainerRequestContext request) {
    ResteasyReactiveRequestContext context =
        (ResteasyReactiveRequestContext) request.getServerRequestContext();
    ApiCall call = ApiCall.of(context.unwrap(RoutingContext.class));
    Identity caller = call == null ? null : call.caller();
    if (call == null || caller == null) {
      // A resource outside of the API, or a path that two parsers read differently.
      throw shut();
    }
    Rule rule = rule(context.getTarget());
    UriInfo uri = request.getUriInfo();
    call.means(rule, parameter(uri, "plan"), parameter(uri, "namespace"));
    call.keepsPolicies(rule.verb() == Verb.DELETE && wishes(uri, "keepPolicies"));
    boolean dry = isDry(rule, uri);
    if (authorizer.answersAtOnce()) {
      enforce(decide(caller, call, rule), call, dry);
      return;
    }
    request.suspend();
    Uni.createFrom()
        .item(() -> decide(caller, call, rule))
        .runSubscriptionOn(Infrastructure.getDefaultWorkerPool())
        .invoke(decision -> enforce(decision, call, dry))
        .subscribe()
        .with(decision -> request.resume(), request::resume);
  }

  private Decision decide(Identity caller, ApiCall call, Rule rule) {
    Permission wanted = rule.permission(call.plan());
    return wanted == null ? new Authorizer.Allowed() : authorizer.decide(caller, wanted);
  }

  private static ApiException shut() {
    return ApiException.of(ErrorCode.FORBIDDEN, "Nobody may call this");
  }

  private static void enforce(Decision decision, ApiCall call, boolean dry) {
    switch (decision) {
      case Authorizer.Allowed() -> call.letIn(dry);
      case Authorizer.Denied(var remedy) -> throw refusal(call, remedy);
      case Authorizer.Unavailable(var reason) ->
          throw ApiException.of(
              ErrorCode.UNAVAILABLE, "What the caller may do cannot be found out: " + reason);
    }
  }

  private static ApiException refusal(ApiCall call, String remedy) {
    Identity caller = call.caller();
    Rule rule = call.rule();
    Permission wanted = rule == null ? null : rule.permission(call.plan());
    return ApiException.of(
        ErrorCode.FORBIDDEN,
        "%s lacks the verb %s; %s"
            .formatted(
                caller == null ? "" : caller.name(), wanted == null ? "" : wanted.text(), remedy));
  }

  private Rule rule(RuntimeResource chosen) {
    return rules
        .of(chosen)
        .orElseThrow(
            () -> {
              LOG.errorf(
                  "A resource has no rule of access, so nobody may call it method=%s path=%s%s",
                  chosen.getHttpMethod(),
                  chosen.getClassPath().template,
                  chosen.getPath().template);
              return shut();
            });
  }

  private static String parameter(UriInfo uri, String name) {
    String value = uri.getPathParameters().getFirst(name);
    return value == null ? "" : value;
  }

  /** Returns whether the call is a dry run; other operations reject {@code dryRun}. */
  private static boolean isDry(Rule rule, UriInfo uri) {
    if (rule.verb() != Verb.CREATE && rule.verb() != Verb.UPDATE) {
      return false;
    }
    return wishes(uri, "dryRun");
  }

  private static boolean wishes(UriInfo uri, String flag) {
    return "true".equals(uri.getQueryParameters().getFirst(flag));
  }
}
