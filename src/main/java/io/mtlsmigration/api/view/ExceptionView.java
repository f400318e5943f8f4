// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.contract.PlanSpecs;
import io.mtlsmigration.contract.SelectorSpec;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import java.time.LocalDate;
import java.util.List;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** An exception of a plan as a resource of its own. */
@Schema(description = "A port that a plan leaves open, and what was agreed about it")
public record ExceptionView(
    @Schema(
            description =
                "Names what is open: the namespace, the port or all, and a digest of the selector",
            examples = "foo.9090.7840d4f70ac1aee5")
        String id,
    @Schema(description = "EXPIRES_SOON is within two weeks; EXPIRED ones are open all the same")
        PolicyException.Validity state,
    @Schema(description = "Namespace of the workload") String namespace,
    @Schema(description = "Over labels of pods") SelectorSpec selector,
    @Schema(description = "Container port; null for all ports of the workload")
        @Nullable Integer port,
    @Schema(description = "Who answers for it") String owner,
    @Schema(description = "Why it stays open") String reason,
    @Schema(description = "Last day (UTC)") LocalDate expires,
    @Schema(description = "Paths that plaintext may ask for") List<String> plaintextPaths) {

  public static ExceptionView of(PolicyException exception, LocalDate today) {
    return new ExceptionView(
        exception.id(),
        exception.validity(today),
        exception.namespace(),
        Objects.requireNonNull(PlanSpecs.exception(exception).selector()),
        exception.port(),
        exception.owner(),
        exception.reason(),
        exception.expires(),
        exception.plaintextPaths());
  }
}
