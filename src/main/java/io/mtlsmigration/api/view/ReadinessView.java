// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.commands.Readiness;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "Readiness", description = "Would the namespace be locked now?")
public record ReadinessView(
    @Schema(description = "Name of the namespace") String namespace,
    @Schema(description = "READY when all gates pass, BLOCKED when one fails, else INCONCLUSIVE")
        Readiness.Verdict verdict,
    @Schema(description = "The plan by whose gates it is judged, or the defaults") String basis,
    @Schema(description = "Results of the gates") List<GateView> gates,
    @Schema(
            description =
                "When the gate plaintext can pass at the earliest, if nobody sends any until then;"
                    + " absent when waiting does not mend what it holds for")
        @Nullable Instant plaintextAt,
    @Schema(description = "Since when the silence of each server counts") List<Server> servers,
    @Schema(
            description =
                "Clients that the plaintext window would have locked out, by the history of their"
                    + " calls that was read lately; they hold nothing. Empty also where it is not"
                    + " known, or not read yet: GET /namespaces/{namespace}/window says what is")
        List<String> warnings) {

  @Schema(
      name = "ServerWatch",
      description = "Since when a server's silence says that nobody sends it plaintext")
  public record Server(
      @Schema(description = "namespace/name of the workload") String workload,
      @Schema(description = "HOLDS when it counts for the whole window, else why not")
          Reason reason,
      @Schema(
              description =
                  "Since when it is captured, not STRICT and watched; absent if it is not")
          @Nullable Instant since,
      @Schema(description = "When that is as long as the window; absent if waiting does not help")
          @Nullable Instant enoughAt,
      @Schema(description = "What is missing, and what to do; empty when nothing is")
          String detail) {}

  public static ReadinessView of(String namespace, Readiness readiness, List<String> warnings) {
    return new ReadinessView(
        namespace,
        readiness.verdict(),
        readiness.basis(),
        GateView.of(readiness.gates()),
        readiness.plaintextAt(),
        readiness.servers().stream()
            .map(
                server ->
                    new Server(
                        server.workload().id(),
                        server.reason(),
                        server.since(),
                        server.enoughAt(),
                        server.detail()))
            .toList(),
        warnings);
  }
}
