// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.fields;

import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds who has written a field of an object, and when: {@code metadata.managedFields}. A field is
 * named by its path in FieldsV1, such as {@code f:spec}, {@code f:renewTime}.
 */
public final class ManagedFields {

  private ManagedFields() {}

  /** Returns the entries of those who own a field, in the order of the object. */
  public static Stream<ManagedFieldsEntry> owners(ObjectMeta meta, List<String> path) {
    return Stream.ofNullable(meta.getManagedFields())
        .flatMap(List::stream)
        .filter(entry -> owns(entry, path));
  }

  /** Returns when an owner last wrote a field, by the API server's clock; empty when untold. */
  public static Optional<Instant> writtenAt(ObjectMeta meta, List<String> path) {
    return owners(meta, path)
        .map(ManagedFieldsEntry::getTime)
        .filter(Objects::nonNull)
        .map(Instant::parse)
        .max(Comparator.naturalOrder());
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
