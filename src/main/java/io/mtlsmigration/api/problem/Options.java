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
 * Answers OPTIONS for the path that was asked for. The framework would name the methods of all
 * paths of a resource class, for paths that are not there as well.
 */
@Singleton
final class Options {

  private static final String API = "/api/";

  private final AllowedMethods allowed;

  Options(AllowedMethods allowed) {
    this.allowed = allowed;
  }

  /** After it is known who calls: strangers are told nothing of what is there. */
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
