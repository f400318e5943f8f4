// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the author of a plan's parts, as far as an object records it: the name of a program, such
 * as {@code kubectl-client-side-apply}. Only the API server's audit log knows the person.
 */
final class FieldManagers {

  private static final String NOBODY = "unknown (through the Kubernetes API)";

  private FieldManagers() {}

  /** Returns the manager of the spec. */
  static String ofSpec(ObjectMeta meta) {
    return named(meta, List.of("f:spec"));
  }

  /** Returns the manager of an annotation. */
  static String ofAnnotation(ObjectMeta meta, String annotation) {
    return named(meta, List.of("f:metadata", "f:annotations", "f:" + annotation));
  }

  private static String named(ObjectMeta meta, List<String> path) {
    return Values.list(meta.getManagedFields()).stream()
        .filter(entry -> Values.text(entry.getSubresource()).isEmpty() && owns(entry, path))
        .map(entry -> Values.text(entry.getManager()))
        .filter(manager -> !manager.isBlank())
        .reduce((earlier, later) -> later)
        .map(manager -> manager + " (field manager)")
        .orElse(NOBODY);
  }

  private static boolean owns(ManagedFieldsEntry entry, List<String> path) {
    Optional<Object> at =
        Optional.ofNullable(entry.getFieldsV1()).map(fields -> fields.getAdditionalProperties());
    for (String field : path) {
      at = at.map(tree -> tree instanceof Map<?, ?> fields ? fields.get(field) : null);
    }
    return at.isPresent();
  }
}
