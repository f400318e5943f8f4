// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.input.PageQuery;
import io.mtlsmigration.api.input.Paging;
import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.api.problem.ProblemDetail.FieldError;
import io.mtlsmigration.api.security.CallerRights;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.ExceptionPreviewView;
import io.mtlsmigration.api.view.ExceptionView;
import io.mtlsmigration.api.view.Page;
import io.mtlsmigration.api.view.PlanView;
import io.mtlsmigration.contract.ExceptionReading;
import io.mtlsmigration.contract.MigrationPlanSpec;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.commands.CommandException;
import io.mtlsmigration.rollout.commands.PlanCommands;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import java.net.URI;
import java.time.Clock;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
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

/** The exceptions of a plan: lists, adds, changes and ends them. */
@Path("/api/v1/plans/{plan}/exceptions")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Exceptions")
public final class ExceptionsResource {

  private static final String OF_THE_PLAN = "ETag of the plan, or of its exceptions";

  private final PlanCommands commands;
  private final Plans plans;
  private final Impacts impacts;
  private final CallerRights rights;
  private final Clock clock;

  ExceptionsResource(
      PlanCommands commands, Plans plans, Impacts impacts, CallerRights rights, Clock clock) {
    this.commands = commands;
    this.plans = plans;
    this.impacts = impacts;
    this.rights = rights;
    this.clock = clock;
  }

  @GET
  @Needs(Verb.GET)
  @Operation(
      operationId = "listPlanExceptions",
      summary = "The exceptions of a plan",
      description = "What stays open, who answers for it, and until when; in the order of ids.")
  public Page<ExceptionView> list(
      @PathParam("plan") String name,
      @QueryParam("namespace") @Parameter(description = "Only of this namespace")
          @Nullable String namespace,
      @QueryParam("state") @Parameter(description = "Only in this state")
          PolicyException.@Nullable Validity state,
      @BeanParam PageQuery page,
      @Context ContainerRequestContext request) {
    PlanRecord plan = plans.plan(name);
    EntityTags.version(request, plan.version());
    LocalDate today = today();
    Stream<PolicyException> wanted =
        plan.spec().exceptions().stream()
            .filter(one -> namespace == null || one.namespace().equals(namespace))
            .filter(one -> state == null || one.validity(today) == state);
    Paging.Part<PolicyException> part = page.paging().cut(wanted, PolicyException::id);
    return Page.of(part.map(one -> ExceptionView.of(one, today)));
  }

  @GET
  @Path("/{exception}")
  @Needs(Verb.GET)
  @Operation(
      operationId = "getPlanException",
      summary = "An exception of a plan",
      description = "What stays open, who answers for it, and until when.")
  public ExceptionView get(
      @PathParam("plan") String name,
      @PathParam("exception") String id,
      @Context ContainerRequestContext request) {
    PlanRecord plan = plans.plan(name);
    EntityTags.version(request, plan.version());
    return view(plan, id);
  }

  @POST
  @Needs(Verb.UPDATE)
  @Consumes({MediaType.APPLICATION_JSON, PlansResource.YAML})
  @Operation(
      operationId = "addPlanException",
      summary = "Leave a port open",
      description =
          "In every phase before the plan's end. Where the namespace is STRICT, the port is opened"
              + " with the next tick, or when a paused plan is resumed, and the caller needs the"
              + " verb override besides. Approvals are void then.")
  @RequestBody(
      required = true,
      content = @Content(schema = @Schema(implementation = MigrationPlanSpec.PlanException.class)))
  @APIResponse(
      responseCode = "201",
      description = "The exception was added",
      content = @Content(schema = @Schema(implementation = ExceptionView.class)))
  public RestResponse<ExceptionView> add(
      @BeanParam PlanCommand command, @Nullable InputStream body, @Context RoutingContext routing) {
    PlanRecord present = plans.plan(command.plan());
    PolicyException exception = read(command, body);
    rights.requireStart(routing, present, present.spec());
    PlanRecord plan =
        commands.addException(
            command.plan(),
            exception,
            checked(present, command),
            command.caller(),
            rights.overriding(routing));
    return RestResponse.ResponseBuilder.create(
            RestResponse.Status.CREATED, view(plan, exception.id()))
        .location(URI.create("/api/v1/plans/" + plan.name() + "/exceptions/" + exception.id()))
        .header(HttpHeaders.ETAG, EntityTags.of(plan))
        .build();
  }

