// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.openapi;

import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.api.problem.ProblemDetail;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;

/** Adds the problems that an operation may answer with, derived from its input. */
final class ProblemResponses {

  private static final List<ErrorCode> DOCUMENTED =
      List.of(
          ErrorCode.BAD_REQUEST,
          ErrorCode.UNAUTHENTICATED,
          ErrorCode.FORBIDDEN,
          ErrorCode.NOT_FOUND,
          ErrorCode.NOT_ACCEPTABLE,
          ErrorCode.BODY_TIMEOUT,
          ErrorCode.CONFLICT,
          ErrorCode.STALE,
          ErrorCode.TOO_LARGE,
          ErrorCode.UNSUPPORTED_MEDIA_TYPE,
          ErrorCode.INVALID,
          ErrorCode.PRECONDITION_REQUIRED,
          ErrorCode.TOO_MANY_REQUESTS,
          ErrorCode.INTERNAL,
          ErrorCode.UNAVAILABLE);

  void define(Components components) {
    for (ErrorCode code : DOCUMENTED) {
      APIResponse response =
          OASFactory.createAPIResponse()
              .description(code.title())
              .content(
                  OASFactory.createContent()
                      .addMediaType(
                          ProblemDetail.MEDIA_TYPE,
                          OASFactory.createMediaType()
                              .schema(OASFactory.createSchema().ref("#/components/schemas/Problem"))
                              .example(example(code))));
      if (code == ErrorCode.TOO_MANY_REQUESTS || code == ErrorCode.UNAVAILABLE) {
        response.addHeader(
            CommonHeaders.RETRY_AFTER, CommonHeaders.reference(CommonHeaders.RETRY_AFTER));
      }
      components.addResponse(code.name(), response);
    }
  }

  private static Map<String, Object> example(ErrorCode code) {
    Map<String, Object> problem = new LinkedHashMap<>();
    problem.put("type", code.type());
    problem.put("code", code.name());
    problem.put("title", code.title());
    problem.put("status", code.status());
    problem.put("detail", code.title());
    problem.put("instance", "/api/v1/plans/q4");
    switch (code) {
      case INVALID -> problem.put("errors", List.of(error()));
      case CONFLICT -> problem.put("allowedActions", List.of("PAUSE", "ABORT", "ROLLBACK"));
      case INTERNAL -> problem.put("incident", "7d4f1a52-3c7e-4a40-9e0e-7d1f6f0f3a11");
      default -> {}
    }
    return problem;
  }

  private static Map<String, Object> error() {
    Map<String, Object> error = new LinkedHashMap<>();
    error.put("pointer", "/waves/0/namespaces/1");
    error.put("code", "UNKNOWN_REFERENCE");
    error.put("detail", "There is no namespace of this name");
    return error;
  }

  static void add(String path, PathItem.HttpMethod method, Operation operation) {
    for (ErrorCode code : possible(path, method, operation)) {
      operation
          .getResponses()
          .addAPIResponse(
              Integer.toString(code.status()), OASFactory.createAPIResponse().ref(code.name()));
    }
  }

  private static List<ErrorCode> possible(
      String path, PathItem.HttpMethod method, Operation operation) {
    List<ErrorCode> codes =
        new ArrayList<>(
            List.of(ErrorCode.BAD_REQUEST, ErrorCode.UNAUTHENTICATED, ErrorCode.FORBIDDEN));
    boolean wireChecks = path.endsWith("/wire-checks") && method == PathItem.HttpMethod.POST;
    boolean probes = path.endsWith("/probes") && method == PathItem.HttpMethod.POST;
    boolean filtered =
        takes(operation, "namespace") && !path.endsWith("/events") && !path.endsWith("/audit");
    if (path.contains("{") || path.endsWith("/impact") || wireChecks || filtered) {
      codes.add(ErrorCode.NOT_FOUND);
    }
    codes.add(ErrorCode.NOT_ACCEPTABLE);
    if (method != PathItem.HttpMethod.GET && path.contains("/plans")) {
      codes.add(ErrorCode.CONFLICT);
    }
    boolean conditional = takes(operation, "If-Match");
    if (conditional) {
      codes.add(ErrorCode.STALE);
    }
    if (operation.getRequestBody() != null) {
      codes.add(ErrorCode.BODY_TIMEOUT);
      codes.add(ErrorCode.TOO_LARGE);
      codes.add(ErrorCode.UNSUPPORTED_MEDIA_TYPE);
      codes.add(ErrorCode.INVALID);
    }
    if (conditional && method != PathItem.HttpMethod.POST) {
      codes.add(ErrorCode.PRECONDITION_REQUIRED);
    }
    boolean windows = path.endsWith("/v1/traffic");
    if (path.endsWith("/analyses") || path.endsWith("/events") || wireChecks || probes || windows) {
      codes.add(ErrorCode.TOO_MANY_REQUESTS);
    }
    codes.add(ErrorCode.INTERNAL);
    codes.add(ErrorCode.UNAVAILABLE);
    return codes;
  }

  private static boolean takes(Operation operation, String header) {
    return operation.getParameters() != null
        && operation.getParameters().stream()
            .anyMatch(
                p ->
                    header.equals(p.getName())
                        || (p.getRef() != null && p.getRef().endsWith("/" + header)));
  }
}
