// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.openapi;

import java.math.BigDecimal;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;

/** The parameters of every list, and those of conditional requests of every read. */
final class CommonParameters {

  private static final String LIMIT = "limit";
  private static final String CONTINUE = "continue";
  private static final String IF_MATCH = "If-Match";
  private static final String IF_NONE_MATCH = "If-None-Match";

  private CommonParameters() {}

  /** Returns a reference to the common parameter that a handler declares. */
  static Parameter refer(Parameter declared) {
    return LIMIT.equals(declared.getName()) || CONTINUE.equals(declared.getName())
        ? OASFactory.createParameter().ref(declared.getName())
        : declared;
  }

  static void add(String path, PathItem.HttpMethod method, Operation operation) {
    if (method == PathItem.HttpMethod.POST
        && path.startsWith("/api/v1/plans/")
        && !path.endsWith("/backtest")) { // which changes nothing
      operation.addParameter(OASFactory.createParameter().ref(IF_MATCH));
    }
    if (method != PathItem.HttpMethod.GET) {
      return;
    }
    operation.addParameter(OASFactory.createParameter().ref(IF_NONE_MATCH));
    operation
        .getResponses()
        .addAPIResponse(
            "304",
            OASFactory.createAPIResponse()
                .description("The answer is still the one whose ETag was sent"));
  }

  static void define(Components components) {
    components
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
}
