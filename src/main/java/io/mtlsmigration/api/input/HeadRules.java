// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.input;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.quarkus.vertx.http.ManagementInterface;
import io.vertx.core.VertxException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.net.URI;
import java.net.URISyntaxException;

/**
 * Refuses calls whose heads are HTTP but that the router would accept or stumble over, on both
 * ports: several Host headers, none, or one that is no host (RFC 9112 §3.2); a target that is no
 * URI, or no path. The answer is a bare status, as for input that is no HTTP. Without this each of
 * them would be logged as an error, some with a stack trace, for any caller that sends them.
 */
@Singleton
final class HeadRules {

  /** After the head's timing ends, before any handler reads its path. */
  private static final int ORDER = -1_900;

  void register(@Observes Router router) {
    guard(router);
  }

  void register(@Observes ManagementInterface management) {
    guard(management.router());
  }

  private static void guard(Router router) {
    router.route().order(ORDER).handler(HeadRules::check).failureHandler(HeadRules::failed);
  }

  private static void check(RoutingContext routing) {
    HttpServerRequest request = routing.request();
    if (request.headers().getAll(HttpHeaders.HOST).size() > 1 || !isUri(request.uri())) {
      refuse(routing);
    } else {
      routing.next();
    }
  }

  private static boolean isUri(String target) {
    try {
      URI unused = new URI(target);
      return true;
    } catch (URISyntaxException e) {
      return false;
    }
  }

  /** Handles a call that the router refuses by itself, without a routing context. */
  private static void failed(RoutingContext routing) {
    if (routing.failure() instanceof VertxException && routing.statusCode() == 400) {
      refuse(routing);
    } else {
      routing.next();
    }
  }

  private static void refuse(RoutingContext routing) {
    routing.response().setStatusCode(HttpResponseStatus.BAD_REQUEST.code()).end();
  }
}
