// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.input.Bodies;
import io.mtlsmigration.api.input.PageQuery;
import io.mtlsmigration.api.input.Paging;
import io.mtlsmigration.api.input.Sorting;
import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.api.problem.ProblemDetail.FieldError;
import io.mtlsmigration.api.security.CallerRights;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.Page;
import io.mtlsmigration.api.view.PlanBody;
import io.mtlsmigration.api.view.PlanSort;
import io.mtlsmigration.api.view.PlanView;
import io.mtlsmigration.api.view.PreviewView;
import io.mtlsmigration.contract.PlanReading;
import io.mtlsmigration.plan.PlanReport;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.Wave;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.commands.CommandException;
import io.mtlsmigration.rollout.commands.Overriding;
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
import jakarta.ws.rs.core.SecurityContext;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
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

/** Creates, reads, replaces and deletes plans. */
@Path("/api/v1/plans")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Plans")
public final class PlansResource {

  static final String YAML = "application/yaml";

  /** Defined in {@code api.openapi.Alternatives}. */
  private static final String ANSWER = "#/components/schemas/PlanOrPreview";

  private final RolloutLedger ledger;
  private final PlanCommands commands;
  private final Plans plans;
  private final CallerRights rights;
  private final CallWindows windows;

  private final LatestOnly<List<Wave>, List<PlanView.WaveView>> waves =
      new LatestOnly<>(PlanView.WaveView::of);

  /**
   * The last answer about a plan: with ten thousand members it takes longer to write than to make.
   */
  private volatile @Nullable WrittenOnce answer;

  PlansResource(
      RolloutLedger ledger,
      PlanCommands commands,
      Plans plans,
      CallerRights rights,
      CallWindows windows) {
    this.ledger = ledger;
    this.commands = commands;
    this.plans = plans;
    this.rights = rights;
    this.windows = windows;
  }

  @GET
  @Needs(Verb.LIST)
  @Operation(
      operationId = "listPlans",
      summary = "Plans and how far they are",
      description = "In the order of their names, unless asked otherwise.")
  public Page<PlanView.Summary> list(
      @QueryParam("phase") @Parameter(description = "Only plans in this phase")
          @Nullable PlanPhase phase,
      @QueryParam("sort") @Nullable Sorting<PlanSort> sorting,
      @BeanParam PageQuery page) {
    Stream<PlanRecord> wanted =
        ledger.plans().stream().filter(plan -> phase == null || plan.phase() == phase);
    Paging.Part<PlanRecord> part =
        page.paging().cut(wanted, PlanRecord::name, sorting, PlansResource::value);
    return Page.of(part.map(plan -> PlanView.Summary.of(plan, commands)));
  }

  private static @Nullable String value(PlanRecord plan, PlanSort field) {
    return switch (field) {
      case NAME -> plan.name();
      case PHASE -> Sorting.place(plan.phase(), List.of(PlanPhase.values()));
      case CREATED_AT -> Sorting.instant(plan.createdAt());
    };
  }

  @POST
  @Needs(Verb.CREATE)
  @Consumes({MediaType.APPLICATION_JSON, YAML})
  @RunOnVirtualThread
  @Operation(
      operationId = "createPlan",
      summary = "Make a plan",
      description =
          "The short form is enough; every default is filled in. Nothing moves before start, which"
              + " start: WHEN_ACCEPTED gives it at once, from who has that verb. With"
              + " dryRun the plan is validated, and the computed waves and writes are shown, but"
              + " nothing is stored.")
  @RequestBody(
      required = true,
      content = @Content(schema = @Schema(implementation = PlanBody.class)))
  @APIResponse(
      responseCode = "201",
      description = "The plan was made",
      content = @Content(schema = @Schema(ref = ANSWER)))
  @APIResponse(
      responseCode = "200",
      description = "With dryRun: what the plan would do",
      content = @Content(schema = @Schema(ref = ANSWER)))
  public RestResponse<?> create(
      @Nullable InputStream body,
      @Context HttpHeaders headers,
      @QueryParam("dryRun")
          @Parameter(description = "Validate and compute only")
          @DefaultValue("false")
          boolean dryRun,
      SecurityContext security,
      @Context RoutingContext routing) {
    PlanSpec spec = bind(body, headers, null);
    rights.requireStart(routing, spec);
    boolean overrides = overrides(spec, routing);
    if (dryRun) {
      PlanReport report = commands.preview(spec);
      if (report.hindered(overrides)) {
        throw new CommandException.Invalid(report.problems());
      }
      return RestResponse.ok(preview(spec, report));
    }
    PlanRecord plan = commands.create(spec, Actor.of(security), overrides);
    return RestResponse.ResponseBuilder.create(
            RestResponse.Status.CREATED, PlanView.of(plan, commands))
        .location(URI.create("/api/v1/plans/" + plan.name()))
        .header(HttpHeaders.ETAG, EntityTags.of(plan))
        .build();
  }

  @GET
  @Path("/{plan}")
  @Needs(Verb.GET)
  @Operation(
      operationId = "getPlan",
      summary = "A plan and where it stands",
      description =
          "What was wanted, the waves as computed with the reason for each place, how far it is,"
              + " and why it is not further.")
  public PlanView get(
      @PathParam("plan") String name,
      @Context ContainerRequestContext request,
      @Context RoutingContext routing) {
    PlanRecord plan = plans.plan(name);
    EntityTags.version(request, plan.version());
    PlanView view = PlanView.of(plan, waves.of(plan.waves()), commands);
    WrittenOnce known = answer;
    if (known == null || !known.isOf(view)) {
      known = new WrittenOnce(view);
      answer = known;
    }
    EntityTags.written(request, known, routing);
    return view;
  }

