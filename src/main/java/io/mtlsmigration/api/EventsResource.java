// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static org.eclipse.microprofile.openapi.annotations.enums.ParameterIn.HEADER;

import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.input.PageQuery;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.EventView;
import io.mtlsmigration.api.view.Page;
import io.mtlsmigration.rollout.RolloutLedger;
import io.smallrye.mutiny.Multi;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestStreamElementType;
import org.jspecify.annotations.Nullable;

/** The events of all plans, past and live. */
@Path("/api/v1/events")
@Tag(name = "History")
public final class EventsResource {

  static final String STREAM =
      " As text/event-stream it follows live; Last-Event-ID resumes after the event of that id, and"
          + " 0 begins with the oldest that is kept.";

  private final RolloutLedger ledger;
  private final EventStreams streams;

  EventsResource(RolloutLedger ledger, EventStreams streams) {
    this.ledger = ledger;
    this.streams = streams;
  }

  @GET
  @Needs(Verb.LIST)
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "listEvents",
      summary = "What happened in all plans",
      description = "Newest first." + STREAM)
  @Parameter(
      name = EventStreams.LAST_EVENT_ID,
      in = HEADER,
      description = "With text/event-stream: the id after which to go on",
      schema = @Schema(implementation = Long.class))
  public Page<EventView> events(@BeanParam EventLists.Filter filter, @BeanParam PageQuery page) {
    return EventLists.page(ledger.events(""), filter, page);
  }

  @GET
  @Needs(Verb.LIST)
  @Produces("text/event-stream;qs=0.5")
  @RestStreamElementType(MediaType.APPLICATION_JSON)
  @Operation(hidden = true)
  public Multi<OutboundSseEvent> follow(
      @HeaderParam(EventStreams.LAST_EVENT_ID) @Nullable String lastEventId,
      @Context SecurityContext security,
      @Context Sse sse,
      @Context RoutingContext routing) {
    return streams.follow("", lastEventId, security, sse, routing);
  }
}
