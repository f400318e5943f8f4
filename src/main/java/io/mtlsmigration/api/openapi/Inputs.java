// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.openapi;

import java.util.Objects;
import java.util.Set;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.parameters.RequestBody;

/** Completes the description of request bodies. */
final class Inputs {

  /** Bodies that may be omitted; otherwise a generated client would demand an empty one. */
  private static final Set<String> OPTIONAL = Set.of("CommentBody", "ProbeBody");

  private Inputs() {}

  /** Sets the type of an enum to string. */
  static void type(Schema schema) {
    if (schema.getEnumeration() != null && schema.getType() == null) {
      schema.addType(Schema.SchemaType.STRING);
    }
  }

  static void complete(OpenAPI document, Operation operation) {
    RequestBody body = operation.getRequestBody();
    if (body != null) {
      body.setRequired(
          body.getContent().getMediaTypes().values().stream()
              .noneMatch(media -> isOptional(media.getSchema())));
      if (body.getDescription() == null) {
        body.getContent().getMediaTypes().values().stream()
            .map(media -> media.getSchema().getRef())
            .filter(Objects::nonNull)
            .findFirst()
            .map(ref -> document.getComponents().getSchemas().get(name(ref)))
            .ifPresent(schema -> body.setDescription(schema.getDescription()));
      }
    }
  }

  private static boolean isOptional(Schema schema) {
    String ref = schema == null ? null : schema.getRef();
    return ref != null && OPTIONAL.contains(name(ref));
  }

  private static String name(String ref) {
    return ref.substring(ref.lastIndexOf('/') + 1);
  }
}
