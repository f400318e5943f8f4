// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.openapi;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Content;
import org.eclipse.microprofile.openapi.models.media.MediaType;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;

/**
 * The example of an operation: {@code openapi/examples/OPERATION.json} with {@code request}, {@code
 * responses} by status, and {@code texts}: other representations of the answer by media type. A
 * missing example fails the build.
 */
final class OperationExample {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final String operationId;
  private final JsonNode example;

  private OperationExample(String operationId, JsonNode example) {
    this.operationId = operationId;
    this.example = example;
  }

  static OperationExample load(Operation operation) {
    String id = operation.getOperationId();
    String file = "openapi/examples/" + id + ".json";
    try (InputStream in = Descriptions.open(file)) {
      if (in == null) {
        throw new IllegalStateException(file + " is missing: each operation has an example");
      }
      return new OperationExample(id, JSON.readTree(in));
    } catch (IOException e) {
      throw new UncheckedIOException(file, e);
    }
  }

  void addTo(Operation operation) {
    JsonNode request = example.get("request");
    if (request != null && operation.getRequestBody() != null) {
      operation
          .getRequestBody()
          .getContent()
          .getMediaTypes()
          .forEach((type, media) -> set(media, fitting(request, type)));
    }
    for (Map.Entry<String, JsonNode> response : example.path("responses").properties()) {
      answer(operation, response.getKey())
          .getMediaTypes()
          .forEach((type, media) -> set(media, fitting(response.getValue(), type)));
    }
    for (Map.Entry<String, JsonNode> text : example.path("texts").properties()) {
      MediaType media = OASFactory.createMediaType();
      media.setSchema(OASFactory.createSchema().addType(Schema.SchemaType.STRING));
      media.setExample(text.getValue().textValue());
      answer(operation, "200").addMediaType(text.getKey(), media);
    }
  }

  /** Returns the form of an example for a media type; {@code *} is the default. */
  private static JsonNode fitting(JsonNode example, String type) {
    if (!example.has("byMediaType")) {
      return example;
    }
    JsonNode forms = example.get("byMediaType");
    return forms.has(type) ? forms.get(type) : forms.path("*");
  }

  private Content answer(Operation operation, String status) {
    APIResponse response = operation.getResponses().getAPIResponse(status);
    if (response == null) {
      throw new IllegalStateException(operationId + " has an example of a " + status + " it lacks");
    }
    if (response.getContent() == null) {
      response.setContent(OASFactory.createContent());
    }
    return response.getContent();
  }

  private static void set(MediaType media, JsonNode value) {
    media.setExample(JSON.convertValue(value, Object.class));
  }
}
