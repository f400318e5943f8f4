// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.LabelSelector;
import java.util.ArrayList;
import java.util.List;

/** Reads Kubernetes' label selectors. */
final class LabelSelectorReader {

  private LabelSelectorReader() {}

  static LabelSelector read(ManifestFields selector) {
    List<LabelSelector.Requirement> requirements = new ArrayList<>();
    for (ManifestFields expression : selector.objects("matchExpressions")) {
      requirements.add(
          new LabelSelector.Requirement(
              expression.required("key"), operator(expression), expression.texts("values")));
    }
    return new LabelSelector(selector.strings("matchLabels"), requirements);
  }

  private static LabelSelector.Operator operator(ManifestFields expression) {
    String operator = expression.required("operator");
    return switch (operator) {
      case "In" -> LabelSelector.Operator.IN;
      case "NotIn" -> LabelSelector.Operator.NOT_IN;
      case "DoesNotExist" -> LabelSelector.Operator.DOES_NOT_EXIST;
      case "Exists", "" -> LabelSelector.Operator.EXISTS;
      default -> {
        expression.fault(
            "operator", "'" + operator + "' is none of [In, NotIn, Exists, DoesNotExist]");
        yield LabelSelector.Operator.EXISTS;
      }
    };
  }
}
