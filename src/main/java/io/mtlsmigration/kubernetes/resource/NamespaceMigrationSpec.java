// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.resource;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.mtlsmigration.contract.MigrationPlanSpec;
import io.quarkus.runtime.annotations.RegisterForReflection;
import org.jspecify.annotations.Nullable;

/** The target of the step; immutable. */
@RegisterForReflection
@ValidationRule(
    value = "self == oldSelf",
    message = "the plan and the namespace of a step never change",
    reason = "FieldValueForbidden")
public record NamespaceMigrationSpec(
    @JsonPropertyDescription("Name of the MigrationPlan that it belongs to.")
        @Required
        @Size(min = 1, max = 63) @Nullable String plan,
    @JsonPropertyDescription("The target namespace; left out for the mesh step.")
        @Pattern(MigrationPlanSpec.NAMESPACE) @Nullable String namespace) {}
