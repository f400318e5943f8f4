// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.mtlsmigration.contract.MigrationPlanSpec;
import io.mtlsmigration.contract.PlanSpecs;
import io.mtlsmigration.plan.PlanSpec;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/**
 * A plan as it is sent, and as it is shown with the defaults filled in: a name beside the fields of
 * the custom resource's spec. {@code contract.PlanReading} parses it, so that every wrong field is
 * named.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(name = "PlanBody", description = "What somebody wants; name is enough")
public record PlanBody(
    @Schema(description = "Lower-case letters, digits and dashes") String name,
    @JsonUnwrapped MigrationPlanSpec spec) {

  public static PlanBody of(PlanSpec spec) {
    return new PlanBody(spec.name(), PlanSpecs.write(spec));
  }
}
