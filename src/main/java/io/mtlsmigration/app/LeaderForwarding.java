// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.api.EntityTags;
import io.mtlsmigration.api.input.Bodies;
import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.api.security.AccessRules;
import io.mtlsmigration.api.security.CallerRights;
import io.mtlsmigration.rollout.Leadership;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Singleton;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.Provider;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.core.ResteasyReactiveRequestContext;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveContainerRequestContext;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveContainerRequestFilter;

/**
 * Forwards calls that only the leader can answer ({@link LeadersMemory}), for callers that this
 * replica has authorized itself. Only these parts of a call are forwarded: its operation with the
 * matched parameters, its body once it is complete, and its own token, by which the leader
 * authorizes it again. A call is forwarded once; a receiver that does not lead refuses it.
 */
@Provider
@Singleton
@Priority(Priorities.AUTHORIZATION + 1)
final class LeaderForwarding implements ResteasyReactiveContainerRequestFilter {

  private static final Logger LOG = Logger.getLogger(LeaderForwarding.class);

  /** The header of a forwarded call, so that two replicas cannot forward it to and fro. */
  static final String HOP = "Mtls-Migration-Forwarded";

  /** The syntax of names of plans, Kubernetes objects and runs. */
  private static final Pattern NAME = Pattern.compile("[0-9A-Za-z._-]{1,253}");

  private static final List<String> OF_THE_CALL =
      List.of(
          HttpHeaders.AUTHORIZATION,
          HttpHeaders.ACCEPT,
          HttpHeaders.CONTENT_TYPE,
          HttpHeaders.IF_MATCH);

  /** The headers that identify a call in its answer; this replica's values are used. */
  private static final List<String> NAMES = List.of("X-Request-ID", "traceparent");

  private static final Set<String> READING = Set.of("GET", "HEAD");

  private static final Set<String> BODILESS = Set.of("GET", "HEAD", "DELETE");

  private static final List<String> OF_THE_ANSWER =
      List.of(HttpHeaders.CONTENT_TYPE, HttpHeaders.RETRY_AFTER, HttpHeaders.WWW_AUTHENTICATE);

  private final AccessRules rules;
  private final Instance<Leadership> leadership;
  private final Instance<LeaderClient> client;

  /**
   * Creates the filter without resolving the instances before the first call: it is created while a
   * native image is built.
   */
  LeaderForwarding(
      AccessRules rules, Instance<Leadership> leadership, Instance<LeaderClient> client) {
    this.rules = rules;
    this.leadership = leadership;
    this.client = client;
  }

  @Override
  public void filter(ResteasyReactiveContainerRequestContext request) {
    ResteasyReactiveRequestContext context =
        (ResteasyReactiveRequestContext) request.getServerRequestContext();
    AccessRules.Rule operation = rules.of(context.getTarget()).orElseThrow();
    LeadersMemory.Need need = LeadersMemory.need(operation);
    if (need == LeadersMemory.Need.ANYBODY || leadership.get().leads()) {
      return;
    }
    if (request.getHeaderString(HOP) != null) {
      throw unavailable("Another replica took this one for the leader; the lead changes hands");
    }
    Optional<ReplicaAddress> leader = leadership.get().address().flatMap(ReplicaAddress::read);
    Optional<String> target = target(operation, request);
    if (target.isPresent() && leader.isPresent()) {
      request.suspend();
      RoutingContext routing = context.unwrap(RoutingContext.class);
      Thread.ofVirtual()
          .name("forwarding")
          .start(() -> ask(leader.get(), operation, target.get(), request, routing));
    } else if (target.isPresent() && need == LeadersMemory.Need.LEADER) {
      throw unavailable("No replica leads at the moment, and only the leader knows this");
    }
  }

  private static ApiException unavailable(String why) {
    return ApiException.of(ErrorCode.UNAVAILABLE, why + "; repeat the call");
  }

