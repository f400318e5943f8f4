// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.plan.PlanSpec.IgnoredClient;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "IgnoredClient", description = "A client that may fail: workload or cidr")
public record IgnoredClientView(
    @Schema(
            description = "Its kind, and a digest of what it names",
            examples = "workload.65b4e933500cd5ad")
        String id,
    @Schema(description = "namespace/workload, or namespace/* for all of a namespace; else null")
        @Nullable String workload,
    @Schema(description = "Address range; else null") @Nullable String cidr) {

  public static IgnoredClientView of(IgnoredClient client) {
    return new IgnoredClientView(client.id(), client.workload(), client.cidr());
  }
}
