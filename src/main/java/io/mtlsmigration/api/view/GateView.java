// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.rollout.Gate;
import io.mtlsmigration.rollout.GateResult;
import io.mtlsmigration.rollout.Reason;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(name = "GateResult", description = "The result of a gate")
public record GateView(
    @Schema(description = "Name of the gate, in lower case") String gate,
    @Schema(description = "INCONCLUSIVE holds as FAIL does") GateResult.Result result,
    @Schema(description = "Stable reason") Reason reason,
    @Schema(description = "Names who or what holds the gate, and what to do") String message,
    @Schema(description = "The facts behind it") List<String> evidence,
    @Schema(description = "When it was judged") Instant evaluatedAt) {

  public static GateView of(GateResult result) {
    return new GateView(
        name(result.gate()),
        result.result(),
        result.reason(),
        result.message(),
        result.evidence(),
        result.evaluatedAt());
  }

  public static List<GateView> of(List<GateResult> results) {
    return results.stream().map(GateView::of).toList();
  }

  public static String name(Gate gate) {
    return gate.name().toLowerCase(Locale.ROOT);
  }
}