  /**
   * Returns the target from the resource's template, the matched parameters and the query; empty
   * for an impossible name, which any replica can answer for.
   */
  private static Optional<String> target(
      AccessRules.Rule operation, ResteasyReactiveContainerRequestContext request) {
    String path = operation.path();
    for (Map.Entry<String, List<String>> part :
        request.getUriInfo().getPathParameters().entrySet()) {
      String name = part.getValue().getFirst();
      if (!NAME.matcher(name).matches() || name.startsWith(".")) {
        return Optional.empty();
      }
      path = path.replace("{" + part.getKey() + "}", name);
    }
    String query =
        request.getUriInfo().getQueryParameters().entrySet().stream()
            .flatMap(p -> p.getValue().stream().map(v -> encoded(p.getKey()) + "=" + encoded(v)))
            .collect(Collectors.joining("&"));
    return Optional.of(query.isEmpty() ? path : path + "?" + query);
  }

  /** Returns whether the body of a call means something by its method. */
  static boolean takesBody(String method) {
    return !BODILESS.contains(method);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private void ask(
      ReplicaAddress leader,
      AccessRules.Rule operation,
      String target,
      ResteasyReactiveContainerRequestContext request,
      RoutingContext routing) {
    try {
      // A caller that hangs up, or is late with its body, is dropped.
      byte[] body =
          takesBody(operation.method()) ? Bodies.whole(request.getEntityStream()) : new byte[0];
      request.setEntityStream(new ByteArrayInputStream(body)); // for when it is answered here
      HttpResponse<byte[]> answer =
          client
              .get()
              .call(
                  CallerRights.name(routing),
                  leader,
                  target,
                  uri -> onward(uri, operation, body, request, routing));
      request.abortWith(answer(answer, request));
    } catch (CallPlaces.Full e) {
      without(operation, request, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      LOG.warnf(
          "The leader does not answer leader=%s operation=%s cause=%s",
          leader.authority(), operation.operationId(), e.getMessage());
      if (READING.contains(operation.method())) {
        without(operation, request, "The leader does not answer");
      } else {
        // It may have done it: not twice.
        request.resume(unavailable("The leader does not answer, and may have done it"));
      }
    } catch (InterruptedException | RuntimeException | Error e) { // or the call hangs for good
      request.resume(e);
    }
  }

  private static void without(
      AccessRules.Rule operation, ResteasyReactiveContainerRequestContext request, String why) {
    if (LeadersMemory.need(operation) == LeadersMemory.Need.LEADER) {
      request.resume(unavailable(why + ", and only it knows this"));
    } else {
      request.resume();
    }
  }

  private static HttpRequest onward(
      URI uri,
      AccessRules.Rule operation,
      byte[] body,
      ResteasyReactiveContainerRequestContext request,
      RoutingContext routing) {
    HttpRequest.Builder onward =
        HttpRequest.newBuilder(uri)
            .method(
                operation.method(),
                body.length == 0
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofByteArray(body))
            .header(HOP, "1");
    for (String name : OF_THE_CALL) {
      String value = request.getHeaderString(name);
      if (value != null) {
        onward.header(name, value);
      }
    }
    for (String name : NAMES) {
      String value = routing.response().headers().get(name);
      if (value != null) {
        onward.header(name, value);
      }
    }
    return onward.build();
  }

  private static Response answer(
      HttpResponse<byte[]> leaders, ResteasyReactiveContainerRequestContext request)
      throws IOException {
    int status = leaders.statusCode();
    if (status < 200 || (status >= 300 && status < 400)) {
      throw new IOException("an answer that the API does not give: " + status);
    }
    Response.ResponseBuilder answer = Response.status(status);
    if (leaders.body().length > 0) {
      answer.entity(leaders.body());
    }
    for (String name : OF_THE_ANSWER) {
      leaders.headers().firstValue(name).ifPresent(value -> answer.header(name, value));
    }
    leaders
        .headers()
        .firstValue(HttpHeaders.LOCATION)
        .map(made -> URI.create(made).getRawPath())
        .filter(path -> path.startsWith("/api/v1/"))
        .ifPresent(
            path ->
                answer.header(
                    HttpHeaders.LOCATION, request.getUriInfo().getBaseUri().resolve(path)));
    boolean reads = READING.contains(request.getMethod());
    leaders
        .headers()
        .firstValue(HttpHeaders.ETAG)
        .ifPresent(
            tag -> {
              if (reads) {
                EntityTags.versionOf(request, tag);
              } else {
                answer.header(HttpHeaders.ETAG, tag);
              }
            });
    return answer.build();
  }
}
