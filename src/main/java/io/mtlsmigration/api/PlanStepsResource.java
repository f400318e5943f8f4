package io.mtlsmigration.api;

import static org.eclipse.microprofile.openapi.annotations.enums.ParameterIn.QUERY;

import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.input.Paging;
import io.mtlsmigration.api.input.Query;
import io.mtlsmigration.api.input.SortField;
import io.mtlsmigration.api.input.Sorting;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.CommandBodies.CommentBody;
import io.mtlsmigration.api.view.CommandBodies.OverrideBody;
import io.mtlsmigration.api.view.Page;
import io.mtlsmigration.api.view.StepSort;
import io.mtlsmigration.api.view.StepView;
import io.mtlsmigration.probe.Cell;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanDesk;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepAction;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.SecurityContext;
import jakarta.ws.rs.core.UriInfo;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** The namespaces of a plan: where each stands, and what people may ask of it. */
@Path("/api/v1/plans/{plan}/namespaces")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Steps")
public final class PlanStepsResource {

  private final RolloutLedger ledger;
  private final PlanDesk desk;
  private final Plans plans;
  private final StepCommands commands;

  private final Latest<PlanRecord, Map<String, String>> waves = new Latest<>(StepView::waves);

  PlanStepsResource(RolloutLedger ledger, PlanDesk desk, Plans plans, StepCommands commands) {
    this.ledger = ledger;
    this.desk = desk;
    this.plans = plans;
    this.commands = commands;
  }

  @GET
  @Needs(Verb.GET)
  @Operation(
      operationId = "listPlanNamespaces",
      summary = "The namespaces of a plan",
      description =
          "In the order of their names, unless asked otherwise. There are none before the plan is"
              + " started.")
  @Parameter(
      name = "phase",
      in = QUERY,
      description = "Only namespaces in this phase",
      schema = @Schema(implementation = Phase.class))
  @Parameter(
      name = "sort",
      in = QUERY,
      description = SortField.WORDS,
      schema = @Schema(implementation = StepSort.class))
  public Page<StepView> list(@PathParam("plan") String name, UriInfo uri) {
    Query query = Query.of(uri);
    Phase phase = query.choice("phase", Phase.class);
    Sorting<StepSort> sorting = query.sorting(StepSort.class);
    Paging paging = query.paging();
    query.end();
    PlanRecord plan = plans.plan(name);
    Map<String, List<Cell>> probes = plans.probes();
    Map<String, String> waves = this.waves.of(plan);
    Stream<StepRecord> steps =
        ledger.steps(name).stream()
            .filter(step -> !step.key().isMesh())
            .filter(step -> phase == null || step.phase() == phase);
    Paging.Part<StepRecord> part =
        paging.cutOrdered(steps, step -> step.key().namespace(), sorting, PlanStepsResource::value);
    return Page.of(
        part.map(
            step ->
                StepView.of(
                    plan,
                    waves,
                    step,
                    probes.getOrDefault(step.key().namespace(), List.of()),
                    desk)));
  }

  private static @Nullable String value(StepRecord step, StepSort field) {
    return switch (field) {
      case NAMESPACE -> step.key().namespace();
      case PHASE -> Sorting.place(step.phase(), List.of(Phase.values()));
      case SINCE -> Sorting.instant(step.since());
      case AUTOMATIC_ROLLBACKS -> Sorting.number(step.automaticRollbacks());
    };
  }

  @GET
  @Path("/{namespace}")
  @Needs(Verb.GET)
  @Operation(
      operationId = "getPlanNamespace",
      summary = "A namespace of a plan",
      description =
          "Its phase and why, the gates, the latest probes, and what was written with what was"
              + " there before.")
  public StepView get(
      @PathParam("plan") String name,
      @PathParam("namespace") String namespace,
      UriInfo uri,
      @Context ContainerRequestContext request) {
    Query.none(uri);
    PlanRecord plan = plans.plan(name);
    StepRecord step = plans.step(name, new StepKey(namespace));
    EntityTags.version(request, step.version());
    return StepView.of(plan, step, plans.probes(step.key()), desk);
  }

