// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.input.PageQuery;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.AuthorizationDraftsView;
import io.mtlsmigration.api.view.EvidenceState;
import io.mtlsmigration.plan.AuthorizationDrafts;
import io.mtlsmigration.plan.AuthorizationDrafts.Outlook;
import io.mtlsmigration.plan.AuthorizationStudy;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Observations;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.traffic.TrafficReading;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Drafted AuthorizationPolicies for what stays open. */
@Path("/api/v1/namespaces/{namespace}/authorization-policies")
@Tag(name = "Namespaces")
public final class AuthorizationResource {

  private static final String DEFAULTS = "defaults";

  private final Observations observations;
  private final RolloutLedger ledger;

  AuthorizationResource(Observations observations, RolloutLedger ledger) {
    this.observations = observations;
    this.ledger = ledger;
  }

  @GET
  @Needs(Verb.LIST)
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "listAuthorizationPolicies",
      summary = "AuthorizationPolicies drafted for what stays open",
      description =
          "Mesh identities may go on calling everything; plaintext is let in only where an"
              + " exception lists it or where it was seen. By the plan that is named, else by the"
              + " namespace's active plan, else for the mesh as it is. Drafts are for people to"
              + " read and apply; each rule says what it is derived from, and what is not known is"
              + " said. As application/yaml too.")
  public AuthorizationDraftsView drafts(
      @PathParam("namespace") String namespace,
      @QueryParam("plan") @Parameter(description = "The plan whose exceptions count")
          @Nullable String named,
      @BeanParam PageQuery page) {
    Answer answer = answer(namespace, named);
    return AuthorizationDraftsView.of(
        answer.drafts,
        answer.basis,
        answer.traffic,
        answer.unmeasured,
        page.paging(),
        AuthorizationManifests::object);
  }

  @GET
  @Needs(Verb.LIST)
  @Produces(PlansResource.YAML + ";qs=0.5")
  @Operation(hidden = true)
  public String yaml(
      @PathParam("namespace") String namespace, @QueryParam("plan") @Nullable String named) {
    Answer answer = answer(namespace, named);
    return AuthorizationManifests.yaml(answer.drafts, answer.basis, answer.unmeasured);
  }

  private record Answer(
      AuthorizationDrafts drafts,
      String basis,
      AuthorizationDraftsView.Traffic traffic,
      @Nullable String unmeasured) {}

  private Answer answer(String namespace, @Nullable String named) {
    Observation observation = observations.latest();
    Namespaces.required(observation, namespace);
    PlanRecord plan = NamespacePlans.basis(ledger, named, namespace).orElse(null);
    PlanSpec spec = plan == null ? Impacts.defaults(PlanSpec.Target.NAMESPACES) : plan.spec();
    Outlook outlook =
        plan == null
            ? Outlook.AS_IT_IS
            : NamespacePreviews.of(plan, ledger, observation.modes(), namespace);
    TrafficReading reading = observation.traffic(Namespaces.SHOWN);
    AuthorizationDrafts drafts =
        AuthorizationStudy.of(observation.modes(), namespace, spec, outlook, reading.of(namespace));
    boolean narrow = reading.window().compareTo(spec.gates().plaintextWindow()) < 0;
    return new Answer(
        drafts,
        plan == null ? DEFAULTS : plan.name(),
        new AuthorizationDraftsView.Traffic(
            EvidenceState.of(reading.of(namespace)), reading.window(), reading.asOf()),
        narrow && !drafts.open().isEmpty() ? narrow(reading, spec) : null);
  }

  private static String narrow(TrafficReading reading, PlanSpec spec) {
    return "the evidence reaches back %s, not %s: whoever calls more rarely is not known"
        .formatted(reading.window(), spec.gates().plaintextWindow());
  }
}
