// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.input.PageQuery;
import io.mtlsmigration.api.input.Paging;
import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.security.CallerRights;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.CommandBody.WindowsBody;
import io.mtlsmigration.api.view.IgnoredClientView;
import io.mtlsmigration.api.view.Page;
import io.mtlsmigration.api.view.PlanView;
import io.mtlsmigration.api.view.PlanWindowsView;
import io.mtlsmigration.plan.PlanSpec.IgnoredClient;
import io.mtlsmigration.plan.Problem;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.commands.CommandException;
import io.mtlsmigration.rollout.commands.PlanCommands;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/**
 * The terms by which a plan judges clients, and which may be changed while it runs: its windows,
 * and the clients that may fail. A client is added by {@link PlanActionsResource}.
 */
@Path("/api/v1/plans/{plan}")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Plans")
public final class PlanTermsResource {

  private static final String OF_THE_PLAN = "ETag of the plan, or of what was read here";

  private final PlanCommands commands;
  private final Plans plans;
  private final CallerRights rights;

  PlanTermsResource(PlanCommands commands, Plans plans, CallerRights rights) {
    this.commands = commands;
    this.plans = plans;
    this.rights = rights;
  }

  @GET
  @Path("/ignored-clients")
  @Needs(Verb.GET)
  @Operation(
      operationId = "listIgnoredClients",
      summary = "The clients that may fail",
      description = "As in verification.ignoreClients, in the order of ids.")
  public Page<IgnoredClientView> list(
      @PathParam("plan") String name,
      @BeanParam PageQuery page,
      @Context ContainerRequestContext request) {
    PlanRecord plan = plans.plan(name);
    EntityTags.version(request, plan.version());
    Paging.Part<IgnoredClient> part =
        page.paging()
            .cut(plan.spec().verification().ignoreClients().stream().distinct(), IgnoredClient::id);
    return Page.of(part.map(IgnoredClientView::of));
  }

  @DELETE
  @Path("/ignored-clients/{client}")
  @Needs(Verb.UPDATE)
  @Operation(
      operationId = "heedClient",
      summary = "Let a client fail no longer",
      description =
          "Also while the plan runs, and after its end while its policies are in place: it counts"
              + " with the next tick. What is locked stays locked; approvals and overrides are"
              + " void.")
  @APIResponse(
      responseCode = "200",
      description = "The plan without the client",
      content = @Content(schema = @Schema(implementation = PlanView.class)))
  public RestResponse<PlanView> heed(
      @BeanParam PlanCommand command,
      @PathParam("client") String id,
      @HeaderParam(HttpHeaders.IF_MATCH)
          @Parameter(description = OF_THE_PLAN, required = true, example = "\"7\"")
          @Nullable String ifMatch,
      @Context RoutingContext routing) {
    PlanRecord present = plans.plan(command.plan());
    if (present.spec().verification().ignoreClients().stream()
        .noneMatch(client -> client.id().equals(id))) {
      throw ApiException.notFound("client " + id + " that may fail in plan " + present.name());
    }
    rights.requireStart(routing, present, present.spec());
    String version = EntityTags.required(ifMatch, present);
    PlanRecord plan = commands.heed(command.plan(), id, version, command.caller());
    return EntityTags.ok(PlanView.of(plan, commands), plan);
  }

  @GET
  @Path("/windows")
  @Needs(Verb.GET)
  @Operation(
      operationId = "getPlanWindows",
      summary = "How long a plan looks before and after a lock",
      description = "As in gates and verification of the plan.")
  public PlanWindowsView windows(
      @PathParam("plan") String name, @Context ContainerRequestContext request) {
    PlanRecord plan = plans.plan(name);
    EntityTags.version(request, plan.version());
    return PlanWindowsView.of(plan.spec());
  }

  @PUT
  @Path("/windows")
  @Needs(Verb.UPDATE)
  @Consumes({MediaType.APPLICATION_JSON, PlansResource.YAML})
  @Operation(
      operationId = "changePlanWindows",
      summary = "Look for longer, or for a shorter time",
      description =
          "Also while the plan runs, and after its end while its policies are in place: it counts"
              + " with the next tick. A window that becomes shorter in a plan that was started"
              + " needs override: true, a comment, and the verb override besides. What is locked"
              + " stays locked; approvals and overrides are void.")
  @APIResponse(
      responseCode = "200",
      description = "The changed windows",
      content = @Content(schema = @Schema(implementation = PlanWindowsView.class)))
  public RestResponse<PlanWindowsView> change(
      @BeanParam PlanCommand command,
      @HeaderParam(HttpHeaders.IF_MATCH)
          @Parameter(description = OF_THE_PLAN, required = true, example = "\"7\"")
          @Nullable String ifMatch,
      WindowsBody body,
      @Context RoutingContext routing) {
    PlanRecord present = plans.plan(command.plan());
    rights.requireStart(routing, present, present.spec());
    String version = EntityTags.required(ifMatch, present);
    try {
      PlanRecord plan =
          commands.changeWindows(
              command.plan(), body.change(), version, command.caller(), rights.overriding(routing));
      return EntityTags.ok(PlanWindowsView.of(plan.spec()), plan);
    } catch (CommandException.Invalid e) {
      CommandException.Invalid here =
          new CommandException.Invalid(e.problems().stream().map(PlanTermsResource::here).toList());
      here.initCause(e);
      throw here;
    }
  }

  /** Returns a problem of a plan with a pointer into the body of its windows. */
  private static Problem here(Problem problem) {
    String pointer =
        problem.pointer().equals("/verification/duration")
            ? "/verificationDuration"
            : problem.pointer().replaceFirst("^/gates/", "/");
    return new Problem(pointer, problem.code(), problem.detail());
  }
}
