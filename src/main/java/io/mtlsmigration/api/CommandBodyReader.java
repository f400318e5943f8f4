// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.mtlsmigration.api.input.Bodies;
import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.api.problem.ProblemDetail.FieldError;
import io.mtlsmigration.api.view.CommandBody;
import io.mtlsmigration.contract.BodySchema;
import io.mtlsmigration.plan.Problem;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.MessageBodyReader;
import jakarta.ws.rs.ext.Provider;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Reads the body of a command: parses it, validates it by the schema that the OpenAPI document
 * publishes, and binds it, so that every wrong place is reported at once.
 */
@Provider
@Consumes(MediaType.WILDCARD) // Bodies refuses what is neither JSON nor YAML, if there is any
public final class CommandBodyReader implements MessageBodyReader<CommandBody> {

  /** Where Quarkus keeps the document that it has generated. */
  private static final String DOCUMENT = "/META-INF/quarkus-generated-openapi-doc.JSON";

  private static final JsonMapper JSON = new JsonMapper();

  private final Map<Class<?>, BodySchema> schemas = new ConcurrentHashMap<>();

  @Override
  public boolean isReadable(
      Class<?> type, Type generic, Annotation[] annotations, MediaType media) {
    return CommandBody.class.isAssignableFrom(type);
  }

  /**
   * Returns a body without problems.
   *
   * @throws ApiException 400, 413, 415 from {@link Bodies}; 422 with every wrong place
   */
  @Override
  public CommandBody readFrom(
      Class<CommandBody> type,
      Type generic,
      Annotation[] annotations,
      MediaType media,
      MultivaluedMap<String, String> headers,
      InputStream body)
      throws IOException {
    JsonNode tree = Bodies.read(body, headers.getFirst(HttpHeaders.CONTENT_TYPE));
    boolean isLeftOut = tree.isMissingNode() && CommandBody.OPTIONAL.contains(type);
    BodySchema.Judged judged =
        schemas
            .computeIfAbsent(type, CommandBodyReader::published)
            .judge(isLeftOut ? JSON.createObjectNode() : tree);
    CommandBody bound = JSON.treeToValue(judged.rest(), type);
    boolean isReadable =
        judged.wrong().stream().allMatch(problem -> problem.code().equals(BodySchema.UNKNOWN));
    Map<String, Problem> problems = new LinkedHashMap<>();
    judged.wrong().forEach(problem -> problems.put(problem.pointer(), problem));
    bound.problems().stream()
        // What the whole lacks may only follow from a part that cannot be read.
        .filter(problem -> isReadable || !problem.pointer().isEmpty())
        .filter(problem -> !judged.tooMany())
        .forEach(problem -> problems.putIfAbsent(problem.pointer(), problem));
    judged.bounds().forEach(problem -> problems.putIfAbsent(problem.pointer(), problem));
    if (!problems.isEmpty()) {
      throw ApiException.of(
          ErrorCode.INVALID,
          problems.values().stream()
              .map(problem -> FieldError.at(problem.pointer(), problem.code(), problem.detail()))
              .toList());
    }
    return bound;
  }

  private static BodySchema published(Class<?> type) {
    try (InputStream document = document()) {
      JsonNode schemas = JSON.readTree(document).at("/components/schemas");
      return new BodySchema(resolved(schemas.required(type.getSimpleName()), schemas));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream document() {
    return Objects.requireNonNull(CommandBodyReader.class.getResourceAsStream(DOCUMENT));
  }

  /** Puts schemas in the place of references to them. */
  private static JsonNode resolved(JsonNode schema, JsonNode schemas) {
    if (schema.has("$ref")) {
      String name = schema.path("$ref").asText().replaceFirst(".*/", "");
      return resolved(schemas.required(name), schemas);
    }
    if (schema instanceof ObjectNode object) {
      object.properties().forEach(part -> part.setValue(resolved(part.getValue(), schemas)));
    } else if (schema instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        array.set(i, resolved(array.get(i), schemas));
      }
    }
    return schema;
  }
}
