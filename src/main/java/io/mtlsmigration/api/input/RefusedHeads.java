package io.mtlsmigration.api.input;

import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.api.problem.ProblemWriter;
import io.mtlsmigration.api.security.RequestIds;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.net.URI;
import java.net.URISyntaxException;

/**
 * Answers calls whose heads are refused before there is a route ({@link HeadCheck}), on both ports.
 * Vert.x closes their connections: where the next call begins nobody knows.
 */
@Singleton
final class RefusedHeads {

  /** What Netty calls a target that it has not read. */
  private static final String UNKNOWN = "/bad-request";

  private final ProblemWriter problems;

  RefusedHeads(ProblemWriter problems) {
    this.problems = problems;
  }

  void register(@Observes StartupEvent started) {
    HeadCheck.refuseBy(this::answer);
  }

  private void answer(HttpServerRequest request) {
    HttpServerResponse response = request.response();
    RequestIds.Names names = RequestIds.unrouted(request);
    names.headers().forEach(response::putHeader);
    response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    Throwable cause = request.decoderResult().cause();
    switch (cause) {
      case HeadCheck.Fault fault ->
          problems.answer(response, fault.code(), fault.detail(), instance(request, names));
      case TooLongHttpLineException tooLong ->
          problems.answer(
              response,
              ErrorCode.URI_TOO_LONG,
              "The first line of a request is too long: " + tooLong.getMessage(),
              names.urn());
      case TooLongHttpHeaderException tooLong ->
          problems.answer(
              response,
              ErrorCode.HEAD_TOO_LARGE,
              "The headers of a request are too large: " + tooLong.getMessage(),
              instance(request, names));
      default ->
          problems.answer(
              response,
              ErrorCode.BAD_REQUEST,
              "The head of the request is not well-formed HTTP",
              instance(request, names));
    }
  }

  /** The path where there is one that is fit to be repeated, else the name of the call. */
  private static String instance(HttpServerRequest request, RequestIds.Names names) {
    String path = request.path();
    return path == null || !path.startsWith("/") || path.equals(UNKNOWN) || !isUri(path)
        ? names.urn()
        : path;
  }

  private static boolean isUri(String path) {
    try {
      URI unused = new URI(path);
      return true;
    } catch (URISyntaxException e) {
      return false;
    }
  }
}
