// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.openapi;

import io.mtlsmigration.api.view.CommandBody;
import java.util.Objects;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.MediaType;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.parameters.RequestBody;

/** Completes the description of request bodies. */
final class Inputs {

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
      // A handler that takes any type takes it with an empty body; what is read is JSON.
      MediaType any = body.getContent().getMediaType("*/*");
      if (any != null) {
        body.setContent(OASFactory.createContent().addMediaType("application/json", any));
      }
      // A generated client would demand an empty body otherwise.
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
    return ref != null
        && CommandBody.OPTIONAL.stream().anyMatch(type -> type.getSimpleName().equals(name(ref)));
  }

  private static String name(String ref) {
    return ref.substring(ref.lastIndexOf('/') + 1);
  }
}