  @GET
  @Path("/{plan}/spec")
  @Needs(Verb.GET)
  @Operation(
      operationId = "getPlanSpec",
      summary = "The body of a plan",
      description = "As it can be changed and sent back with PUT; every default is filled in.")
  public PlanBody spec(@PathParam("plan") String name, @Context ContainerRequestContext request) {
    PlanRecord plan = plans.plan(name);
    EntityTags.version(request, plan.version());
    return PlanBody.of(plan.spec());
  }

  @PUT
  @Path("/{plan}")
  @Needs(Verb.UPDATE)
  @Consumes({MediaType.APPLICATION_JSON, YAML})
  @RunOnVirtualThread
  @Operation(
      operationId = "replacePlan",
      summary = "Change a plan",
      description =
          "While it runs only added exceptions and tightened gates are taken; a client that may"
              + " fail is added by ignoreClient. A change voids approvals. With dryRun nothing is"
              + " stored, and what would be refused is.")
  @RequestBody(
      required = true,
      content = @Content(schema = @Schema(implementation = PlanBody.class)))
  @APIResponse(
      responseCode = "200",
      description = "The changed plan; with dryRun a PlanPreview",
      content = @Content(schema = @Schema(ref = ANSWER)))
  public RestResponse<?> replace(
      @PathParam("plan") String name,
      @Nullable InputStream body,
      @Context HttpHeaders headers,
      @QueryParam("dryRun")
          @Parameter(description = "Validate and compute only")
          @DefaultValue("false")
          boolean dryRun,
      @HeaderParam(HttpHeaders.IF_MATCH)
          @Parameter(
              description = "ETag of the plan that was read",
              required = true,
              example = "\"7\"")
          @Nullable String ifMatch,
      SecurityContext security,
      @Context RoutingContext routing) {
    PlanRecord present = plans.plan(name);
    String version = EntityTags.required(ifMatch, present);
    PlanSpec spec = bind(body, headers, name);
    rights.requireStart(routing, present, spec);
    Overriding caller = rights.overriding(routing);
    boolean overrides = overrides(spec, routing);
    if (dryRun) {
      return RestResponse.ok(
          preview(spec, commands.preview(name, spec, version, overrides, caller)));
    }
    PlanRecord plan = commands.replace(name, spec, version, Actor.of(security), overrides, caller);
    return EntityTags.ok(PlanView.of(plan, commands), plan);
  }

  @DELETE
  @Path("/{plan}")
  @Needs(Verb.DELETE)
  @Produces(MediaType.WILDCARD) // generated clients accept problems only, since there is no answer
  @RunOnVirtualThread
  @Operation(
      operationId = "deletePlan",
      summary = "Remove a plan that has ended or was never started",
      description =
          "Its history goes with it. While policies that it wrote are in place it is a 409 that"
              + " names them: cleanup or rollback first.")
  @APIResponse(responseCode = "204", description = "The plan is gone")
  public void delete(
      @PathParam("plan") String name,
      @QueryParam("keepPolicies")
          @Parameter(
              description =
                  "Delete it all the same: the policies stay, and nobody knows the way back")
          @DefaultValue("false")
          boolean keepPolicies,
      @HeaderParam(HttpHeaders.IF_MATCH)
          @Parameter(
              description = "ETag of the plan that was read",
              required = true,
              example = "\"7\"")
          @Nullable String ifMatch,
      SecurityContext security) {
    PlanRecord present = plans.plan(name);
    String version = EntityTags.required(ifMatch, present);
    commands.delete(name, version, keepPolicies, Actor.of(security));
  }

  /** Returns whether it asks for less than the configuration wants, and the caller may let it. */
  private boolean overrides(PlanSpec spec, RoutingContext routing) {
    return !commands.belowLeast(spec).isEmpty() && rights.may(routing, Verb.OVERRIDE, spec.name());
  }

  private PreviewView preview(PlanSpec spec, PlanReport report) {
    return PreviewView.of(spec, report, windows.known(spec, report));
  }

  /**
   * Returns the plan in a body.
   *
   * @param name that the body must have; null when it may choose
   * @throws ApiException 422 with every error of form, and with the planner's errors in the rest
   */
  private PlanSpec bind(@Nullable InputStream body, HttpHeaders headers, @Nullable String name) {
    PlanReading reading =
        PlanReading.ofBody(Bodies.read(body, headers.getHeaderString(HttpHeaders.CONTENT_TYPE)));
    boolean renamed = name != null && !reading.spec().name().equals(name);
    if (reading.isFaultless() && !renamed) {
      return reading.spec();
    }
    List<FieldError> errors = new ArrayList<>();
    if (renamed) {
      errors.add(FieldError.at("/name", "IMMUTABLE", "The plan is called " + name));
    }
    reading.problems(commands.preview(reading.spec()).problems()).stream()
        .map(problem -> FieldError.at(problem.pointer(), problem.code(), problem.detail()))
        .forEach(errors::add);
    throw ApiException.of(ErrorCode.INVALID, errors);
  }
}
