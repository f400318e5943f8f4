// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import jakarta.inject.Singleton;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Refuses a Content-Type that is no media type. The framework parses it when it chooses a resource,
 * and would report a malformed one as an error of the service.
 */
@Singleton
final class MediaTypes {

  /** Checks the type after authentication: unknown callers are refused first. */
  @ServerRequestFilter(preMatching = true, priority = Priorities.AUTHENTICATION + 1)
  void check(ContainerRequestContext request) {
    String type = request.getHeaderString(HttpHeaders.CONTENT_TYPE);
    try {
      if (type != null) {
        MediaType unused = MediaType.valueOf(type);
      }
    } catch (IllegalArgumentException e) {
      throw ApiException.of(
          ErrorCode.UNSUPPORTED_MEDIA_TYPE, "The header Content-Type is no media type");
    }
  }
}
