// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import io.mtlsmigration.access.AuditEntry.Action;
import io.mtlsmigration.access.AuditEntry.Actor;
import io.mtlsmigration.access.AuditEntry.Result;
import io.mtlsmigration.access.AuditLog;
import io.mtlsmigration.access.AuditLog.Reach;
import io.mtlsmigration.access.Identity;
import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.problem.ProblemDetail;
import io.mtlsmigration.api.security.AccessRules.Rule;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.HttpHeaders;
import java.net.URI;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/**
 * Follows each call to its outcome, and records those that changed something, tried to, or were
 * refused. The entry is written before the head of the answer is sent, so that a caller who has the
 * answer finds it and entries follow each other as the answers do; a call whose caller hung up is
 * recorded when it ends.
 */
@Singleton
final class AuditTrail {

  private static final int UNAUTHENTICATED = 401;
  private static final int FORBIDDEN = 403;
  private static final int UNAVAILABLE = 503;

  private final AuditLog log;

  AuditTrail(AuditLog log) {
    this.log = log;
  }

  ApiCall follow(RoutingContext routing) {
    ApiCall call = ApiCall.begin(routing);
    routing.addHeadersEndHandler(head -> record(call));
    routing.addEndHandler(end -> record(call));
    return call;
  }

  @ServerResponseFilter
  void note(ContainerResponseContext response, RoutingContext routing) {
    ApiCall call = ApiCall.of(routing);
    if (call == null) {
      return;
    }
    call.answered(
        response.getStatus(),
        response.getEntity() instanceof ProblemDetail problem ? problem.code() : "");
    Rule rule = call.rule();
    Object made = response.getHeaders().getFirst(HttpHeaders.LOCATION);
    if (rule != null && rule.verb() == Verb.CREATE && made != null) {
      call.made(lastPart(made));
    }
  }

  private static String lastPart(Object location) {
    String path = location instanceof URI uri ? uri.getPath() : location.toString();
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private void record(ApiCall call) {
    if (!call.isFirstRecord()) {
      return;
    }
    Rule rule = call.rule();
    if (call.isLetIn()) {
      if (rule != null && rule.changes() && !call.isDry()) {
        add(Reach.LET_IN, call);
      }
      return;
    }
    if (call.status() == UNAUTHENTICATED
        || call.status() == FORBIDDEN
        || (call.status() == UNAVAILABLE && mayChange(call, rule))) {
      add(call.caller() == null ? Reach.UNKNOWN : Reach.FORBIDDEN, call);
    }
  }

  private static boolean mayChange(ApiCall call, @org.jspecify.annotations.Nullable Rule rule) {
    return rule == null ? !call.method().equals("GET") : rule.changes();
  }

  private void add(Reach reach, ApiCall call) {
    Identity caller = call.caller();
    Rule rule = call.rule();
    log.add(
        reach,
        caller == null
            ? new Actor("", "", 0, call.address())
            : new Actor(caller.name(), caller.uid(), caller.groups().size(), call.address()),
        new Action(
            rule == null ? "" : rule.operationId(),
            call.method(),
            rule == null ? call.asked() : rule.path(),
            call.plan(),
            call.namespace(),
            call.keepsPolicies(),
            call.requestId()),
        new Result(call.status(), call.problem()));
  }
}
