// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import io.mtlsmigration.contract.PlanSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.media.Schema;

/**
 * Copies the description of a plan's body from the custom resource's schema: descriptions, defaults
 * and required fields. Bounds are left out, since they may change.
 */
final class PlanWords {

  private final Map<String, Schema> schemas;

  private PlanWords(Components components) {
    this.schemas = components.getSchemas();
  }

  static void tell(Components components) {
    PlanWords words = new PlanWords(components);
    words.tell(Objects.requireNonNull(words.schemas.get("PlanBody")), PlanSchema.spec());
  }

  private void tell(Schema schema, JsonNode source) {
    List<String> required =
        new ArrayList<>(schema.getRequired() == null ? List.of() : schema.getRequired());
    source.path("required").forEach(field -> required.add(field.asText()));
    schema.setRequired(required.stream().distinct().toList());
    source
        .path("properties")
        .properties()
        .forEach(
            field -> {
              Schema property = schema.getProperties().get(field.getKey());
              property(Objects.requireNonNull(property, field.getKey()), field.getValue());
            });
  }

  private void property(Schema property, JsonNode source) {
    String words = source.path("description").asText().replaceFirst("[.]$", "");
    JsonNode standard = source.path("default");
    if (standard.isValueNode() && property.getRef() == null) {
      property.setDefaultValue(value(standard));
    } else if (standard.isValueNode()) {
      // Client generators ignore a default beside a reference, so it is stated in the description.
      words += "; " + standard.asText() + " when left out";
    }
    property.setDescription(words);
    if (property.getRef() == null && source.has("enum")) {
      property.setEnumeration(new ArrayList<>());
      source.path("enum").forEach(choice -> property.addEnumeration(choice.asText()));
    }
    Schema inner = property.getItems() == null ? property : property.getItems();
    Schema named = schemas.get(String.valueOf(inner.getRef()).replaceFirst(".*/", ""));
    JsonNode fields = source.has("items") ? source.path("items") : source;
    if (named != null && fields.has("properties")) {
      tell(named, fields);
    }
  }

  private static Object value(JsonNode standard) {
    if (standard.isBoolean()) {
      return standard.asBoolean();
    }
    return standard.decimalValue();
  }
}
