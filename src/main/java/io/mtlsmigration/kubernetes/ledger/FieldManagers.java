// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.mtlsmigration.kubernetes.fields.ManagedFields;
import java.util.List;

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
    return ManagedFields.owners(meta, path)
        .filter(entry -> Values.text(entry.getSubresource()).isEmpty())
        .map(entry -> Values.text(entry.getManager()))
        .filter(manager -> !manager.isBlank())
        .reduce((earlier, later) -> later)
        .map(manager -> manager + " (field manager)")
        .orElse(NOBODY);
  }
}
