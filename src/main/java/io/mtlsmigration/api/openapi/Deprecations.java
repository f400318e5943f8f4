// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.openapi;

import java.util.Map;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.AnnotationValue;
import org.jboss.jandex.IndexView;
import org.jboss.jandex.MethodInfo;

/** Marks operations with {@link DeprecatedOperation} as deprecated. */
final class Deprecations {

  private Deprecations() {}

  private static DeprecationNotice notice(AnnotationInstance deprecated) {
    AnnotationValue sunset = deprecated.value("sunset");
    return DeprecationNotice.of(
        deprecated.value("since").asString(),
        sunset == null ? "" : sunset.asString(),
        deprecated.value("instead").asString());
  }

  /** Defines the headers only where they are used: the document has no unreferenced component. */
  static void define(IndexView index, Components components) {
    if (!index.getAnnotations(DeprecatedOperation.class).isEmpty()) {
      header(components, DeprecationNotice.DEPRECATION, "Since when (RFC 9745)", "@1803859200");
      header(components, DeprecationNotice.LINK, "Where more is said", DeprecationNotice.MORE);
      header(
          components,
          DeprecationNotice.SUNSET,
          "From when on it may be gone (RFC 8594)",
          "Wed, 01 Mar 2028 00:00:00 GMT");
    }
  }

  private static void header(
      Components components, String name, String description, String example) {
    components.addHeader(
        name,
        OASFactory.createHeader()
            .description(description)
            .schema(OASFactory.createSchema().addType(Schema.SchemaType.STRING))
            .example(example));
  }

  static void add(Operation operation, MethodInfo handler) {
    AnnotationInstance deprecated = handler.annotation(DeprecatedOperation.class);
    if (deprecated == null) {
      return;
    }
    DeprecationNotice notice = notice(deprecated);
    operation.setDeprecated(true);
    operation.setDescription(operation.getDescription() + notice.words());
    operation.addExtension("x-deprecated-since", notice.since().toString());
    if (notice.sunset() != null) {
      operation.addExtension("x-sunset", notice.sunset().toString());
    }
    for (Map.Entry<String, APIResponse> answer :
        operation.getResponses().getAPIResponses().entrySet()) {
      if (answer.getKey().startsWith("2")) {
        notice
            .headers()
            .keySet()
            .forEach(name -> answer.getValue().addHeader(name, CommonHeaders.reference(name)));
      }
    }
  }
}
