package io.mtlsmigration.api.input;

import io.mtlsmigration.mesh.LabelSelector;
import io.mtlsmigration.mesh.LabelSelector.Operator;
import io.mtlsmigration.mesh.LabelSelector.Requirement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Kubernetes' LabelSelector, with its operators as Kubernetes spells them. */
final class SelectorBinder {

  private SelectorBinder() {}

  /** Null when the field is not there; the empty selector matches everything. */
  static @Nullable LabelSelector selector(Fields parent, String field) {
    Fields fields = parent.object(field);
    if (fields == null) {
      return null;
    }
    LabelSelector selector =
        new LabelSelector(
            fields.labels("matchLabels"),
            fields.objects("matchExpressions").stream()
                .flatMap(expression -> requirement(expression).stream())
                .toList());
    fields.end();
    return selector;
  }

  /** The same where Istio allows labels alone; empty when the field is not there. */
  static Map<String, String> labels(Fields parent, String field) {
    Fields fields = parent.object(field);
    if (fields == null) {
      return Map.of();
    }
    Map<String, String> labels = fields.labels("matchLabels");
    // Generated clients write lists that are empty.
    if (!fields.objects("matchExpressions").isEmpty()) {
      fields.wrong(
          "matchExpressions", "NOT_SUPPORTED", "Istio's policies know matchLabels only; use those");
    }
    fields.end();
    return labels;
  }

  private static Optional<Requirement> requirement(Fields fields) {
    String key = fields.required("key");
    if (!fields.has("operator")) {
      fields.required("operator");
    }
    Optional<Operator> operator =
        fields.text("operator", SelectorBinder::operator, "one of In, NotIn, Exists, DoesNotExist");
    List<String> values = fields.texts("values");
    operator.ifPresent(
        op -> {
          boolean needsValues = op == Operator.IN || op == Operator.NOT_IN;
          if (needsValues == values.isEmpty()) {
            fields.wrong(
                "values",
                needsValues ? "REQUIRED" : "WRONG_VALUE",
                needsValues
                    ? "In and NotIn need values"
                    : "Exists and DoesNotExist take no values");
          }
        });
    fields.end();
    return operator.map(op -> new Requirement(key, op, values));
  }

  private static Optional<Operator> operator(String text) {
    return switch (text) {
      case "In" -> Optional.of(Operator.IN);
      case "NotIn" -> Optional.of(Operator.NOT_IN);
      case "Exists" -> Optional.of(Operator.EXISTS);
      case "DoesNotExist" -> Optional.of(Operator.DOES_NOT_EXIST);
      default -> Optional.empty();
    };
  }
}
