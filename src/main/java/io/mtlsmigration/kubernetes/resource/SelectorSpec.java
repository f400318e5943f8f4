package io.mtlsmigration.kubernetes.resource;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A {@code metav1.LabelSelector}; the empty one matches everything. */
@RegisterForReflection
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record SelectorSpec(
    @JsonPropertyDescription("Labels that must be there.")
        @Nullable Map<String, String> matchLabels,
    @JsonPropertyDescription("Requirements that must all hold.") @Size(max = 64) @Nullable List<Requirement> matchExpressions) {

  /** How a label is compared, spelled as Kubernetes spells it. */
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

  /** One requirement of a selector. */
  @RegisterForReflection
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  @ValidationRule(
      value = "(self.operator in ['In', 'NotIn']) == (has(self.values) && size(self.values) > 0)",
      message = "In and NotIn need values; Exists and DoesNotExist take none",
      fieldPath = ".values",
      reason = "FieldValueInvalid")
  public record Requirement(
      @JsonPropertyDescription("The label.") @Required @Size(min = 1, max = 317) @Nullable String key,
      @JsonPropertyDescription("How the label is compared.") @Required @Nullable Operator operator,
      @JsonPropertyDescription("For In and NotIn.") @Size(max = 256) @Nullable List<@Size(max = 63) String> values) {}
}
