// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.Unreadable;
import java.util.List;

/** The result of reading one object. */
public sealed interface ObjectReading<T> {

  record Understood<T>(T value) implements ObjectReading<T> {}

  /**
   * The object exists, but does not match its schema.
   *
   * @param reasons at least one, each with its place
   */
  record NotUnderstood<T>(List<Unreadable> reasons) implements ObjectReading<T> {
    public NotUnderstood {
      reasons = List.copyOf(reasons);
    }
  }

  /**
   * Returns the value.
   *
   * @throws IllegalStateException when there is none
   */
  default T orThrow() {
    return switch (this) {
      case Understood<T> understood -> understood.value();
      case NotUnderstood<T> not -> throw new IllegalStateException(not.reasons().toString());
    };
  }
}
