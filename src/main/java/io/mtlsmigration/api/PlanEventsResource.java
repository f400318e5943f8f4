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
import jakarta.ws.rs.PathParam;
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

/** The events of one plan, past and live. */
@Path("/api/v1/plans/{plan}/events")
@Tag(name = "Plans")
public final class PlanEventsResource {

  private final RolloutLedger ledger;
  private final Plans plans;
  private final EventStreams streams;

  PlanEventsResource(RolloutLedger ledger, Plans plans, EventStreams streams) {
    this.ledger = ledger;
    this.plans = plans;
    this.streams = streams;
  }

  @GET
  @Needs(Verb.GET)
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "listPlanEvents",
      summary = "What happened in a plan",
      description = "Newest first; at least the last 200 are kept." + EventsResource.STREAM)
  @Parameter(
      name = EventStreams.LAST_EVENT_ID,
      in = HEADER,
      description = "With text/event-stream: the id after which to go on",
      schema = @Schema(implementation = Long.class))
  public Page<EventView> planEvents(
      @PathParam("plan") String plan,
      @BeanParam EventLists.Filter filter,
      @BeanParam PageQuery page) {
    plans.plan(plan);
    return EventLists.page(ledger.events(plan), filter, page);
  }

  @GET
  @Needs(Verb.GET)
  @Produces("text/event-stream;qs=0.5")
  @RestStreamElementType(MediaType.APPLICATION_JSON)
  @Operation(hidden = true)
  public Multi<OutboundSseEvent> followPlan(
      @PathParam("plan") String plan,
      @HeaderParam(EventStreams.LAST_EVENT_ID) @Nullable String lastEventId,
      @Context SecurityContext security,
      @Context Sse sse,
      @Context RoutingContext routing) {
    plans.known(plan); // on the event loop
    return streams.follow(plan, lastEventId, security, sse, routing);
  }
}
