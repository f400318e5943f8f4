// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.EvidenceState;
import io.mtlsmigration.api.view.WindowView;
import io.mtlsmigration.api.view.WindowView.PlanWindow;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.plan.Planner;
import io.mtlsmigration.plan.SilentClients;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Observations;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.traffic.CallHistory;
import io.mtlsmigration.traffic.ClientCalls;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.WindowStudy;
import io.mtlsmigration.worklist.Owners;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Tells how long the plaintext window of a namespace has to be. */
@Path("/api/v1/namespaces/{namespace}/window")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Namespaces")
public final class NamespaceWindowResource {

  private static final int SHOWN = 100;
  private static final Duration BY_THE_HOUR = Duration.ofDays(7);
  private static final Set<PlanPhase> NOT_ENDED =
      EnumSet.of(PlanPhase.DRAFT, PlanPhase.RUNNING, PlanPhase.PAUSED);

  private final Observations observations;
  private final RolloutLedger ledger;
  private final CallWindows windows;
  private final OwnerLabels ownerLabels;

  NamespaceWindowResource(
      Observations observations,
      RolloutLedger ledger,
      CallWindows windows,
      OwnerLabels ownerLabels) {
    this.observations = observations;
    this.ledger = ledger;
    this.windows = windows;
    this.ownerLabels = ownerLabels;
  }

  @GET
  @Needs(Verb.LIST)
  @RunOnVirtualThread // the source of evidence may take its time
  @Operation(
      operationId = "getNamespaceWindow",
      summary = "Is the plaintext window long enough?",
      description =
          "When each client sent plaintext to the namespace, the longest silence between two of its"
              + " calls, and the shortest round window that would have missed nobody, against the"
              + " windows of plans. Hours that nobody watched count as silence, so that missing"
              + " evidence never shortens the window; what history cannot tell is said. An answer"
              + " that takes longer than a few seconds is UNAVAILABLE until it is there: ask"
              + " again.")
  public WindowView window(
      @PathParam("namespace") String name,
      @QueryParam("history")
          @Parameter(
              description = "How far to look back, such as P30D or 7d; 30 days when left out",
              schema = @Schema(implementation = String.class, examples = "7d"))
          @Nullable Duration history) {
    if (history != null && history.compareTo(CallWindows.LONGEST) > 0) {
      throw ApiException.parameter(
          "history", "Expected is a history of " + CallWindows.LONGEST + " at most");
    }
    Observation observation = observations.latest();
    NamespaceFacts facts = Namespaces.required(observation, name);
    CallWindows.Range range = windows.range(history == null ? CallWindows.USUAL : history);
    return switch (windows.study(name, range)) {
      case Evidence.Measured<WindowStudy>(var study, var asOf) ->
          told(facts, range, study, ownerLabels.owners(observation.modes().snapshot()));
      case Evidence.NoSamples<WindowStudy>(var asOf, var detail) ->
          untold(name, range, EvidenceState.NO_SAMPLES, null, detail);
      case Evidence.Unavailable<WindowStudy>(var reason, var detail) ->
          untold(name, range, EvidenceState.UNAVAILABLE, reason.name(), detail);
    };
  }

  private WindowView told(
      NamespaceFacts facts, CallWindows.Range range, WindowStudy study, Owners owners) {
    Duration bucket = bucket(range);
    ClientCalls longest = study.longest();
    List<io.mtlsmigration.traffic.Hole> holes = study.holes();
    return new WindowView(
        facts.name(),
        range.from(),
        range.until(),
        CallHistory.STEP,
        EvidenceState.MEASURED,
        null,
        "",
        study.knownFrom(),
        holes.subList(Math.max(0, holes.size() - SHOWN), holes.size()).stream()
            .map(WindowView.Hole::of)
            .toList(),
        study.window(),
        longest == null ? null : longest.client().id(),
        study.clients().stream()
            .limit(SHOWN)
            .map(client -> client(study, client, bucket, owners))
            .toList(),
        study.clients().size(),
        bucket,
        ledger.plans().stream()
            .filter(plan -> NOT_ENDED.contains(plan.phase()))
            .filter(plan -> Planner.inScope(plan.spec(), facts))
            .map(plan -> plan(facts.name(), plan, study))
            .toList(),
        study.limits().stream().map(WindowView.Limit::of).toList());
  }

  private static WindowView untold(
      String name,
      CallWindows.Range range,
      EvidenceState evidence,
      @Nullable String reason,
      String detail) {
    return new WindowView(
        name,
        range.from(),
        range.until(),
        CallHistory.STEP,
        evidence,
        reason,
        detail,
        null,
        List.of(),
        null,
        null,
        List.of(),
        0,
        bucket(range),
        List.of(),
        List.of());
  }

  private static Duration bucket(CallWindows.Range range) {
    return Duration.between(range.from(), range.until()).compareTo(BY_THE_HOUR) > 0
        ? Duration.ofDays(1)
        : CallHistory.STEP;
  }

  private static WindowView.Client client(
      WindowStudy study, ClientCalls client, Duration bucket, Owners owners) {
    return new WindowView.Client(
        client.client().id(),
        owners.of(client.client().workload()),
        client.total(),
        client.firstCall(),
        client.lastCall(),
        WindowView.Silence.of(client.longest()),
        WindowView.Silence.of(client.seen()),
        client.sinceLast(),
        client.window(),
        client.undatedBefore(),
        study.buckets(client, bucket).stream()
            .map(sum -> new WindowView.Bucket(sum.from(), sum.calls()))
            .toList());
  }

  private static PlanWindow plan(String namespace, PlanRecord plan, WindowStudy study) {
    return new PlanWindow(
        plan.name(),
        plan.spec().gates().plaintextWindow(),
        SilentClients.warnings(namespace, study, plan.spec()));
  }
}
