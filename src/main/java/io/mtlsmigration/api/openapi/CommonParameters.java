package io.mtlsmigration.api.openapi;

import java.math.BigDecimal;
import java.util.Map;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;

/** What every list takes, and what every read takes and gives for conditional requests. */
final class CommonParameters {

  private static final String LIMIT = "limit";
  private static final String CONTINUE = "continue";
  private static final String IF_MATCH = "If-Match";
  private static final String IF_NONE_MATCH = "If-None-Match";

  private CommonParameters() {}

  static void add(OpenAPI document, String path, PathItem.HttpMethod method, Operation operation) {
    define(document);
    if (method == PathItem.HttpMethod.POST && path.startsWith("/api/v1/plans/")) {
      operation.addParameter(OASFactory.createParameter().ref(IF_MATCH));
    }
    if (method != PathItem.HttpMethod.GET) {
      return;
    }
    if (isList(document, operation)) {
      operation.addParameter(OASFactory.createParameter().ref(LIMIT));
      operation.addParameter(OASFactory.createParameter().ref(CONTINUE));
    }
    operation.addParameter(OASFactory.createParameter().ref(IF_NONE_MATCH));
    operation
        .getResponses()
        .addAPIResponse(
            "304",
            OASFactory.createAPIResponse()
                .description("The answer is still the one whose ETag was sent"));
  }

  private static void define(OpenAPI document) {
    Map<String, Parameter> defined = document.getComponents().getParameters();
    if (defined != null && defined.containsKey(LIMIT)) {
      return;
    }
    document
        .getComponents()
        .addParameter(
            LIMIT,
            query(LIMIT, "Entries at most")
                .schema(
                    OASFactory.createSchema()
                        .addType(Schema.SchemaType.INTEGER)
                        .minimum(BigDecimal.ONE)
                        .maximum(BigDecimal.valueOf(1000))
                        .defaultValue(100)))
        .addParameter(
            CONTINUE,
            query(CONTINUE, "Token of the part before, with the same filters and sort")
                .schema(OASFactory.createSchema().addType(Schema.SchemaType.STRING)))
        .addParameter(
            IF_MATCH,
            header(
                IF_MATCH, "ETag of what was read: 412 when it has changed since; may be left out"))
        .addParameter(
            IF_NONE_MATCH,
            header(IF_NONE_MATCH, "ETag of an earlier answer: 304 when it is still the same"));
  }

  private static Parameter header(String name, String description) {
    return OASFactory.createParameter()
        .name(name)
        .in(Parameter.In.HEADER)
        .description(description)
        .schema(OASFactory.createSchema().addType(Schema.SchemaType.STRING));
  }

  private static Parameter query(String name, String description) {
    return OASFactory.createParameter().name(name).in(Parameter.In.QUERY).description(description);
  }

  private static boolean isList(OpenAPI document, Operation operation) {
    APIResponse ok = operation.getResponses().getAPIResponse("200");
    if (ok == null || ok.getContent() == null) {
      return false;
    }
    return ok.getContent().getMediaTypes().values().stream()
        .map(media -> media.getSchema())
        .filter(schema -> schema != null && schema.getRef() != null)
        .map(schema -> schema.getRef().substring(schema.getRef().lastIndexOf('/') + 1))
        .map(name -> document.getComponents().getSchemas().get(name))
        .anyMatch(
            schema ->
                schema != null
                    && schema.getProperties() != null
                    && schema.getProperties().containsKey(CONTINUE));
  }
}
