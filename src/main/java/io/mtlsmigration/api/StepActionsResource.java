// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.security.CallerRights;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.CommandBody.CommentBody;
import io.mtlsmigration.api.view.CommandBody.OverrideBody;
import io.mtlsmigration.api.view.StepView;
import io.mtlsmigration.rollout.StepAction;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.commands.PlanCommands;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Actions on a step of a plan: of a namespace, or of the mesh. */
@Path("/api/v1/plans/{plan}")
@Consumes(MediaType.WILDCARD) // a client may send any Content-Type with an empty body
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Steps")
@APIResponse(
    responseCode = "202",
    description = "Taken; the loop carries it out",
    content = @Content(schema = @Schema(implementation = StepView.class)))
public final class StepActionsResource {

  private final PlanCommands commands;
  private final Plans plans;
  private final CallerRights rights;

  StepActionsResource(PlanCommands commands, Plans plans, CallerRights rights) {
    this.commands = commands;
    this.plans = plans;
    this.rights = rights;
  }

  @POST
  @Path("/namespaces/{namespace}/retry")
  @Needs(Verb.RETRY)
  @Operation(
      operationId = "retryNamespace",
      summary = "Try a namespace again",
      description =
          "It goes back to observation, and may be locked again once its gates hold. One that was"
              + " rolled back takes up a plan that has ended: it is PAUSED until somebody resumes"
              + " it.")
  public RestResponse<StepView> retryNamespace(
      @PathParam("namespace") String namespace,
      @BeanParam PlanCommand command,
      @Context RoutingContext routing,
      CommentBody body) {
    return act(command, StepKey.ofNamespace(namespace), StepAction.RETRY, body, routing);
  }

  @POST
  @Path("/namespaces/{namespace}/rollback")
  @Needs(Verb.ROLLBACK)
  @Operation(
      operationId = "rollbackNamespace",
      summary = "Undo what was written in a namespace",
      description =
          "The previous effective mode of each port comes back, DISABLE included. Also while the"
              + " plan is being undone: the namespace then does not wait for the mesh step.")
  public RestResponse<StepView> rollbackNamespace(
      @PathParam("namespace") String namespace,
      @BeanParam PlanCommand command,
      @Context RoutingContext routing,
      CommentBody body) {
    return act(command, StepKey.ofNamespace(namespace), StepAction.ROLLBACK, body, routing);
  }

  @POST
  @Path("/namespaces/{namespace}/exempt")
  @Needs(Verb.EXEMPT)
  @Operation(
      operationId = "exemptNamespace",
      summary = "Leave a namespace open",
      description =
          "Writes an explicit PERMISSIVE, so the mesh step need not wait for it. Needs the verb"
              + " override besides where another plan has locked the namespace, on both plans, and"
              + " where it is STRICT and no plan has locked it.")
  public RestResponse<StepView> exemptNamespace(
      @PathParam("namespace") String namespace,
      @BeanParam PlanCommand command,
      @Context RoutingContext routing,
      CommentBody body) {
    return act(command, StepKey.ofNamespace(namespace), StepAction.EXEMPT, body, routing);
  }

  @POST
  @Path("/namespaces/{namespace}/skip")
  @Needs(Verb.SKIP)
  @Operation(
      operationId = "skipNamespace",
      summary = "Leave a namespace untouched",
      description = "Writes nothing, and so blocks the mesh step.")
  public RestResponse<StepView> skipNamespace(
      @PathParam("namespace") String namespace,
      @BeanParam PlanCommand command,
      @Context RoutingContext routing,
      CommentBody body) {
    return act(command, StepKey.ofNamespace(namespace), StepAction.SKIP, body, routing);
  }

  @POST
  @Path("/mesh/retry")
  @Needs(Verb.RETRY)
  @Operation(
      operationId = "retryMesh",
      summary = "Try the mesh step again",
      description =
          "It goes back to observation, and the mesh may be locked once its gates hold. Rolled"
              + " back, it takes up a plan that has ended: it is PAUSED until somebody resumes it.")
  public RestResponse<StepView> retryMesh(
      @BeanParam PlanCommand command, @Context RoutingContext routing, CommentBody body) {
    return act(command, StepKey.MESH, StepAction.RETRY, body, routing);
  }

  @POST
  @Path("/mesh/rollback")
  @Needs(Verb.ROLLBACK)
  @Operation(
      operationId = "rollbackMesh",
      summary = "Undo the mesh step",
      description = "The mesh's previous mode comes back; namespaces stay as they are.")
  public RestResponse<StepView> rollbackMesh(
      @BeanParam PlanCommand command, @Context RoutingContext routing, CommentBody body) {
    return act(command, StepKey.MESH, StepAction.ROLLBACK, body, routing);
  }

  private RestResponse<StepView> act(
      PlanCommand command,
      StepKey key,
      StepAction action,
      CommentBody body,
      RoutingContext routing) {
    String version = version(command, key);
    String comment = Objects.requireNonNullElse(body.comment(), "");
    return accepted(
        command,
        commands.act(
            command.plan(),
            key,
            action,
            comment,
            version,
            command.caller(),
            rights.overriding(routing)));
  }

  /** Returns the version that the command demands of an existing step. */
  private @Nullable String version(PlanCommand command, StepKey key) {
    plans.plan(command.plan());
    plans.step(command.plan(), key);
    return command.version();
  }

  @POST
  @Path("/namespaces/{namespace}/overrides")
  @Needs(Verb.OVERRIDE)
  @Consumes({MediaType.APPLICATION_JSON, PlansResource.YAML})
  @Operation(
      operationId = "overrideGates",
      summary = "Let gates of a namespace pass once",
      description =
          "Who, when and why are kept. A gate passes with what it has found by now, and holds for"
              + " what it finds later, unless force is true. Some gates cannot be overridden, such"
              + " as sync.")
  public RestResponse<StepView> overrideGates(
      @PathParam("namespace") String namespace, @BeanParam PlanCommand command, OverrideBody body) {
    StepKey key = StepKey.ofNamespace(namespace);
    String version = version(command, key);
    return accepted(
        command,
        commands.override(
            command.plan(),
            key,
            body.named(),
            body.comment(),
            Boolean.TRUE.equals(body.force()),
            version,
            command.caller()));
  }

  private RestResponse<StepView> accepted(PlanCommand command, StepRecord step) {
    return RestResponse.ResponseBuilder.create(
            RestResponse.Status.ACCEPTED,
            StepView.of(plans.plan(command.plan()), step, plans.probes(step.key()), commands))
        .header(HttpHeaders.ETAG, EntityTags.of(step))
        .build();
  }
}
