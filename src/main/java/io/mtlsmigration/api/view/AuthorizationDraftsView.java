// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mtlsmigration.api.input.Paging;
import io.mtlsmigration.mesh.AuthorizationPolicy;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.plan.AuthorizationDraft;
import io.mtlsmigration.plan.AuthorizationDrafts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(
    name = "AuthorizationDrafts",
    description =
        "AuthorizationPolicies drafted for what stays open: mesh identities everywhere, plaintext"
            + " only where it is listed or was seen. The service applies none of them")
public record AuthorizationDraftsView(
    @Schema(description = "Name of the namespace") String namespace,
    @Schema(description = "The plan whose exceptions count, or the defaults") String basis,
    @Schema(description = "What becomes of the namespace") AuthorizationDrafts.Outlook outlook,
    @Schema(description = "What is known of who sends plaintext") Traffic traffic,
    @Schema(description = "Workloads of which some port takes plaintext") List<Ref> open,
    @Schema(description = "The drafts, in the order of their names") List<Draft> items,
    @Schema(description = "Open workloads without a draft") List<Undrafted> undrafted,
    @Schema(description = "What is not known; never to be taken for nobody") List<String> missing,
    @Schema(description = "On the namespace as a whole") List<String> notes,
    @Schema(
            description =
                "Give it as the parameter of this name for the next part; null at the end")
        @JsonProperty("continue")
        @Nullable String next,
    @Schema(description = Page.REMAINING) int remaining) {

  @Schema(name = "DraftEvidence", description = "The evidence that drafts are derived from")
  public record Traffic(
      @Schema(description = "Whether there is any") EvidenceState state,
      @Schema(description = "How far back it looks") Duration window,
      @Schema(description = "The end of the window") Instant asOf) {}

  @Schema(name = "AuthorizationDraft", description = "A drafted AuthorizationPolicy")
  public record Draft(
      @Schema(description = "Name of the object") String name,
      @Schema(description = "Labels of the pods that it governs; empty for all of the namespace")
          Map<String, String> selector,
      @Schema(description = "Workloads that it governs now") List<Ref> workloads,
      @Schema(description = "Its rules, and what each is derived from") List<Rule> rules,
      @Schema(description = "Enforced policies that govern some of the same pods")
          List<Neighbour> combinesWith,
      @Schema(description = "What the rules leave out, and what they let in") List<String> notes,
      @Schema(description = "The object, to be applied as it is", type = SchemaType.OBJECT)
          Object manifest) {

    private static Draft of(
        AuthorizationDraft draft, Function<AuthorizationDraft, ObjectNode> manifest) {
      return new Draft(
          draft.ref().name(),
          new TreeMap<>(draft.selector()),
          refs(draft.workloads()),
          draft.rules().stream().map(Rule::of).toList(),
          draft.neighbours().stream().map(Neighbour::of).toList(),
          draft.notes(),
          manifest.apply(draft));
    }
  }

  @Schema(name = "DraftRule", description = "A rule; an empty list asks for nothing")
  public record Rule(
      @Schema(description = "What it is derived from") AuthorizationDraft.Origin origin,
      @Schema(description = "Identities of callers") List<String> principals,
      @Schema(description = "Addresses of callers") List<String> ipBlocks,
      @Schema(description = "Container ports") List<Integer> ports,
      @Schema(description = "Paths of HTTP requests") List<String> paths,
      @Schema(description = "Why, in a sentence") String why) {

    private static Rule of(AuthorizationDraft.Rule rule) {
      return new Rule(
          rule.origin(),
          rule.principals(),
          rule.ipBlocks(),
          rule.ports(),
          rule.paths(),
          rule.why());
    }
  }

  @Schema(name = "DraftNeighbour", description = "A policy beside a draft")
  public record Neighbour(
      @Schema(description = "The policy") Ref policy,
      @Schema(description = "Its action") AuthorizationPolicy.Action action,
      @Schema(description = "How both combine") String effect) {

    private static Neighbour of(AuthorizationDraft.Neighbour neighbour) {
      return new Neighbour(Ref.of(neighbour.policy()), neighbour.action(), neighbour.effect());
    }
  }

  @Schema(name = "Undrafted", description = "An open workload without a draft")
  public record Undrafted(
      @Schema(description = "The workload") Ref workload,
      @Schema(description = "Why there is none, and what to do") String reason) {}

  /**
   * Returns a page of the drafts.
   *
   * @param unmeasured why the evidence is narrower than the plan asks; null when it is not
   */
  public static AuthorizationDraftsView of(
      AuthorizationDrafts drafts,
      String basis,
      Traffic traffic,
      @Nullable String unmeasured,
      Paging paging,
      Function<AuthorizationDraft, ObjectNode> manifest) {
    Paging.Part<Draft> part =
        paging
            .cut(drafts.policies().stream(), draft -> draft.ref().name())
            .map(draft -> Draft.of(draft, manifest));
    List<String> missing = new ArrayList<>(drafts.missing());
    if (unmeasured != null) {
      missing.add(unmeasured);
    }
    return new AuthorizationDraftsView(
        drafts.namespace(),
        basis,
        drafts.outlook(),
        traffic,
        refs(drafts.open()),
        part.items(),
        drafts.undrafted().stream()
            .map(left -> new Undrafted(Ref.of(left.workload().ref()), left.reason()))
            .toList(),
        missing,
        drafts.notes(),
        part.next(),
        part.remaining());
  }

  private static List<Ref> refs(List<WorkloadRef> workloads) {
    return workloads.stream().map(WorkloadRef::ref).map(Ref::of).toList();
  }
}
