// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.manifest;

import com.fasterxml.jackson.databind.JsonNode;
import io.mtlsmigration.mesh.ObjectMeta;
import io.mtlsmigration.mesh.ObjectMeta.FieldOwner;
import io.mtlsmigration.mesh.ObjectRef;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads {@code metadata}. */
final class MetaReader {

  private MetaReader() {}

  /** Reads the metadata of an object whose owners nobody asks for; they are large. */
  static ObjectMeta meta(ObjectRef ref, ManifestFields metadata, Instant absent) {
    return meta(ref, metadata, absent, List.of());
  }

  /**
   * Reads the metadata of an object, and the owners of its fields.
   *
   * @param persons prefixes of field managers of people
   */
  static ObjectMeta owned(
      ObjectRef ref, ManifestFields metadata, Instant absent, List<String> persons) {
    return meta(ref, metadata, absent, owners(metadata, persons));
  }

  private static ObjectMeta meta(
      ObjectRef ref, ManifestFields metadata, Instant absent, List<FieldOwner> owners) {
    return new ObjectMeta(
        ref,
        metadata.text("uid", ""),
        metadata.text("resourceVersion", ""),
        createdAt(metadata, absent),
        metadata.strings("labels"),
        metadata.strings("annotations"),
        owners,
        !metadata.tree().path("finalizers").isEmpty());
  }

  static Instant createdAt(ManifestFields metadata, Instant absent) {
    return time(metadata, "creationTimestamp", absent);
  }

  static Instant time(ManifestFields object, String field, Instant absent) {
    String text = object.text(field, "");
    if (text.isEmpty()) {
      return absent;
    }
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      object.fault(field, "must be a time such as 2026-11-25T08:00:00Z");
      return absent;
    }
  }

  /** Returns one owner for each manager, whatever its number of entries. */
  private static List<FieldOwner> owners(ManifestFields metadata, List<String> persons) {
    Map<String, FieldOwner> byManager = new LinkedHashMap<>();
    for (ManifestFields entry : metadata.objects("managedFields")) {
      JsonNode fields = entry.tree().path("fieldsV1");
      FieldOwner owner =
          new FieldOwner(
                  entry.text("manager", ""), owns(fields, "f:spec"), ownsMode(fields), persons)
              .changedAt(time(entry.text("time", "")));
      byManager.merge(owner.manager(), owner, MetaReader::both);
    }
    return new ArrayList<>(byManager.values());
  }

  private static FieldOwner both(FieldOwner a, FieldOwner b) {
    boolean later =
        a.changedAt() == null || (b.changedAt() != null && b.changedAt().isAfter(a.changedAt()));
    return new FieldOwner(
        a.manager(),
        a.ownsSpec() || b.ownsSpec(),
        a.ownsMode() || b.ownsMode(),
        a.person(),
        later ? b.changedAt() : a.changedAt());
  }

  /** Returns the time that the API server wrote; an invalid one in a file is ignored. */
  private static @Nullable Instant time(String text) {
    try {
      return text.isEmpty() ? null : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static boolean owns(JsonNode fields, String field) {
    return fields.has(field);
  }

  /** Returns whether the owner owns the mode; a set without members stands for the whole value. */
  private static boolean ownsMode(JsonNode fields) {
    JsonNode at = fields;
    for (String field : List.of("f:spec", "f:mtls", "f:mode")) {
      if (!at.has(field)) {
        return false;
      }
      at = at.path(field);
      if (at.isEmpty()) {
        return true;
      }
    }
    return true;
  }
}
