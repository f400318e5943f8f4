// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mtls.Posture;
import io.mtlsmigration.rollout.Phase;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "Mesh", description = "The mesh as a whole")
public record MeshView(
    @Schema(description = "Where mesh-wide policies live") String rootNamespace,
    @Schema(description = "Mode of a workload that no other policy governs") MtlsMode mode,
    @Schema(description = "The policy that decides the mode; null is Istio's default")
        @Nullable Ref decidedBy,
    @Schema(description = "Sidecars use mutual TLS among themselves without being told")
        boolean autoMtls,
    @Schema(description = "Trust domain of workload identities") String trustDomain,
    @Schema(description = "How much of what there is") Counts counts,
    @Schema(description = "Who still sends plaintext") Plaintext plaintext,
    @Schema(description = "When the facts were last known to be complete") Instant observedAt,
    @Schema(description = "Freshness of each source of facts") List<Source> sources,
    @Schema(description = "The program that answers") ServiceView service) {

  @Schema(name = "MeshCounts", description = "How much of what there is")
  public record Counts(
      @Schema(description = "Namespaces, the root namespace included") int namespaces,
      @Schema(description = "Workloads with at least one live pod") int workloads,
      @Schema(description = "Live pods") int pods,
      @Schema(description = "Namespaces by posture") Map<Posture, Integer> byPosture,
      @Schema(description = "Live pods by data plane") Map<DataPlane, Integer> byDataPlane,
      @Schema(description = "Namespaces that are in a plan, by phase")
          Map<Phase, Integer> byPhase) {}

  @Schema(name = "MeshPlaintext", description = "Who sent plaintext within the window")
  public record Plaintext(
      @Schema(description = "Length of the window that ends now, the widest that is covered")
          Duration window,
      @Schema(description = "Different clients seen to send plaintext") int clients,
      @Schema(description = "Namespaces that were sent plaintext") int namespaces,
      @Schema(description = "Namespaces by state of the evidence about them")
          Map<EvidenceState, Integer> byEvidence) {}

  @Schema(name = "MeshSource", description = "Freshness of one source of facts")
  public record Source(
      @Schema(description = "Such as kubernetes/pods or traffic") String source,
      @Schema(description = "When it last answered completely; null when it never did")
          @Nullable Instant asOf,
      @Schema(description = "Empty when the source is healthy") String problem) {}
}
