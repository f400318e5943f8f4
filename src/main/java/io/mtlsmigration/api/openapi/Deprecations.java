package io.mtlsmigration.api.openapi;

import java.util.HashMap;
import java.util.Map;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.AnnotationValue;
import org.jboss.jandex.DotName;
import org.jboss.jandex.IndexView;

/** Says of operations that they will go, out of {@link DeprecatedOperation}. */
final class Deprecations {

  private static final DotName DEPRECATED = DotName.createSimple(DeprecatedOperation.class);
  private static final DotName OPERATION =
      DotName.createSimple(org.eclipse.microprofile.openapi.annotations.Operation.class);

  private final Map<String, DeprecationNotice> notices = new HashMap<>();

  Deprecations(IndexView index) {
    for (AnnotationInstance deprecated : index.getAnnotations(DEPRECATED)) {
      AnnotationInstance operation = deprecated.target().asMethod().annotation(OPERATION);
      AnnotationValue id = operation == null ? null : operation.value("operationId");
      if (id != null) {
        notices.put(id.asString(), notice(deprecated));
      }
    }
  }

  private static DeprecationNotice notice(AnnotationInstance deprecated) {
    AnnotationValue sunset = deprecated.value("sunset");
    return DeprecationNotice.of(
        deprecated.value("since").asString(),
        sunset == null ? "" : sunset.asString(),
        deprecated.value("instead").asString());
  }

  /** Only where they are used: the document has nothing that nobody refers to. */
  void define(Components components) {
    if (!notices.isEmpty()) {
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

  void add(Operation operation) {
    DeprecationNotice notice = notices.get(operation.getOperationId());
    if (notice == null) {
      return;
    }
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