  @POST
  @Path("/{namespace}/retry")
  @Needs(Verb.RETRY)
  @Consumes(MediaType.WILDCARD) // a client may claim anything of a body that it leaves out
  @RunOnVirtualThread
  @Operation(
      operationId = "retryNamespace",
      summary = "Try a namespace again",
      description = "It goes back to observation, and may be locked again once its gates hold.")
  @RequestBody(
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(implementation = CommentBody.class)))
  @APIResponse(
      responseCode = "202",
      description = StepCommands.TAKEN,
      content = @Content(schema = @Schema(implementation = StepView.class)))
  public RestResponse<StepView> retry(
      @PathParam("plan") String plan,
      @PathParam("namespace") String namespace,
      @Nullable InputStream body,
      @Context HttpHeaders headers,
      UriInfo uri,
      SecurityContext security) {
    return commands.act(
        plan, new StepKey(namespace), StepAction.RETRY, body, headers, uri, security);
  }

  @POST
  @Path("/{namespace}/rollback")
  @Needs(Verb.ROLLBACK)
  @Consumes(MediaType.WILDCARD) // a client may claim anything of a body that it leaves out
  @RunOnVirtualThread
  @Operation(
      operationId = "rollbackNamespace",
      summary = "Undo what was written in a namespace",
      description = "The previous effective mode of each port comes back, DISABLE included.")
  @RequestBody(
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(implementation = CommentBody.class)))
  @APIResponse(
      responseCode = "202",
      description = StepCommands.TAKEN,
      content = @Content(schema = @Schema(implementation = StepView.class)))
  public RestResponse<StepView> rollback(
      @PathParam("plan") String plan,
      @PathParam("namespace") String namespace,
      @Nullable InputStream body,
      @Context HttpHeaders headers,
      UriInfo uri,
      SecurityContext security) {
    return commands.act(
        plan, new StepKey(namespace), StepAction.ROLLBACK, body, headers, uri, security);
  }

  @POST
  @Path("/{namespace}/exempt")
  @Needs(Verb.EXEMPT)
  @Consumes(MediaType.WILDCARD) // a client may claim anything of a body that it leaves out
  @RunOnVirtualThread
  @Operation(
      operationId = "exemptNamespace",
      summary = "Leave a namespace open",
      description = "Writes an explicit PERMISSIVE, so the mesh step need not wait for it.")
  @RequestBody(
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(implementation = CommentBody.class)))
  @APIResponse(
      responseCode = "202",
      description = StepCommands.TAKEN,
      content = @Content(schema = @Schema(implementation = StepView.class)))
  public RestResponse<StepView> exempt(
      @PathParam("plan") String plan,
      @PathParam("namespace") String namespace,
      @Nullable InputStream body,
      @Context HttpHeaders headers,
      UriInfo uri,
      SecurityContext security) {
    return commands.act(
        plan, new StepKey(namespace), StepAction.EXEMPT, body, headers, uri, security);
  }

  @POST
  @Path("/{namespace}/skip")
  @Needs(Verb.SKIP)
  @Consumes(MediaType.WILDCARD) // a client may claim anything of a body that it leaves out
  @RunOnVirtualThread
  @Operation(
      operationId = "skipNamespace",
      summary = "Leave a namespace untouched",
      description = "Writes nothing, and so blocks the mesh step.")
  @RequestBody(
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(implementation = CommentBody.class)))
  @APIResponse(
      responseCode = "202",
      description = StepCommands.TAKEN,
      content = @Content(schema = @Schema(implementation = StepView.class)))
  public RestResponse<StepView> skip(
      @PathParam("plan") String plan,
      @PathParam("namespace") String namespace,
      @Nullable InputStream body,
      @Context HttpHeaders headers,
      UriInfo uri,
      SecurityContext security) {
    return commands.act(
        plan, new StepKey(namespace), StepAction.SKIP, body, headers, uri, security);
  }

  @POST
  @Path("/{namespace}/overrides")
  @Needs(Verb.OVERRIDE)
  @Consumes({MediaType.APPLICATION_JSON, PlansResource.YAML})
  @RunOnVirtualThread
  @Operation(
      operationId = "overrideGates",
      summary = "Let gates of a namespace pass once",
      description = "Who, when and why are kept. Some gates cannot be overridden, such as sync.")
  @RequestBody(
      required = true,
      content = @Content(schema = @Schema(implementation = OverrideBody.class)))
  @APIResponse(
      responseCode = "202",
      description = StepCommands.TAKEN,
      content = @Content(schema = @Schema(implementation = StepView.class)))
  public RestResponse<StepView> override(
      @PathParam("plan") String plan,
      @PathParam("namespace") String namespace,
      @Nullable InputStream body,
      @Context HttpHeaders headers,
      UriInfo uri,
      SecurityContext security) {
    return commands.override(plan, new StepKey(namespace), body, headers, uri, security);
  }
}
