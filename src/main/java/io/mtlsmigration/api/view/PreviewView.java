// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.api.view.PlanView.WaveView;
import io.mtlsmigration.plan.PlanReport;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PolicyWrites;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

@Schema(name = "PlanPreview", description = "What a plan would do; nothing was stored")
public record PreviewView(
    @Schema(
            description = "Always PlanPreview: tells it from a Plan",
            enumeration = PreviewView.KIND)
        String kind,
    @Schema(description = "Name of the plan") String name,
    @Schema(description = "Always true") boolean dryRun,
    @Schema(description = "The body with every default filled in") PlanBody spec,
    @Schema(description = "Waves as computed, with the reason for each place") List<WaveView> waves,
    @Schema(description = "Every write, in order; empty when the mesh is as the plan wants it")
        List<ChangeView> changes,
    @Schema(description = "Namespaces left open by default, with the reason")
        Map<String, String> exempt,
    @Schema(description = "What a person has to clear before the writes can be made")
        List<ObstacleView> obstacles,
    @Schema(description = "What the plan will wait for, or not look at, as it is now")
        List<String> warnings,
    @Schema(description = "Hash of the facts that it was made from") String observation) {

  private static final String KIND = "PlanPreview";

  @Schema(name = "Obstacle", description = "Something that a person has to clear")
  public record ObstacleView(
      @Schema(description = "A namespace, or mesh; namespace:mesh is a namespace of that name")
          String namespace,
      @Schema(description = "Stable kind") PolicyWrites.Obstacle.Kind kind,
      @Schema(description = "Names the object and the remedy") String message) {}

  /**
   * A preview.
   *
   * @param silent warnings of clients that the plan's window would have locked out
   */
  public static PreviewView of(PlanSpec spec, PlanReport report, List<String> silent) {
    return new PreviewView(
        KIND,
        spec.name(),
        true,
        PlanBody.of(spec),
        WaveView.of(report.waves()),
        report.changes().stream().map(ChangeView::of).toList(),
        new TreeMap<>(report.exempt()),
        obstacles(report),
        Stream.concat(report.warnings().stream(), silent.stream()).toList(),
        report.observation());
  }

  public static List<ObstacleView> obstacles(PlanReport report) {
    return report.obstacles().entrySet().stream()
        .flatMap(
            entry ->
                entry.getValue().stream()
                    .map(
                        obstacle ->
                            new ObstacleView(entry.getKey(), obstacle.kind(), obstacle.message())))
        .toList();
  }
}
