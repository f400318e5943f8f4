// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.openapi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.File;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The cookbook's plan with every field, which a new field would leave incomplete. */
final class EveryFieldTest {

  private final Set<String> documented = new TreeSet<>();
  private final Set<String> shown = new TreeSet<>();

  @Test
  void isInThePlanThatHasEveryField() throws IOException {
    JsonNode schemas =
        new YAMLMapper().readTree(new File("openapi.yaml")).at("/components/schemas");
    fields(schemas.path("PlanBody"), schemas, "");
    values(new ObjectMapper().readTree(new File("docs/cookbook/every-field.json")), "");
    // Kubernetes' own selector, with free keys.
    documented.removeIf(field -> field.contains("/selector/"));
    shown.removeIf(field -> field.contains("/selector/"));

    assertEquals(documented, shown);
  }

  private void fields(JsonNode schema, JsonNode schemas, String path) {
    String ref = schema.path("$ref").asText();
    if (!ref.isEmpty()) {
      fields(schemas.path(ref.substring(ref.lastIndexOf('/') + 1)), schemas, path);
    }
    for (String composed : new String[] {"allOf", "anyOf", "oneOf"}) {
      schema.path(composed).forEach(one -> fields(one, schemas, path));
    }
    if (schema.has("items")) {
      fields(schema.path("items"), schemas, path);
    }
    schema
        .path("properties")
        .properties()
        .forEach(
            field -> {
              documented.add(path + "/" + field.getKey());
              fields(field.getValue(), schemas, path + "/" + field.getKey());
            });
  }

  private void values(JsonNode value, String path) {
    if (value.isArray()) {
      value.forEach(one -> values(one, path));
    }
    value
        .properties()
        .forEach(
            field -> {
              shown.add(path + "/" + field.getKey());
              values(field.getValue(), path + "/" + field.getKey());
            });
  }
}
