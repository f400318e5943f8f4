// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.mtlsmigration.api.input.Paging;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mtls.ClientTls;
import io.mtlsmigration.mtls.Reach;
import io.mtlsmigration.plan.Impact;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "Impact", description = "Who reaches whom now, and after the writes")
public record ImpactView(
    @Schema(description = "The namespace, or mesh; namespace:mesh is a namespace of that name")
        String subject,
    @Schema(description = "The mode that is asked about") MtlsMode mode,
    @Schema(description = "The plan whose exceptions count, or the defaults") String basis,
    @Schema(
            description =
                "Of the writes, and of the clients that will be refused; approvals refer to it")
        String hash,
    @Schema(description = "Number of flows, in all parts of the list") int total,
    @Schema(description = "Number of flows that work now and will not") int breaking,
    @Schema(description = "The exact writes, in order") List<ChangeView> changes,
    @Schema(description = "Known client to port, those that break first") List<Flow> flows,
    @Schema(description = "Give it as the parameter of this name for more flows; null at the end")
        @JsonProperty("continue")
        @Nullable String next,
    @Schema(description = Page.REMAINING) int remaining) {

  @Schema(name = "Flow", description = "One client calling one endpoint")
  public record Flow(
      @Schema(description = "namespace/workload, an address, or unknown") String from,
      @Schema(description = "namespace/service:port") String to,
      @Schema(description = "ip:targetPort") String endpoint,
      @Schema(description = "What the client sends") ClientTls clientTls,
      @Schema(description = "Outcome now") Reach now,
      @Schema(description = "Outcome after the writes") Reach then,
      @Schema(description = "True when it works now and will not") boolean breaks,
      @Schema(description = "How the client is known") Impact.Basis basis) {

    private static Flow of(Impact.Flow flow) {
      return new Flow(
          flow.from(),
          flow.to(),
          flow.endpoint(),
          flow.clientTls(),
          flow.now(),
          flow.then(),
          flow.breaks(),
          flow.basis());
    }
  }

  /** Returns a page of the flows, or of those that break when {@code breakingOnly}. */
  public static ImpactView of(
      Impact impact, MtlsMode mode, String basis, boolean breakingOnly, Paging paging) {
    Paging.Part<Flow> flows =
        paging
            .cut(impact.flows().stream().filter(f -> f.breaks() || !breakingOnly), ImpactView::key)
            .map(Flow::of);
    return new ImpactView(
        impact.subject(),
        mode,
        basis,
        impact.hash(),
        impact.flows().size(),
        (int) impact.flows().stream().filter(Impact.Flow::breaks).count(),
        impact.changes().stream().map(ChangeView::of).toList(),
        flows.items(),
        flows.next(),
        flows.remaining());
  }

  private static String key(Impact.Flow flow) {
    return (flow.breaks() ? "0" : "1")
        + String.join("\n", flow.from(), flow.to(), flow.endpoint(), flow.basis().name());
  }
}
