// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.api.problem.ProblemWriter;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Stream;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Bounds how long a body may take to arrive. The HTTP layer bounds silence only; a caller that
 * sends a byte now and then would hold a thread, and one of the few analyses, for as long as it
 * likes.
 */
@Singleton
final class BodyDeadlines {

  /** After the handlers that name the call, before those that read its body. */
  private static final int PRIORITY = 900;

  private static final String ANALYSES = "/api/v1/analyses";

  private final ProblemWriter problems;
  private final Duration command;
  private final Duration analysis;

  /**
   * Creates the deadlines.
   *
   * @param command for bodies of up to 2 MB
   * @param analysis for up to 100 MB, which a line of 3 Mbit/s sends in five minutes
   */
  BodyDeadlines(
      ProblemWriter problems,
      @ConfigProperty(name = "mtls-migration.body.timeout", defaultValue = "30s") Duration command,
      @ConfigProperty(name = "mtls-migration.body.analysis-timeout", defaultValue = "5m")
          Duration analysis) {
    this.problems = problems;
    this.command = command;
    this.analysis = analysis;
  }

  void register(@Observes Filters filters) {
    filters.register(this::watch, PRIORITY);
  }

  private void watch(RoutingContext routing) {
    HttpServerRequest request = routing.request();
    if (multiplexed(request) || announcesBody(request)) {
      Duration allowed = ANALYSES.equals(request.path()) ? analysis : command;
      long timer = routing.vertx().setTimer(allowed.toMillis(), id -> late(routing, allowed));
      // isEnded() says no, as long as whoever has read all of it has asked for no more.
      request.end().onComplete(whole -> routing.vertx().cancelTimer(timer));
      routing.addEndHandler(end -> routing.vertx().cancelTimer(timer));
    }
    routing.next();
  }

  private static boolean announcesBody(HttpServerRequest request) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    return request.headers().contains(HttpHeaders.TRANSFER_ENCODING)
        || (length != null && !length.equals("0"));
  }

  private static boolean multiplexed(HttpServerRequest request) {
    return request.version() == HttpVersion.HTTP_2;
  }

  /**
   * Whether more of the body is to come. A body of HTTP/2 needs no announcement, and ends with its
   * stream; that of a request that was upgraded to HTTP/2 comes outside its stream, the first.
   */
  private static boolean isOpen(HttpServerRequest request) {
    if (!multiplexed(request)
        || (request.streamId() == Http2CodecUtil.HTTP_UPGRADE_STREAM_ID
            && announcesBody(request))) {
      return true;
    }
    if (request.connection() instanceof HttpServerConnection connection) {
      Http2ConnectionHandler handler =
          connection.channel().pipeline().get(Http2ConnectionHandler.class);
      Http2Stream stream = handler.connection().stream(request.streamId());
      return stream != null && stream.state().remoteSideOpen();
    }
    return false;
  }

  private void late(RoutingContext routing, Duration allowed) {
    HttpServerRequest request = routing.request();
    HttpServerResponse response = routing.response();
    if (response.ended() || !isOpen(request)) {
      return;
    }
    if (response.headWritten()) {
      cut(request, Http2Error.CANCEL);
      return;
    }
    if (!multiplexed(request)) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    problems
        .answer(
            response,
            ErrorCode.BODY_TIMEOUT,
            "A body here may take " + allowed + " to arrive",
            String.valueOf(request.path()))
        .onComplete(sent -> cut(request, Http2Error.NO_ERROR));
  }

  /** Resets the stream of HTTP/2 alone (RFC 9113, 8.1): other calls share its connection. */
  private static void cut(HttpServerRequest request, Http2Error reason) {
    if (!request.response().reset(reason.code())) {
      request.connection().close();
    }
  }
}
