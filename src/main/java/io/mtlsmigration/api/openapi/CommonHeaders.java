// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.openapi;

import java.util.List;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.headers.Header;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;

/** The headers of answers that callers act on. */
final class CommonHeaders {

  static final String RETRY_AFTER = "Retry-After";

  private static final String ETAG = "ETag";
  private static final String LOCATION = "Location";
  private static final List<String> STARTED =
      List.of("/api/v1/plans", "/api/v1/connectivity/probes", "/api/v1/wire-checks");

  private CommonHeaders() {}

  static void define(Components components) {
    components
        .addHeader(
            ETAG,
            header("Changes when the answer does; of plans and steps it is what If-Match takes")
                .schema(OASFactory.createSchema().addType(Schema.SchemaType.STRING))
                .example("\"7;6f1ed002ab5595859014ebf0951522d9\""))
        .addHeader(
            LOCATION,
            header("Where to ask for it")
                .schema(
                    OASFactory.createSchema()
                        .addType(Schema.SchemaType.STRING)
                        .format("uri-reference"))
                .example("/api/v1/plans/q4"))
        .addHeader(
            RETRY_AFTER,
            header("Seconds after which the call is worth repeating")
                .schema(OASFactory.createSchema().addType(Schema.SchemaType.INTEGER))
                .example(10));
  }

  private static Header header(String description) {
    return OASFactory.createHeader().description(description);
  }

  static void add(String path, PathItem.HttpMethod method, Operation operation) {
    if (method == PathItem.HttpMethod.GET) {
      add(operation, "200", ETAG);
      return;
    }
    if (path.startsWith("/api/v1/plans")) {
      List.of("200", "201", "202").forEach(status -> add(operation, status, ETAG));
    }
    if (method == PathItem.HttpMethod.POST && STARTED.contains(path)) {
      List.of("201", "202").forEach(status -> add(operation, status, LOCATION));
    }
  }

  private static void add(Operation operation, String status, String header) {
    APIResponse response = operation.getResponses().getAPIResponse(status);
    if (response != null) {
      response.addHeader(header, reference(header));
    }
  }

  static Header reference(String header) {
    return OASFactory.createHeader().ref(header);
  }
}
