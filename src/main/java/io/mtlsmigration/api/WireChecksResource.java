// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.input.PageQuery;
import io.mtlsmigration.api.input.Paging;
import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.api.problem.ProblemDetail.FieldError;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.CommandBody.WireCheckBody;
import io.mtlsmigration.api.view.Page;
import io.mtlsmigration.api.view.WireCheckView;
import io.mtlsmigration.text.TerminalText;
import io.mtlsmigration.wire.WireCheck;
import io.mtlsmigration.wire.WireChecks;
import io.mtlsmigration.wire.WireText;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Wire checks: captures of connections at a pod. */
@Path("/api/v1/wire-checks")
@Tag(name = "Evidence")
public final class WireChecksResource {

  private static final int RETRY_AFTER_SECONDS = 10;

  private final WireChecks checks;

  WireChecksResource(WireChecks checks) {
    this.checks = checks;
  }

  @POST
  @Needs(Verb.CAPTURE)
  @Consumes(MediaType.WILDCARD) // JSON or YAML; the body's reader rejects anything else
  @Produces(MediaType.APPLICATION_JSON)
  @RunOnVirtualThread
  @Operation(
      operationId = "startWireCheck",
      summary = "Look at the wire",
      description =
          "Watches what arrives at one pod of a workload, outside its proxy, and judges each"
              + " connection by its first bytes. Ask for the results at Location. In a cluster this"
              + " is tcpdump in the pod's istio-proxy; where that is not possible the check ends"
              + " FAILED, with the reason and a remedy.")
  @APIResponse(
      responseCode = "202",
      description = "The check has begun",
      content = @Content(schema = @Schema(implementation = WireCheckView.class)))
  public RestResponse<WireCheckView> start(WireCheckBody body) {
    try {
      WireCheck check = checks.start(body.request());
      return RestResponse.ResponseBuilder.create(
              RestResponse.Status.ACCEPTED, WireCheckView.of(check))
          .location(URI.create("/api/v1/wire-checks/" + check.id()))
          .build();
    } catch (WireChecks.UnknownTargetException e) {
      throw ApiException.of(
          ErrorCode.NOT_FOUND,
          List.of(
              FieldError.at("/" + e.field(), "UNKNOWN_REFERENCE", String.valueOf(e.getMessage()))));
    } catch (WireChecks.BusyException e) {
      throw ApiException.busy(String.valueOf(e.getMessage()), RETRY_AFTER_SECONDS);
    }
  }

  @GET
  @Needs(Verb.CAPTURE)
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "listWireChecks",
      summary = "Latest wire checks",
      description =
          "Newest first. A hundred are remembered, until the service restarts. As text/plain it"
              + " prints for each what it prints for one.")
  public Page<WireCheckView> list(
      @QueryParam("namespace") @Parameter(description = "Only checks of pods in this namespace")
          @Nullable String namespace,
      @BeanParam PageQuery page) {
    return Page.of(latest(namespace, page).map(WireCheckView::of));
  }

  @GET
  @Needs(Verb.CAPTURE)
  @Produces("text/plain;qs=0.5")
  @Operation(hidden = true)
  public String listLines(
      @QueryParam("namespace") @Nullable String namespace, @BeanParam PageQuery page) {
    Paging.Part<WireCheck> latest = latest(namespace, page);
    List<String> lines = new ArrayList<>();
    latest.items().forEach(check -> summarise(check, lines));
    if (latest.next() != null) {
      lines.add("more: continue=" + latest.next());
    }
    return TerminalText.of(lines);
  }

  /** Adds the summary: time and place, the verdict, and the connections seen. */
  private static void summarise(WireCheck check, List<String> lines) {
    List<String> seen = WireText.lines(check);
    String where = check.workload().id() + " (pod " + check.pod() + ")";
    lines.add(check.startedAt() + " " + where + ": " + seen.getFirst());
    seen.stream().skip(1).forEach(line -> lines.add("  " + line));
  }

  private Paging.Part<WireCheck> latest(@Nullable String namespace, PageQuery page) {
    return page.paging()
        .cut(
            checks.checks().stream()
                .filter(c -> namespace == null || c.request().namespace().equals(namespace)),
            check -> NewestFirst.key(check.startedAt(), check.id()));
  }

  @GET
  @Path("/{id}")
  @Needs(Verb.CAPTURE)
  @Produces(MediaType.APPLICATION_JSON)
  @Operation(
      operationId = "getWireCheck",
      summary = "A wire check",
      description =
          "With each connection that was seen, once it is DONE. NO_TRAFFIC proves nothing: nobody"
              + " called while it ran. As text/plain it prints the verdict and a line for each kind"
              + " of connection.")
  public WireCheckView check(@PathParam("id") String id) {
    return WireCheckView.of(required(id));
  }

  @GET
  @Path("/{id}")
  @Needs(Verb.CAPTURE)
  @Produces("text/plain;qs=0.5")
  @Operation(hidden = true)
  public String lines(@PathParam("id") String id) {
    return TerminalText.of(WireText.lines(required(id)));
  }

  private WireCheck required(String id) {
    return checks.check(id).orElseThrow(() -> ApiException.notFound("wire check " + id));
  }
}
