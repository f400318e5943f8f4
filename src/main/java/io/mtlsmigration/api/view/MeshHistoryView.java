// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.mtls.Posture;
import io.mtlsmigration.rollout.MeshCounts;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.SecuredCalls;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "MeshHistory", description = "Where the mesh stood over time, in steps")
public record MeshHistoryView(
    @Schema(description = "Beginning of the first step") Instant from,
    @Schema(description = "End of the last step") Instant to,
    @Schema(description = "Length of each step") Duration step,
    @Schema(
            description =
                "Since when this replica has seen modes and phases; null as long as it has not."
                    + " They are kept for a day, in its memory")
        @Nullable Instant knownSince,
    @Schema(description = "One for each step, the oldest first") List<Point> points) {

  @Schema(name = "MeshHistoryPoint", description = "One step of time")
  public record Point(
      @Schema(description = "End of the step") Instant at,
      @Schema(description = "How calls were secured") CallsView calls,
      @Schema(
              description =
                  "Namespaces by posture, as last seen in the step; null where nobody looked")
          @Nullable Map<Posture, Integer> namespaces,
      @Schema(
              description =
                  "Workloads by what all ports of their captured pods enforce together; null where"
                      + " nobody looked")
          @Nullable Map<Posture, Integer> workloads,
      @Schema(description = "Namespaces that are in a plan, by phase; null where nobody looked")
          @Nullable Map<Phase, Integer> phases) {

    public static Point of(Instant at, Evidence<SecuredCalls> calls, @Nullable MeshCounts counts) {
      return new Point(
          at,
          CallsView.of(calls),
          counts == null ? null : new TreeMap<>(counts.namespaces()),
          counts == null ? null : new TreeMap<>(counts.workloads()),
          counts == null ? null : new TreeMap<>(counts.phases()));
    }
  }

  @Schema(
      name = "SecuredCalls",
      description =
          "Calls that servers took, by how they were secured: HTTP and gRPC requests, and TCP"
              + " connections that were opened. Own probes are in them where the source only"
              + " counts. Without evidence all numbers are null, never 0")
  public record CallsView(
      @Schema(description = "MEASURED when somebody called, and the source saw it")
          EvidenceState evidence,
      @Schema(description = "By mutual TLS") @Nullable Long mutualTls,
      @Schema(description = "In plaintext, or by TLS that is not the mesh's")
          @Nullable Long plaintext,
      @Schema(description = "Of which the source does not say how") @Nullable Long unknown,
      @Schema(
              description =
                  "Own probes among those by mutual TLS, as far as this replica made them and"
                      + " remembers")
          @Nullable Long ownMutualTls,
      @Schema(description = "The same in plaintext") @Nullable Long ownPlaintext,
      @Schema(description = "Share of mutual TLS in all of them, from 0 to 1")
          @Nullable Double mutualTlsShare,
      @Schema(description = "Stable reason; null unless the evidence is UNAVAILABLE")
          @Nullable String reason,
      @Schema(description = "Why there is no evidence; empty when there is") String detail) {

    static CallsView of(Evidence<SecuredCalls> evidence) {
      return switch (evidence) {
        case Evidence.Measured<SecuredCalls>(var calls, var asOf) ->
            new CallsView(
                EvidenceState.MEASURED,
                calls.mutualTls(),
                calls.plaintext(),
                calls.unknown(),
                calls.ownMutualTls(),
                calls.ownPlaintext(),
                (double) calls.mutualTls() / calls.all(),
                null,
                "");
        case Evidence.NoSamples<SecuredCalls>(var asOf, var detail) ->
            new CallsView(
                EvidenceState.NO_SAMPLES, null, null, null, null, null, null, null, detail);
        case Evidence.Unavailable<SecuredCalls>(var reason, var detail) ->
            new CallsView(
                EvidenceState.UNAVAILABLE,
                null,
                null,
                null,
                null,
                null,
                null,
                reason.name(),
                detail);
      };
    }
  }
}
