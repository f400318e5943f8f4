// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.resource;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.quarkus.runtime.annotations.RegisterForReflection;
import org.jspecify.annotations.Nullable;

/** A {@code metav1.Condition}. */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Condition(
    @JsonPropertyDescription("What it is about.") @Required @Nullable String type,
    @JsonPropertyDescription("True, False or Unknown.") @Required @Nullable String status,
    @JsonPropertyDescription("Why, in one word.") @Required @Nullable String reason,
    @JsonPropertyDescription("Why, and what to do.") @Required @Nullable String message,
    @JsonPropertyDescription("When the status changed last.") @Required
        @Nullable String lastTransitionTime,
    @JsonPropertyDescription("The metadata.generation that it was judged on.")
        @Nullable Long observedGeneration) {}
