// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.contract;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A {@code metav1.LabelSelector}. */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_NULL)
@Schema(name = "LabelSelector", description = "A Kubernetes LabelSelector; {} matches everything")
public record SelectorSpec(
    @JsonPropertyDescription("Labels that must be there.")
        @Nullable Map<String, String> matchLabels,
    @JsonPropertyDescription("Requirements that must all hold.") @Size(max = 64) @Nullable List<Requirement> matchExpressions) {

  /** The operators of {@code mesh.LabelSelector} in Kubernetes' spelling. */
  public enum Operator {
    @JsonProperty("In")
    IN,
    @JsonProperty("NotIn")
    NOT_IN,
    @JsonProperty("Exists")
    EXISTS,
    @JsonProperty("DoesNotExist")
    DOES_NOT_EXIST
  }

  @JsonInclude(JsonInclude.Include.NON_NULL)
  @ValidationRule(
      value = "(self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)",
      message = "In and NotIn need values; Exists and DoesNotExist take none",
      fieldPath = ".values",
      reason = "FieldValueInvalid")
  @Schema(name = "LabelSelectorRequirement", description = "One requirement of a LabelSelector")
  public record Requirement(
      @JsonPropertyDescription("The label.") @Required @Size(min = 1, max = 317) @Nullable String key,
      @JsonPropertyDescription("How the label is compared.")
          @Required
          @Schema(implementation = String.class)
          @Nullable Operator operator,
      @JsonPropertyDescription("For In and NotIn.") @Size(max = 256) @Nullable List<@Size(max = 63) String> values) {}
}
