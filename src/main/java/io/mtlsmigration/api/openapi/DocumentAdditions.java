// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.openapi;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.info.Info;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.jboss.jandex.AnnotationInstance;
import org.jboss.jandex.AnnotationValue;
import org.jboss.jandex.DotName;
import org.jboss.jandex.IndexView;
import org.jboss.jandex.MethodInfo;

/**
 * Completes the document at build time: annotations describe what is special about an operation,
 * this adds what is common to all of them, and the examples from {@code openapi/examples}.
 */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public final class DocumentAdditions implements OASFilter {

  private static final DotName OPERATION =
      DotName.createSimple(org.eclipse.microprofile.openapi.annotations.Operation.class);

  private final IndexView index;
  private final Descriptions descriptions = Descriptions.load();
  private final SchemaNames names = descriptions.names();

  public DocumentAdditions(IndexView index) {
    this.index = index;
  }

  /** Called for every schema, before the document as a whole. */
  @Override
  public Schema filterSchema(Schema schema) {
    SortSchemas.refer(schema);
    names.refer(schema);
    Inputs.type(schema);
    return schema;
  }

  @Override
  public Parameter filterParameter(Parameter parameter) {
    return CommonParameters.refer(parameter);
  }

  @Override
  public void filterOpenAPI(OpenAPI document) {
    // Not configurable: the licence by its SPDX identifier, and our own extensions.
    Info info = document.getInfo() == null ? OASFactory.createInfo() : document.getInfo();
    document.setInfo(
        info.license(OASFactory.createLicense().name("Apache-2.0").identifier("Apache-2.0")));
    document.setServers(
        List.of(OASFactory.createServer().url("/").description("The service that shows this")));
    descriptions.describe(document);
    new SchemaShapes(index).complete(document.getComponents());
    PlanWords.tell(document.getComponents());
    SortSchemas.complete(index, document.getComponents());
    names.define(document.getComponents());
    Alternatives.define(document.getComponents());
    CommonHeaders.define(document.getComponents());
    CommonParameters.define(document.getComponents());
    Deprecations.define(index, document.getComponents());
    ProblemResponses problems = new ProblemResponses();
    problems.define(document.getComponents());
    AccessAdditions.define(document);
    Map<String, MethodInfo> handlers = handlers();
    document
        .getPaths()
        .getPathItems()
        .forEach(
            (path, item) ->
                item.getOperations()
                    .forEach((method, op) -> complete(document, path, method, op, handlers)));
  }

  /** Returns the handlers by operationId. */
  private Map<String, MethodInfo> handlers() {
    Map<String, MethodInfo> handlers = new HashMap<>();
    for (AnnotationInstance operation : index.getAnnotations(OPERATION)) {
      AnnotationValue id = operation.value("operationId");
      if (id != null) {
        handlers.put(id.asString(), operation.target().asMethod());
      }
    }
    return handlers;
  }

  private void complete(
      OpenAPI document,
      String path,
      PathItem.HttpMethod method,
      Operation operation,
      Map<String, MethodInfo> handlers) {
    MethodInfo handler = handlers.get(operation.getOperationId());
    if (handler == null || !path.startsWith("/api/")) {
      return;
    }
    descriptions.describe(operation);
    Inputs.complete(document, operation);
    OperationExample.load(operation).addTo(operation);
    CommonParameters.add(path, method, operation);
    CommonHeaders.add(path, method, operation);
    ProblemResponses.add(path, method, operation);
    AccessAdditions.add(operation, handler);
    Deprecations.add(operation, handler);
  }
}
