package io.mtlsmigration.api;

import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.input.Query;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.CommandBodies.CommentBody;
import io.mtlsmigration.api.view.StepView;
import io.mtlsmigration.rollout.PlanDesk;
import io.mtlsmigration.rollout.PlanRecord;
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
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** The mesh step of a plan whose target is MESH. */
@Path("/api/v1/plans/{plan}/mesh")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Steps")
public final class PlanMeshStepResource {

  private final PlanDesk desk;
  private final Plans plans;
  private final StepCommands commands;

  PlanMeshStepResource(PlanDesk desk, Plans plans, StepCommands commands) {
    this.desk = desk;
    this.plans = plans;
    this.commands = commands;
  }

  @GET
  @Needs(Verb.GET)
  @Operation(
      operationId = "getPlanMesh",
      summary = "The mesh step of a plan",
      description = "Its phase and why, which namespaces it waits for, and what was written.")
  public StepView get(
      @PathParam("plan") String name, UriInfo uri, @Context ContainerRequestContext request) {
    Query.none(uri);
    PlanRecord plan = plans.plan(name);
    StepRecord step = plans.step(name, StepKey.MESH);
    EntityTags.version(request, step.version());
    return StepView.of(plan, step, plans.probes(step.key()), desk);
  }

  @POST
  @Path("/retry")
  @Needs(Verb.RETRY)
  @Consumes(MediaType.WILDCARD) // a client may claim anything of a body that it leaves out
  @RunOnVirtualThread
  @Operation(
      operationId = "retryMesh",
      summary = "Try the mesh step again",
      description = "It goes back to observation, and the mesh may be locked once its gates hold.")
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
      @Nullable InputStream body,
      @Context HttpHeaders headers,
      UriInfo uri,
      SecurityContext security) {
    return commands.act(plan, StepKey.MESH, StepAction.RETRY, body, headers, uri, security);
  }

  @POST
  @Path("/rollback")
  @Needs(Verb.ROLLBACK)
  @Consumes(MediaType.WILDCARD) // a client may claim anything of a body that it leaves out
  @RunOnVirtualThread
  @Operation(
      operationId = "rollbackMesh",
      summary = "Undo the mesh step",
      description = "The mesh's previous mode comes back; namespaces stay as they are.")
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
      @Nullable InputStream body,
      @Context HttpHeaders headers,
      UriInfo uri,
      SecurityContext security) {
    return commands.act(plan, StepKey.MESH, StepAction.ROLLBACK, body, headers, uri, security);
  }
}
