// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.security.CallerRights;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.CommandBody.ApprovalBody;
import io.mtlsmigration.api.view.CommandBody.IgnoreBody;
import io.mtlsmigration.api.view.PlanView;
import io.mtlsmigration.plan.PlanSpec.IgnoredClient;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.commands.Overriding;
import io.mtlsmigration.rollout.commands.PlanCommands;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
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

/**
 * Actions on a plan. Each answers 202: the request is recorded, and the loop carries it out. Each
 * action has a method of its own, because it has its own operationId and each generated client its
 * own method.
 */
@Path("/api/v1/plans/{plan}")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Plans")
@APIResponse(
    responseCode = "202",
    description = "Taken; the loop carries it out",
    content = @Content(schema = @Schema(implementation = PlanView.class)))
public final class PlanActionsResource {

  private final PlanCommands commands;
  private final CallerRights rights;

  PlanActionsResource(PlanCommands commands, CallerRights rights) {
    this.commands = commands;
    this.rights = rights;
  }

  @POST
  @Path("/start")
  @Needs(Verb.START)
  @Operation(
      operationId = "startPlan",
      summary = "Start a plan",
      description =
          "Waves are frozen, and namespaces begin to be observed. Exceptions that open what is"
              + " locked need the verb override besides, also on the plan that has locked it.")
  public RestResponse<PlanView> start(
      @BeanParam PlanCommand command, @Context RoutingContext routing) {
    return act(command, PlanAction.START, rights.overriding(routing));
  }

  @POST
  @Path("/pause")
  @Needs(Verb.PAUSE)
  @Operation(
      operationId = "pausePlan",
      summary = "Pause a plan",
      description = "Nothing new is locked; what is being verified goes on.")
  public RestResponse<PlanView> pause(@BeanParam PlanCommand command) {
    return act(command, PlanAction.PAUSE);
  }

  @POST
  @Path("/resume")
  @Needs(Verb.RESUME)
  @Operation(
      operationId = "resumePlan",
      summary = "Resume a paused plan",
      description =
          "Gates are judged anew before anything is locked. Exceptions that open what another"
              + " plan has locked need the verb override on both plans besides. A plan that had"
              + " ended is asked what it is asked when it starts.")
  public RestResponse<PlanView> resume(
      @BeanParam PlanCommand command, @Context RoutingContext routing) {
    return act(command, PlanAction.RESUME, rights.overriding(routing));
  }

  @POST
  @Path("/abort")
  @Needs(Verb.ABORT)
  @Operation(
      operationId = "abortPlan",
      summary = "Stop a plan and leave what is locked",
      description =
          "Rollback is still possible afterwards; so is the retry of a step that was rolled"
              + " back, which takes the plan up again.")
  public RestResponse<PlanView> abort(@BeanParam PlanCommand command) {
    return act(command, PlanAction.ABORT);
  }

  @POST
  @Path("/rollback")
  @Needs(Verb.ROLLBACK)
  @Operation(
      operationId = "rollbackPlan",
      summary = "Undo what a plan has done",
      description = "Previous effective modes come back, the mesh first; verified like a lock.")
  public RestResponse<PlanView> rollback(@BeanParam PlanCommand command) {
    return act(command, PlanAction.ROLLBACK);
  }

  @POST
  @Path("/cleanup")
  @Needs(Verb.CLEANUP)
  @Operation(
      operationId = "cleanUpPlan",
      summary = "Remove every policy that a plan wrote",
      description = "The last step of Istio's task: after the end of the plan, the mesh first.")
  public RestResponse<PlanView> cleanup(@BeanParam PlanCommand command) {
    return act(command, PlanAction.CLEANUP);
  }

  /** An action that opens nothing. */
  private RestResponse<PlanView> act(PlanCommand command, PlanAction action) {
    return act(command, action, Overriding.NOT_ASKED);
  }

  private RestResponse<PlanView> act(PlanCommand command, PlanAction action, Overriding caller) {
    return accepted(
        commands.act(command.plan(), action, command.version(), command.caller(), caller));
  }

  @POST
  @Path("/approvals")
  @Needs(Verb.APPROVE)
  @Consumes({MediaType.APPLICATION_JSON, PlansResource.YAML})
  @Operation(
      operationId = "approve",
      summary = "Consent to a wave, a namespace or the mesh step",
      description =
          "Bound to the plan's generation and to the impact that was shown: a change of either"
              + " voids it. Who and when are kept. A person's policy that is in the way is taken"
              + " over by it, its mode only, whether or not the plan asks for approvals.")
  public RestResponse<PlanView> approve(@BeanParam PlanCommand command, ApprovalBody body) {
    return accepted(
        commands.approve(
            command.plan(),
            body.subjects().getFirst(),
            body.impactHash(),
            Objects.requireNonNullElse(body.comment(), ""),
            command.version(),
            command.caller()));
  }

  @POST
  @Path("/ignored-clients")
  @Needs(Verb.OVERRIDE)
  @Consumes({MediaType.APPLICATION_JSON, PlansResource.YAML})
  @Operation(
      operationId = "ignoreClient",
      summary = "Let a client fail",
      description =
          "Also while the plan runs, or is being undone: the client neither holds a lock nor has"
              + " it undone, nor keeps an undo from ending, as if it had been named in"
              + " verification.ignoreClients. What has been rolled back, or is held, goes on by"
              + " retry. Plaintext that it sends before the lock still counts."
              + " Who, when and why are kept; approvals are void.")
  public RestResponse<PlanView> ignore(@BeanParam PlanCommand command, IgnoreBody body) {
    return accepted(
        commands.ignore(
            command.plan(),
            new IgnoredClient(body.cidr(), body.workload()),
            body.comment(),
            command.version(),
            command.caller()));
  }

  private RestResponse<PlanView> accepted(PlanRecord plan) {
    return RestResponse.ResponseBuilder.create(
            RestResponse.Status.ACCEPTED, PlanView.of(plan, commands))
        .header(HttpHeaders.ETAG, EntityTags.of(plan))
        .build();
  }
}
