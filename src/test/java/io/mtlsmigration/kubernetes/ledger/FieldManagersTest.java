// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.mtlsmigration.kubernetes.resource.MigrationPlan;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Who has written what, as managedFields tell. */
final class FieldManagersTest {

  private static final String STATUS =
      """
      - {manager: fabric8, operation: Update, subresource: status,
         fieldsV1: {"f:spec": {}, "f:status": {}}}
      """;

  static Stream<Arguments> specs() {
    String applied = "- {manager: kubectl, operation: Apply, fieldsV1: {\"f:spec\": {}}}\n";
    String annotated =
        "- {manager: kubectl-annotate, operation: Update, fieldsV1: {\"f:metadata\":"
            + " {\"f:annotations\": {\"f:mtls-migration.io/action\": {}}}}}\n";
    return Stream.of(
        argumentSet(
            "applied and annotated",
            applied + annotated + STATUS,
            "kubectl (field manager)",
            "kubectl-annotate (field manager)"),
        argumentSet(
            "edited by two, the later counts",
            applied + "- {manager: kubectl-edit, operation: Update, fieldsV1: {\"f:spec\": {}}}\n",
            "kubectl-edit (field manager)",
            "unknown (through the Kubernetes API)"),
        argumentSet(
            "by nobody with a name",
            "- {operation: Update, fieldsV1: {\"f:spec\": {}}}\n",
            "unknown (through the Kubernetes API)",
            "unknown (through the Kubernetes API)"),
        argumentSet(
            "not told",
            "- {}\n",
            "unknown (through the Kubernetes API)",
            "unknown (through the Kubernetes API)"));
  }

  @ParameterizedTest
  @MethodSource("specs")
  void saysWhichProgramWroteIt(String fields, String spec, String annotation) {
    ObjectMeta meta = Serialization.unmarshal("managedFields:\n" + fields, ObjectMeta.class);

    assertEquals(spec, FieldManagers.ofSpec(meta));
    assertEquals(annotation, FieldManagers.ofAnnotation(meta, MigrationPlan.ACTION_ANNOTATION));
  }
}
