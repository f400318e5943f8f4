package io.mtlsmigration.app;

import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.api.problem.ProblemWriter;
import io.mtlsmigration.rollout.Leadership;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Sends on to the leader what only it can answer ({@link LeadersMemory}), as it came, credentials
 * and trace included: who may call is the leader's decision too. A call is sent on once; whoever
 * gets it and does not lead either refuses it.
 */
@Singleton
final class LeaderForwarding {

  private static final Logger LOG = Logger.getLogger(LeaderForwarding.class);

  /** Marks a call that was sent on, so that two replicas cannot send it to and fro. */
  static final String HOP = "Mtls-Migration-Forwarded";

  /** Below authentication (200): what a replica can refuse by itself does not reach the leader. */
  private static final int PRIORITY = 150;

  /** About a connection (RFC 9110, 7.6.1), not about the message. */
  private static final Set<String> OF_THE_CONNECTION =
      Set.of(
          "connection",
          "host",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private static final Duration CONNECT = Duration.ofSeconds(2);

  /** Without a byte from the leader for so long, the call has failed. */
  private static final Duration ANSWER = Duration.ofSeconds(20);

  /** A lease is taken over within so long, mostly. */
  private static final int RETRY_AFTER_SECONDS = 5;

  private final Leadership leadership;
  private final ProblemWriter problems;
  private final HttpClient client;

  LeaderForwarding(Leadership leadership, ProblemWriter problems, Vertx vertx) {
    this.leadership = leadership;
    this.problems = problems;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setConnectTimeout((int) CONNECT.toMillis())
                .setIdleTimeout((int) ANSWER.toSeconds())
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setMaxPoolSize(64)
                .setDecompressionSupported(false));
  }

  void register(@Observes Filters filters) {
    filters.register(this::handle, PRIORITY);
  }

  void handle(RoutingContext call) {
    HttpServerRequest request = call.request();
    LeadersMemory.Need need = LeadersMemory.need(request.method().name(), call.normalizedPath());
    if (need == LeadersMemory.Need.ANYBODY || leadership.leads()) {
      call.next();
      return;
    }
    Optional<String> leader = leadership.address();
    if (request.headers().contains(HOP)) {
      refuse(call, "Another replica took this one for the leader; the lead is changing hands");
    } else if (leader.isPresent()) {
      forward(call, leader.get(), need);
    } else if (need == LeadersMemory.Need.LEADER) {
      refuse(call, "No replica leads at the moment, and only the leader knows this");
    } else {
      call.next();
    }
  }

  private void forward(RoutingContext call, String leader, LeadersMemory.Need need) {
    HttpServerRequest request = call.request();
    request.pause();
    send(request, leader)
        .onSuccess(answer -> relay(answer, call))
        .onFailure(
            failure -> {
              LOG.warnf(
                  "The leader does not answer leader=%s path=%s cause=%s",
                  leader, call.normalizedPath(), failure);
              if (call.response().ended() || call.response().headWritten()) {
                call.response().reset();
              } else if (need == LeadersMemory.Need.LEADER) {
                refuse(call, "The leader does not answer, and only it knows this");
              } else {
                call.next();
              }
            });
  }

  private Future<HttpClientResponse> send(HttpServerRequest request, String leader) {
    RequestOptions options =
        new RequestOptions()
            .setMethod(request.method())
            .setAbsoluteURI(leader + request.uri())
            .setTimeout(ANSWER.toMillis());
    copy(request.headers(), options);
    options.putHeader(HOP, "1");
    boolean body =
        request.headers().contains(HttpHeaders.TRANSFER_ENCODING)
            || request.headers().contains(HttpHeaders.CONTENT_LENGTH);
    return client
        .request(options)
        .compose(
            onward -> {
              if (!body) {
                return onward.send();
              }
              if (!request.headers().contains(HttpHeaders.CONTENT_LENGTH)) {
                onward.setChunked(true);
              }
              return onward.send(request);
            });
  }

  private static void copy(MultiMap from, RequestOptions to) {
    from.forEach(
        (name, value) -> {
          if (!OF_THE_CONNECTION.contains(name.toLowerCase(Locale.ROOT))) {
            to.addHeader(name, value);
          }
        });
  }

  private static void relay(HttpClientResponse answer, RoutingContext call) {
    HttpServerResponse response = call.response().setStatusCode(answer.statusCode());
    answer
        .headers()
        .forEach(
            (name, value) -> {
              if (!OF_THE_CONNECTION.contains(name.toLowerCase(Locale.ROOT))) {
                response.headers().add(name, value);
              }
            });
    if (!response.headers().contains(HttpHeaders.CONTENT_LENGTH)) {
      response.setChunked(true);
    }
    // Half an answer must not look like a whole one, nor keep its reader waiting.
    answer
        .pipe()
        .endOnFailure(false)
        .to(response)
        .onFailure(
            failure -> {
              LOG.debugf(failure, "An answer of the leader was cut off");
              response.reset();
            });
  }

  private void refuse(RoutingContext call, String why) {
    HttpServerResponse response = call.response();
    response.putHeader(HttpHeaders.RETRY_AFTER, Integer.toString(RETRY_AFTER_SECONDS));
    problems.answer(
        response,
        ErrorCode.UNAVAILABLE,
        why + "; repeat the call",
        String.valueOf(call.request().path()));
  }
}
