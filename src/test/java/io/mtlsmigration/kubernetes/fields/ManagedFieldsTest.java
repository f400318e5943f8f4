// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.fields;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ManagedFieldsTest {

  private static final List<String> RENEWAL = List.of("f:spec", "f:renewTime");
  private static final Map<String, Object> OWNED = Map.of();

  /** A lease that two have renewed; a person has labelled it since. */
  private static final ObjectMeta LEASE =
      new ObjectMetaBuilder()
          .addNewManagedField()
          .withManager("one")
          .withTime("2026-01-01T12:00:00Z")
          .withNewFieldsV1()
          .withAdditionalProperties(Map.of("f:spec", Map.of("f:renewTime", OWNED)))
          .endFieldsV1()
          .endManagedField()
          .addNewManagedField()
          .withManager("two")
          .withTime("2026-01-01T12:00:05Z")
          .withNewFieldsV1()
          .withAdditionalProperties(Map.of("f:spec", Map.of("f:renewTime", OWNED)))
          .endFieldsV1()
          .endManagedField()
          .addNewManagedField()
          .withManager("kubectl-label")
          .withTime("2026-01-01T13:00:00Z")
          .withNewFieldsV1()
          .withAdditionalProperties(Map.of("f:metadata", Map.of("f:labels", OWNED)))
          .endFieldsV1()
          .endManagedField()
          .build();

  @Test
  void tellsWhenAFieldWasWrittenAndNotWhenTheObjectWas() {
    assertEquals(
        Optional.of(Instant.parse("2026-01-01T12:00:05Z")),
        ManagedFields.writtenAt(LEASE, RENEWAL));
    assertEquals(Optional.empty(), ManagedFields.writtenAt(LEASE, List.of("f:status")));
    assertEquals(Optional.empty(), ManagedFields.writtenAt(new ObjectMeta(), RENEWAL));
  }

  @Test
  void namesTheOwnersOfAField() {
    assertEquals(
        List.of("one", "two"),
        ManagedFields.owners(LEASE, RENEWAL).map(entry -> entry.getManager()).toList());
  }
}
