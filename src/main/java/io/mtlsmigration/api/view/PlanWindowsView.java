// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PlanWindows;
import java.time.Duration;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "PlanWindows", description = "How long a plan looks before and after a lock")
public record PlanWindowsView(
    @Schema(description = "For how long nobody may have sent plaintext") Duration plaintextWindow,
    @Schema(description = "For how long all gates must have held") Duration soak,
    @Schema(description = "Length of the dry run of STRICT; null for none")
        @Nullable Duration audit,
    @Schema(description = "For how long a locked namespace is watched")
        Duration verificationDuration) {

  public static PlanWindowsView of(PlanSpec spec) {
    PlanWindows windows = PlanWindows.of(spec);
    return new PlanWindowsView(
        windows.plaintextWindow(), windows.soak(), windows.audit(), windows.verificationDuration());
  }
}
