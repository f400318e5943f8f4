// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.policy;

import java.util.List;

/**
 * A field below {@code spec}, such as {@code mtls, mode}.
 *
 * @param names of fields and keys of maps, outermost first
 */
record FieldPath(List<String> names) {

  static final FieldPath MODE = of("mtls", "mode");

  FieldPath {
    names = List.copyOf(names);
  }

  static FieldPath of(String... names) {
    return new FieldPath(List.of(names));
  }

  /** Returns the path as the API server writes it in conflicts. */
  @Override
  public String toString() {
    return ".spec." + String.join(".", names);
  }
}
