package io.mtlsmigration.api;

import static org.eclipse.microprofile.openapi.annotations.enums.ParameterIn.QUERY;

import io.mtlsmigration.api.input.Paging;
import io.mtlsmigration.api.input.Query;
import io.mtlsmigration.api.view.EventView;
import io.mtlsmigration.api.view.Page;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.RolloutLedger;
import io.smallrye.mutiny.Multi;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** What happened, and what is happening. */
@Path("/api/v1")
@Tag(name = "History")
final class EventsResource {

  private static final String STREAM =
      " As text/event-stream it follows live; Last-Event-ID resumes after the event of that id, and"
          + " 0 begins with the oldest that is kept.";

  private final RolloutLedger ledger;
  private final Plans plans;
  private final EventStreams streams;

  EventsResource(RolloutLedger ledger, Plans plans, EventStreams streams) {
    this.ledger = ledger;
    this.plans = plans;
    this.streams = streams;
  }

  @GET
  @Path("/events")
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "listEvents",
      summary = "What happened in all plans",
      description = "Newest first." + STREAM)
  @Parameter(name = "namespace", in = QUERY, description = "Only events of this namespace, or mesh")
  @Parameter(
      name = "type",
      in = QUERY,
      description = "Only events of this type",
      schema = @Schema(implementation = Event.Type.class))
  Page<EventView> events(UriInfo uri) {
    return page("", uri);
  }

  @GET
  @Path("/events")
  @Produces(MediaType.SERVER_SENT_EVENTS)
  @Operation(hidden = true)
  Multi<OutboundSseEvent> follow(
      @HeaderParam(EventStreams.LAST_EVENT_ID) @Nullable String lastEventId,
      UriInfo uri,
      @Context Sse sse) {
    Query.none(uri);
    return streams.follow("", lastEventId, sse);
  }

  @GET
  @Path("/plans/{plan}/events")
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "listPlanEvents",
      summary = "What happened in a plan",
      description = "Newest first; at least the last 200 are kept." + STREAM)
  @Parameter(name = "namespace", in = QUERY, description = "Only events of this namespace, or mesh")
  @Parameter(
      name = "type",
      in = QUERY,
      description = "Only events of this type",
      schema = @Schema(implementation = Event.Type.class))
  Page<EventView> planEvents(@PathParam("plan") String plan, UriInfo uri) {
    plans.plan(plan);
    return page(plan, uri);
  }

  @GET
  @Path("/plans/{plan}/events")
  @Produces(MediaType.SERVER_SENT_EVENTS)
  @Operation(hidden = true)
  Multi<OutboundSseEvent> followPlan(
      @PathParam("plan") String plan,
      @HeaderParam(EventStreams.LAST_EVENT_ID) @Nullable String lastEventId,
      UriInfo uri,
      @Context Sse sse) {
    Query.none(uri);
    plans.plan(plan);
    return streams.follow(plan, lastEventId, sse);
  }

  private Page<EventView> page(String plan, UriInfo uri) {
    Query query = Query.of(uri);
    String namespace = query.text("namespace");
    Event.Type type = query.choice("type", Event.Type.class);
    Paging paging = query.paging();
    query.end();
    return Page.of(
        paging
            .cut(
                ledger.events(plan).stream()
                    .filter(event -> namespace == null || event.subject().equals(namespace))
                    .filter(event -> type == null || event.type() == type),
                event -> "%019d".formatted(Long.MAX_VALUE - event.id()))
            .map(EventView::of));
  }
}
