// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import io.quarkus.test.junit.QuarkusTest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The document that clients are generated from. */
@QuarkusTest
final class OpenApiDocumentIT {

  private JsonNode document;

  /** An operation with its place. */
  private record Operation(String place, JsonNode node) {}

  /** A body in the document: of a request, or of an answer. */
  private record Body(String place, JsonNode media) {}

  @BeforeEach
  void read() throws Exception {
    document = new ObjectMapper().readTree(given().get("/q/openapi?format=json").asString());
  }

  @Test
  void isOpenApi31() {
    assertEquals("3.1.0", document.path("openapi").asText());
  }

  @Test
  void saysWhatEachOperationIs() {
    Set<String> ids = new HashSet<>();
    List<String> lacking = new ArrayList<>();

    for (Operation operation : operations()) {
      String id = operation.node.path("operationId").asText();
      if (!id.matches("[a-z][A-Za-z]+") || !ids.add(id)) {
        lacking.add(operation.place + " has no operationId of its own: " + id);
      }
      for (String field : List.of("summary", "description")) {
        if (operation.node.path(field).asText().isBlank()) {
          lacking.add(operation.place + " has no " + field);
        }
      }
      if (operation.node.path("tags").isEmpty()) {
        lacking.add(operation.place + " has no tag");
      }
      for (JsonNode parameter : operation.node.path("parameters")) {
        if (!parameter.has("$ref") && parameter.path("description").asText().isBlank()) {
          lacking.add(operation.place + " does not describe " + parameter.path("name"));
        }
      }
    }

    assertEquals(List.of(), lacking);
    assertTrue(ids.size() > 40, () -> "only " + ids.size() + " operations");
  }

  @Test
  void describesEachSchemaAndProperty() {
    List<String> lacking = new ArrayList<>();

    for (Map.Entry<String, JsonNode> schema : document.at("/components/schemas").properties()) {
      if (schema.getValue().path("description").asText().isBlank()) {
        lacking.add(schema.getKey());
      }
      for (Map.Entry<String, JsonNode> property :
          schema.getValue().path("properties").properties()) {
        if (property.getValue().path("description").asText().isBlank()) {
          lacking.add(schema.getKey() + "." + property.getKey());
        }
      }
    }

    assertEquals(List.of(), lacking);
  }

  @Test
  void showsAnExampleOfEachBody() {
    List<String> lacking =
        bodies().stream().filter(body -> !body.media.has("example")).map(Body::place).toList();

    assertEquals(List.of(), lacking);
  }

  @Test
  void showsExamplesThatFitTheirSchemas() {
    List<String> unfit = new ArrayList<>();

    for (Body body : bodies()) {
      schema(body.media.path("schema"))
          .validate(body.media.path("example"))
          .forEach(error -> unfit.add(body.place + ": " + error));
    }

    assertEquals(List.of(), unfit);
  }

  @Test
  void documentsItsProblems() {
    List<String> lacking = new ArrayList<>();

    for (Operation operation : operations()) {
      if (!operation.node.path("responses").has("400")
          || !operation.node.path("responses").has("500")) {
        lacking.add(operation.place);
      }
    }

    assertEquals(List.of(), lacking);
  }

  private List<Operation> operations() {
    List<Operation> operations = new ArrayList<>();
    for (Map.Entry<String, JsonNode> path : document.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
        operations.add(
            new Operation(operation.getKey() + " " + path.getKey(), operation.getValue()));
      }
    }
    return operations;
  }

  private List<Body> bodies() {
    List<Body> bodies = new ArrayList<>();
    for (Operation operation : operations()) {
      bodies(operation.place + " request", operation.node.path("requestBody"), bodies);
      for (Map.Entry<String, JsonNode> response : operation.node.path("responses").properties()) {
        bodies(operation.place + " " + response.getKey(), response.getValue(), bodies);
      }
    }
    for (Map.Entry<String, JsonNode> response : document.at("/components/responses").properties()) {
      bodies("response " + response.getKey(), response.getValue(), bodies);
    }
    return bodies;
  }

  private static void bodies(String place, JsonNode of, List<Body> bodies) {
    for (Map.Entry<String, JsonNode> media : of.path("content").properties()) {
      bodies.add(new Body(place + " as " + media.getKey(), media.getValue()));
    }
  }

  /** The schema of a body, closed: an example with a field that the schema lacks does not fit. */
  private Schema schema(JsonNode schema) {
    ObjectMapper mapper = new ObjectMapper();
    var root = mapper.createObjectNode();
    root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    root.set("allOf", mapper.createArrayNode().add(schema));
    var components = root.putObject("components");
    JsonNode schemas = document.at("/components/schemas").deepCopy();
    schemas.forEach(OpenApiDocumentIT::close);
    components.set("schemas", schemas);
    return SchemaRegistry.withDefaultDialect(
            SpecificationVersion.DRAFT_2020_12,
            registry ->
                registry.schemaRegistryConfig(
                    SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()))
        .getSchema(root);
  }

  private static void close(JsonNode schema) {
    if (schema.has("properties")) {
      ((com.fasterxml.jackson.databind.node.ObjectNode) schema).put("additionalProperties", false);
    }
  }
}
