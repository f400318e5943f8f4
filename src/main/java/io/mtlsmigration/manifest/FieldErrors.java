// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.Unreadable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** The errors of one object: a reason by JSON pointer, the first one for each. */
final class FieldErrors {

  private final Map<String, String> byPointer = new LinkedHashMap<>();

  void add(String pointer, String reason) {
    byPointer.putIfAbsent(pointer, ProblemLog.printable(reason));
  }

  boolean isEmpty() {
    return byPointer.isEmpty();
  }

  void forEach(BiConsumer<String, String> action) {
    byPointer.forEach(action);
  }

  List<Unreadable> of(ObjectRef ref) {
    return byPointer.entrySet().stream()
        .map(e -> new Unreadable(ref, e.getKey(), e.getValue()))
        .toList();
  }

  /** Returns the value, or the errors if there are any. */
  <T> ObjectReading<T> reading(ObjectRef ref, T value) {
    return isEmpty()
        ? new ObjectReading.Understood<>(value)
        : new ObjectReading.NotUnderstood<>(of(ref));
  }
}
