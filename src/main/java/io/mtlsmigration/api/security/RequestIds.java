// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import io.opentelemetry.api.trace.Span;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;

/**
 * Gives each call an id that its answer, its log lines ({@code requestId}) and its entry in the
 * audit record share. The caller's own id is kept when it is safe to print. The answer and the log
 * lines ({@code traceId}, {@code spanId}) also carry the call's place in the caller's trace.
 */
@Singleton
public final class RequestIds {

  static final String HEADER = "X-Request-ID";

  private static final String MDC_KEY = "requestId";
  private static final String ATTRIBUTE = RequestIds.class.getName();

  /** First of all, so that every answer carries the id. */
  private static final int PRIORITY = 1_000;

  private static final Pattern HARMLESS = Pattern.compile("[A-Za-z0-9._:/+=@-]{1,128}");

  void register(@Observes Filters filters) {
    filters.register(RequestIds::name, PRIORITY);
  }

  private static void name(RoutingContext routing) {
    String id = chosen(routing.request().getHeader(HEADER));
    routing.put(ATTRIBUTE, id);
    routing.response().putHeader(HEADER, id);
    MDC.put(MDC_KEY, id);
    TraceContext trace =
        TraceContext.of(
            Span.current().getSpanContext(), routing.request().getHeader(TraceContext.HEADER));
    routing.response().putHeader(TraceContext.HEADER, trace.text());
    MDC.put("traceId", trace.traceId());
    MDC.put("spanId", trace.spanId());
    routing.next();
  }

  static String chosen(@Nullable String wanted) {
    return wanted != null && HARMLESS.matcher(wanted).matches()
        ? wanted
        : UUID.randomUUID().toString();
  }

  static String of(RoutingContext routing) {
    String id = routing.get(ATTRIBUTE);
    return id == null ? "" : id;
  }
}