  @PUT
  @Path("/{exception}")
  @Needs(Verb.UPDATE)
  @Consumes({MediaType.APPLICATION_JSON, PlansResource.YAML})
  @Operation(
      operationId = "changePlanException",
      summary = "Agree to another day, owner, reason or paths",
      description =
          "In every phase but those of a plan that is undone: an exception outlives the plan that"
              + " made it. Namespace, selector and port stay as they are; nothing is written to the"
              + " mesh, and approvals stand.")
  @RequestBody(
      required = true,
      content = @Content(schema = @Schema(implementation = MigrationPlanSpec.PlanException.class)))
  @APIResponse(
      responseCode = "200",
      description = "The changed exception",
      content = @Content(schema = @Schema(implementation = ExceptionView.class)))
  public RestResponse<ExceptionView> change(
      @BeanParam PlanCommand command,
      @PathParam("exception") String id,
      @HeaderParam(HttpHeaders.IF_MATCH)
          @Parameter(description = OF_THE_PLAN, required = true, example = "\"7\"")
          @Nullable String ifMatch,
      @Nullable InputStream body,
      @Context RoutingContext routing) {
    PlanRecord present = plans.plan(command.plan());
    view(present, id);
    rights.requireStart(routing, present, present.spec());
    String version = EntityTags.required(ifMatch, present);
    PolicyException exception = read(command, body);
    if (!exception.id().equals(id)) {
      throw ApiException.of(
          ErrorCode.INVALID,
          List.of(
              FieldError.at(
                  "",
                  "IMMUTABLE",
                  "Namespace, selector and port of an exception stay as they are: add another"
                      + " one")));
    }
    PlanRecord plan =
        commands.changeException(command.plan(), exception, version, command.caller());
    return EntityTags.ok(view(plan, id), plan);
  }

  @DELETE
  @Path("/{exception}")
  @Needs(Verb.UPDATE)
  @Operation(
      operationId = "removePlanException",
      summary = "End an exception",
      description =
          "In a draft at any time; in a plan that runs or is paused while nothing of the namespace"
              + " is in place because of it. Nothing is written to the mesh: the namespace is locked"
              + " without the exception, through all gates; approvals and overrides are void."
              + " Otherwise it is a 409 PHASE that names the commands that come first. With dryRun"
              + " nothing is stored, and the answer says what is refused then, in every phase.")
  @APIResponse(
      responseCode = "200",
      description = "The plan without the exception; with dryRun an ExceptionPreview",
      content = @Content(schema = @Schema(ref = "#/components/schemas/PlanOrExceptionPreview")))
  public RestResponse<?> remove(
      @BeanParam PlanCommand command,
      @PathParam("exception") String id,
      @QueryParam("dryRun") @Parameter(description = "Compute only") @DefaultValue("false")
          boolean dryRun,
      @BeanParam PageQuery page,
      @HeaderParam(HttpHeaders.IF_MATCH)
          @Parameter(description = OF_THE_PLAN, required = true, example = "\"7\"")
          @Nullable String ifMatch,
      @Context RoutingContext routing) {
    PlanRecord present = plans.plan(command.plan());
    ExceptionView view = view(present, id);
    rights.requireStart(routing, present, present.spec());
    String version = EntityTags.required(ifMatch, present);
    if (dryRun) {
      PolicyException exception = present.spec().exception(id).orElseThrow();
      return RestResponse.ok(
          ExceptionPreviewView.of(
              view,
              commands.hindrance(present, exception).orElse(null),
              impacts.ended(present, exception, page.paging())));
    }
    PlanRecord plan = commands.removeException(command.plan(), id, version, command.caller());
    return EntityTags.ok(PlanView.of(plan, commands), plan);
  }

  /** Returns the version that may change: a draft that did not begin by itself may do so by now. */
  private static @Nullable String checked(PlanRecord present, PlanCommand command) {
    return command.version() == null && present.phase() == PlanPhase.DRAFT
        ? present.version()
        : command.version();
  }

  private ExceptionView view(PlanRecord plan, String id) {
    return plan.spec()
        .exception(id)
        .map(one -> ExceptionView.of(one, today()))
        .orElseThrow(() -> ApiException.notFound("exception " + id + " in plan " + plan.name()));
  }

  private static PolicyException read(PlanCommand command, @Nullable InputStream body) {
    ExceptionReading reading = ExceptionReading.ofBody(command.read(body));
    if (!reading.problems().isEmpty()) {
      throw new CommandException.Invalid(reading.problems());
    }
    return reading.exception();
  }

  private LocalDate today() {
    return LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
  }
}
