// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.contract;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/**
 * The schema of a plan: of a MigrationPlan's spec, as the API server has it except for its CEL
 * rules, and for REST with the name beside it. {@code make crds} writes the file.
 */
public final class PlanSchema {

  private static final JsonNode FIELDS = load();

  static final BodySchema SPEC = new BodySchema(FIELDS);
  static final BodySchema BODY = new BodySchema(named());

  private PlanSchema() {}

  /** Returns the spec's schema, which must not be modified. */
  public static JsonNode spec() {
    return FIELDS;
  }

  private static JsonNode load() {
    try (InputStream file = file()) {
      return new JsonMapper().readTree(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream file() {
    return Objects.requireNonNull(
        PlanSchema.class.getResourceAsStream("/schema/migrationplan-spec.json"));
  }

  private static JsonNode named() {
    ObjectNode body = FIELDS.deepCopy();
    ObjectNode properties = body.objectNode();
    properties.putObject("name").put("type", "string");
    body.set("properties", properties.setAll((ObjectNode) FIELDS.path("properties")));
    body.putArray("required").add("name");
    return body;
  }
}
