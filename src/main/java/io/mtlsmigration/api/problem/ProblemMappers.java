// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.problem;

import io.mtlsmigration.api.problem.ProblemDetail.FieldError;
import io.mtlsmigration.rollout.RolloutLedger.StaleRecordException;
import io.mtlsmigration.rollout.RolloutLedger.UnavailableException;
import io.mtlsmigration.rollout.commands.CommandException;
import jakarta.inject.Singleton;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jspecify.annotations.Nullable;

/** Maps every exception that leaves a resource, or the framework, to a problem. */
@Singleton
class ProblemMappers {

  /** The delay within which followers of an API server mostly catch up. */
  private static final int RETRY_AFTER_SECONDS = 5;

  private static final Logger LOG = Logger.getLogger(ProblemMappers.class);

  private final AllowedMethods allowed;

  ProblemMappers(AllowedMethods allowed) {
    this.allowed = allowed;
  }

  @ServerExceptionMapper
  Response api(ApiException e, UriInfo uri) {
    Response.ResponseBuilder response =
        response(problem(e.code(), e.code().name(), e.getMessage(), uri, e.errors(), null, null));
    if (e.code() == ErrorCode.UNAVAILABLE) {
      response.header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
    e.headers().forEach(response::header);
    return response.build();
  }

  @ServerExceptionMapper
  Response command(CommandException e, UriInfo uri) {
    return response(
            switch (e) {
              case CommandException.NotFound notFound ->
                  problem(ErrorCode.NOT_FOUND, notFound.getMessage(), uri);
              case CommandException.Stale stale ->
                  problem(ErrorCode.STALE, stale.getMessage(), uri);
              case CommandException.NotAllowed not ->
                  problem(
                      ErrorCode.ofConflict(not.code()),
                      not.code(),
                      not.getMessage(),
                      uri,
                      List.of(),
                      not.allowedActions(),
                      null);
              case CommandException.Invalid invalid ->
                  problem(
                      ErrorCode.INVALID,
                      ErrorCode.INVALID.name(),
                      invalid.getMessage(),
                      uri,
                      invalid.problems().stream()
                          .map(p -> FieldError.at(p.pointer(), p.code(), p.detail()))
                          .toList(),
                      null,
                      null);
            })
        .build();
  }

  /**
   * Maps a conflict of a call that demanded no version: another writer was first, and the caller
   * may simply repeat it.
   */
  @ServerExceptionMapper
  Response stale(StaleRecordException e, UriInfo uri) {
    return response(
            problem(
                ErrorCode.CONFLICT,
                "Somebody else changed it at the same time; repeat the call",
                uri))
        .build();
  }

  /** Maps the absence of the records, or of the facts that a command is judged by. */
  @ServerExceptionMapper
  Response unavailable(UnavailableException e, UriInfo uri) {
    return response(problem(ErrorCode.UNAVAILABLE, e.getMessage(), uri))
        .header(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS)
        .build();
  }

  /** Maps the framework's refusals: unknown path, method or media type. */
  @ServerExceptionMapper
  Response framework(WebApplicationException e, UriInfo uri, Request request, HttpHeaders headers) {
    int status = e.getResponse().getStatus();
    if (status < 400) {
      return e.getResponse();
    }
    if (status >= 500) {
      return unexpected(e, uri);
    }
    ErrorCode code = ErrorCode.ofStatus(status);
    if (status == 404 && allowed.refuses(request.getMethod(), uri.getPath())) {
      code = ErrorCode.METHOD_NOT_ALLOWED;
    } else if (status == 400 && !acceptsAnything(headers)) {
      code = ErrorCode.NOT_ACCEPTABLE;
    }
    Response.ResponseBuilder response = response(problem(code, detail(code, request, uri), uri));
    if (code == ErrorCode.METHOD_NOT_ALLOWED) {
      allowed.of(uri.getPath()).ifPresent(methods -> response.header(HttpHeaders.ALLOW, methods));
    }
    return response.build();
  }

  /**
   * Returns false when {@code Accept} is not a list of media types. The framework then answers 400
   * for resources with several representations, and 406 for others.
   */
  private static boolean acceptsAnything(HttpHeaders headers) {
    try {
      return !headers.getAcceptableMediaTypes().isEmpty();
    } catch (IllegalArgumentException | WebApplicationException e) {
      return false;
    }
  }

  @ServerExceptionMapper
  Response anything(Throwable e, UriInfo uri) {
    return unexpected(e, uri);
  }

  private static Response unexpected(Throwable e, UriInfo uri) {
    String incident = UUID.randomUUID().toString();
    LOG.errorf(e, "Call failed incident=%s path=%s", incident, uri.getPath());
    return response(
            problem(
                ErrorCode.INTERNAL,
                ErrorCode.INTERNAL.name(),
                "The call failed for a reason of the service's own; its log tells more under "
                    + incident,
                uri,
                List.of(),
                null,
                incident))
        .build();
  }

  private String detail(ErrorCode code, Request request, UriInfo uri) {
    return switch (code) {
      case NOT_FOUND -> "There is no resource " + uri.getPath();
      case METHOD_NOT_ALLOWED -> "Allowed here: " + allowed.of(uri.getPath()).orElse("nothing");
      case NOT_ACCEPTABLE ->
          "The header Accept names nothing that is available here; accept one of "
              + allowed.types(request.getMethod(), uri.getPath());
      case UNSUPPORTED_MEDIA_TYPE -> "Send application/json or application/yaml";
      default -> code.title();
    };
  }

  private static ProblemDetail problem(ErrorCode code, @Nullable String detail, UriInfo uri) {
    return ProblemDetail.of(
        code, detail == null ? code.title() : detail, uri.getRequestUri().getRawPath());
  }

  private static ProblemDetail problem(
      ErrorCode entry,
      String code,
      @Nullable String detail,
      UriInfo uri,
      List<FieldError> errors,
      @Nullable List<String> allowedActions,
      @Nullable String incident) {
    return new ProblemDetail(
        entry.type(),
        code,
        entry.title(),
        entry.status(),
        detail == null ? entry.title() : detail,
        uri.getRequestUri().getRawPath(),
        errors.isEmpty() ? null : errors,
        allowedActions,
        incident);
  }

  private static Response.ResponseBuilder response(ProblemDetail problem) {
    return Response.status(problem.status()).type(ProblemDetail.MEDIA_TYPE).entity(problem);
  }
}
