// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.core.UriInfo;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Authenticates every call to the API before a resource is chosen, so that unknown callers do not
 * learn what exists. {@link AuthorizationFilter} checks their permissions.
 */
@Singleton
final class AuthenticationFilter {

  private static final String API = "/api/";

  private final Callers callers;
  private final AuditTrail audit;

  AuthenticationFilter(Callers callers, AuditTrail audit) {
    this.callers = callers;
    this.audit = audit;
  }

  @ServerRequestFilter(preMatching = true, priority = Priorities.AUTHENTICATION)
  Uni<Void> identify(UriInfo uri, RoutingContext routing) {
    if (!uri.getPath().startsWith(API)) {
      return Uni.createFrom().voidItem();
    }
    ApiCall call = audit.follow(routing);
    return callers.identify(routing).invoke(call::comesFrom).replaceWithVoid();
  }
}
