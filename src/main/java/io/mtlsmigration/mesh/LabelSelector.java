// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A Kubernetes {@code metav1.LabelSelector}: all of {@code matchLabels} and all of {@code
 * matchExpressions} must hold; the empty selector matches everything.
 */
public record LabelSelector(Map<String, String> matchLabels, List<Requirement> matchExpressions) {

  public static final LabelSelector EVERYTHING = new LabelSelector(Map.of(), List.of());

  public LabelSelector {
    // In an order that is the same in each process: what is approved is told by it.
    matchLabels = Collections.unmodifiableMap(new TreeMap<>(matchLabels));
    matchExpressions = List.copyOf(matchExpressions);
  }

  public static LabelSelector ofLabels(Map<String, String> labels) {
    return new LabelSelector(labels, List.of());
  }

  public boolean isEmpty() {
    return matchLabels.isEmpty() && matchExpressions.isEmpty();
  }

  public boolean matches(Map<String, String> labels) {
    return containsAll(labels, matchLabels)
        && matchExpressions.stream().allMatch(r -> r.matches(labels));
  }

  /** Returns true when every entry of {@code wanted} is in {@code labels}. */
  public static boolean containsAll(Map<String, String> labels, Map<String, String> wanted) {
    WorkLimit.goOn(); // the innermost part of most loops over pairs
    for (Map.Entry<String, String> entry : wanted.entrySet()) {
      if (!entry.getValue().equals(labels.get(entry.getKey()))) {
        return false;
      }
    }
    return true;
  }

  /** {@code metav1.LabelSelectorOperator}. */
  public enum Operator {
    IN,
    NOT_IN,
    EXISTS,
    DOES_NOT_EXIST
  }

  /** One of {@code matchExpressions}; {@code values} is empty for EXISTS and DOES_NOT_EXIST. */
  public record Requirement(String key, Operator operator, List<String> values) {
    public Requirement {
      values = List.copyOf(values);
    }

    boolean matches(Map<String, String> labels) {
      String value = labels.get(key);
      return switch (operator) {
        case IN -> value != null && values.contains(value);
        case NOT_IN -> value == null || !values.contains(value);
        case EXISTS -> value != null;
        case DOES_NOT_EXIST -> value == null;
      };
    }
  }
}
