package io.mtlsmigration.api.openapi;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.jboss.jandex.IndexView;

/**
 * Runs over the document at build time: annotations say what is special about an operation, this
 * says what is common to all of them, and fetches the examples from {@code openapi/examples}.
 */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public final class DocumentAdditions implements OASFilter {

  private final IndexView index;

  public DocumentAdditions(IndexView index) {
    this.index = index;
  }

  @Override
  public void filterOpenAPI(OpenAPI document) {
    Descriptions descriptions = Descriptions.load();
    descriptions.describe(document);
    new SchemaShapes(index).complete(document.getComponents());
    ProblemResponses problems = new ProblemResponses();
    problems.define(document.getComponents());
    AccessAdditions.define(document);
    document
        .getPaths()
        .getPathItems()
        .forEach(
            (path, item) ->
                item.getOperations()
                    .forEach(
                        (method, operation) ->
                            complete(document, path, method, operation, descriptions)));
  }

  private static void complete(
      OpenAPI document,
      String path,
      PathItem.HttpMethod method,
      Operation operation,
      Descriptions descriptions) {
    if (!path.startsWith("/api/")) {
      return;
    }
    descriptions.describe(operation);
    OperationExample.load(operation).addTo(operation);
    CommonParameters.add(document, path, method, operation);
    ProblemResponses.add(path, method, operation);
    AccessAdditions.add(path, method, operation);
  }
}
