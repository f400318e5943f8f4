// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.policy;

import com.fasterxml.jackson.databind.JsonNode;
import io.mtlsmigration.rollout.PolicyWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The managers of one object's fields, from {@code metadata.managedFields}: entries of both
 * operations, Apply and Update; those of subresources concern other fields. In {@code fieldsV1} a
 * member without members of its own is that field and no other: the owner of an empty {@code
 * f:mtls} owns the structure and not the mode in it (structured-merge-diff,
 * fieldpath/serialize.go).
 *
 * @see <a
 *     href="https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management">Field
 *     management</a>
 */
final class FieldOwners {

  private record Entry(String manager, JsonNode spec) {}

  private final List<Entry> entries = new ArrayList<>();

  FieldOwners(JsonNode object) {
    for (JsonNode entry : object.path("metadata").path("managedFields")) {
      JsonNode spec = entry.path("fieldsV1").path("f:spec");
      if (entry.path("subresource").asText("").isEmpty() && spec.isObject()) {
        entries.add(new Entry(entry.path("manager").asText(""), spec));
      }
    }
  }

  /** Returns the managers of the field, or of anything in it, other than this service. */
  List<String> others(FieldPath path) {
    return entries.stream()
        .filter(e -> !e.manager.equals(PolicyWriter.FIELD_MANAGER))
        .filter(e -> at(e.spec, path).isPresent())
        .map(Entry::manager)
        .distinct()
        .toList();
  }

  private static Optional<JsonNode> at(JsonNode set, FieldPath path) {
    JsonNode at = set;
    for (String name : path.names()) {
      at = at.path("f:" + name);
    }
    return at.isMissingNode() ? Optional.empty() : Optional.of(at);
  }
}
