package io.mtlsmigration.api.view;

import io.mtlsmigration.rollout.PlanDesk.Readiness;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(name = "Readiness", description = "Would the namespace be locked now?")
public record ReadinessView(
    @Schema(description = "Name of the namespace") String namespace,
    @Schema(description = "READY when all gates pass, BLOCKED when one fails, else INCONCLUSIVE")
        Readiness.Verdict verdict,
    @Schema(description = "The plan by whose gates it is judged, or the defaults") String basis,
    @Schema(description = "Results of the gates") List<GateView> gates) {

  public static ReadinessView of(String namespace, Readiness readiness) {
    return new ReadinessView(
        namespace, readiness.verdict(), readiness.basis(), GateView.of(readiness.gates()));
  }
}
