// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.problem;

import jakarta.inject.Singleton;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;
import org.jspecify.annotations.Nullable;

/**
 * Answers OPTIONS for the requested path. The framework would list the methods of all paths of a
 * resource class, even for paths that do not exist.
 */
@Singleton
final class Options {

  private static final String API = "/api/";

  private final AllowedMethods allowed;

  Options(AllowedMethods allowed) {
    this.allowed = allowed;
  }

  /** After authentication: unknown callers do not learn which paths exist. */
  @ServerRequestFilter(preMatching = true, priority = Priorities.AUTHENTICATION + 1)
  @Nullable Response answer(ContainerRequestContext request) {
    String path = request.getUriInfo().getPath();
    if (!request.getMethod().equals(HttpMethod.OPTIONS) || !path.startsWith(API)) {
      return null;
    }
    String methods = allowed.of(path).orElseThrow(NotFoundException::new);
    return Response.noContent().header(HttpHeaders.ALLOW, methods).build();
  }
}
