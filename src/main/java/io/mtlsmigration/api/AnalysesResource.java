// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.AnalysisView;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.text.TerminalText;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.io.InputStream;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/**
 * Analyses of manifests. Every media type is accepted, since the content tells YAML from JSON, and
 * {@code curl --data-binary} sends the type of a form.
 */
@Path("/api/v1/analyses")
@Consumes(MediaType.WILDCARD)
@Tag(name = "Analyses")
public final class AnalysesResource {

  private final Analyses analyses;

  AnalysesResource(Analyses analyses) {
    this.analyses = analyses;
  }

  /** The level of detail of the reachability. */
  enum Detail {
    SUMMARY,
    FULL
  }

  @POST
  @Needs(Verb.GET)
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "analyse",
      summary = "What a set of manifests means",
      description =
          "Multi-document YAML or a JSON List, as kubectl get -o yaml prints it, up to 100 MB and"
              + " 200,000 objects with 1,000,000 results in a minute; send fewer namespaces at a"
              + " time when it answers 413. Answered from it alone; nothing is kept. Workloads of"
              + " which no pod is in the set are taken to have those of their template. As"
              + " text/plain it is a summary.")
  @RequestBody(
      required = true,
      description = "Kubernetes manifests: YAML of any number of documents, or a JSON List",
      // YAML only: with JSON a generated client would send the text as a JSON string.
      content =
          @Content(mediaType = "application/yaml", schema = @Schema(type = SchemaType.STRING)))
  public AnalysisView analyse(
      @Nullable InputStream body,
      @QueryParam("mode")
          @Parameter(
              description = "STRICT adds what STRICT for the whole mesh would change",
              schema = @Schema(enumeration = "STRICT"))
          @Nullable MtlsMode mode,
      @QueryParam("reachability")
          @Parameter(
              description = "full lists each client workload, Service port and endpoint",
              schema =
                  @Schema(
                      enumeration = {"summary", "full"},
                      defaultValue = "summary"))
          @Nullable Detail detail,
      @QueryParam("injected")
          @Parameter(
              description =
                  "Namespaces, with commas between them, that are taken for labelled"
                      + " istio-injection=enabled where the set does not define them; * for each"
                      + " such one",
              example = "shop,cart")
          @Nullable String injected,
      @Context RoutingContext routing) {
    if (mode != null && mode != MtlsMode.STRICT) {
      throw ApiException.parameter("mode", "Expected is STRICT");
    }
    InputStream manifests = body == null ? InputStream.nullInputStream() : body;
    return analyses.analyse(
        manifests,
        injected == null ? Set.of() : Set.copyOf(List.of(injected.split(","))),
        mode != null,
        detail == Detail.FULL,
        () -> routing.response().closed());
  }

  @POST
  @Needs(Verb.GET)
  @Produces("text/plain;qs=0.5")
  @Operation(hidden = true)
  public String summary(
      @Nullable InputStream body,
      @QueryParam("mode") @Nullable MtlsMode mode,
      @QueryParam("reachability") @Nullable Detail detail,
      @QueryParam("injected") @Nullable String injected,
      @Context RoutingContext routing) {
    return TerminalText.of(AnalysisText.lines(analyse(body, mode, detail, injected, routing)));
  }
}
