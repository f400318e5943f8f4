// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.hazard.Severity;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mtls.Posture;
import io.mtlsmigration.rollout.Phase;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "Namespace", description = "A namespace and how far it is")
public record NamespaceView(
    @Schema(description = "Name of the namespace") String name,
    @Schema(description = "Over all ports of all captured pods") Posture posture,
    @Schema(description = "Mode of a pod that no workload policy governs") MtlsMode mode,
    @Schema(description = "The policy that decides the mode; null is Istio's default")
        @Nullable Ref decidedBy,
    @Schema(description = "Labels of the namespace") Map<String, String> labels,
    @Schema(description = "Workloads with at least one live pod") int workloads,
    @Schema(description = "Workloads of which every live pod is captured by a proxy") int captured,
    @Schema(description = "Live pods") int pods,
    @Schema(description = "Live pods that are captured by a proxy") int capturedPods,
    @Schema(description = "Different clients that sent plaintext; null when nobody can say")
        @Nullable Integer plaintextClients,
    @Schema(description = "Why plaintextClients is or is not known") EvidenceState evidence,
    @Schema(description = "Hazards by severity") Map<Severity, Integer> findings,
    @Schema(description = "Phase within the plan; null when no plan has the namespace")
        @Nullable Phase phase,
    @Schema(description = "The plan that has, or last had, the namespace") @Nullable String plan) {}
