package io.mtlsmigration.api;

import static org.eclipse.microprofile.openapi.annotations.enums.ParameterIn.QUERY;

import io.mtlsmigration.access.AuditLog;
import io.mtlsmigration.access.AuditOutcome;
import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.input.Paging;
import io.mtlsmigration.api.input.Query;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.AuditView;
import io.mtlsmigration.api.view.Page;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.UriInfo;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Who changed what by this API. */
@Path("/api/v1/audit")
@Tag(name = "History")
@Produces(MediaType.APPLICATION_JSON)
public final class AuditResource {

  private final AuditLog log;

  AuditResource(AuditLog log) {
    this.log = log;
  }

  @GET
  @Needs(Verb.AUDIT)
  @Operation(
      operationId = "listAudit",
      summary = "Who called, what for, and how it ended",
      description =
          "Calls that changed something or wanted to, and calls that were turned away; newest"
              + " first. The last 1,000 of this replica since it started; the record for good is"
              + " the log named audit.")
  @Parameter(name = "actor", in = QUERY, description = "Only calls of this caller")
  @Parameter(name = "plan", in = QUERY, description = "Only calls about this plan")
  @Parameter(
      name = "outcome",
      in = QUERY,
      description = "Only calls that ended so",
      schema = @Schema(implementation = AuditOutcome.class))
  public Page<AuditView> audit(UriInfo uri) {
    Query query = Query.of(uri);
    String actor = query.text("actor");
    String plan = query.text("plan");
    AuditOutcome outcome = query.choice("outcome", AuditOutcome.class);
    Paging paging = query.paging();
    query.end();
    return Page.of(
        paging
            .cut(
                log.entries().stream()
                    .filter(entry -> actor == null || entry.actor().name().equals(actor))
                    .filter(entry -> plan == null || entry.action().plan().equals(plan))
                    .filter(entry -> outcome == null || entry.result().outcome() == outcome),
                entry -> "%019d".formatted(Long.MAX_VALUE - entry.id()))
            .map(AuditView::of));
  }
}
