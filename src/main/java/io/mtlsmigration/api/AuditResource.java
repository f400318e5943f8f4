// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.access.AuditLog;
import io.mtlsmigration.access.AuditOutcome;
import io.mtlsmigration.access.Verb;
import io.mtlsmigration.api.input.PageQuery;
import io.mtlsmigration.api.security.Needs;
import io.mtlsmigration.api.view.AuditView;
import io.mtlsmigration.api.view.Page;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The audit record of changing calls. */
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
  public Page<AuditView> audit(
      @QueryParam("actor") @Parameter(description = "Only calls of this caller")
          @Nullable String actor,
      @QueryParam("plan") @Parameter(description = "Only calls about this plan")
          @Nullable String plan,
      @QueryParam("outcome") @Parameter(description = "Only calls that ended so")
          @Nullable AuditOutcome outcome,
      @BeanParam PageQuery page) {
    return Page.of(
        page.paging()
            .cut(
                log.entries().stream()
                    .filter(entry -> actor == null || entry.actor().name().equals(actor))
                    .filter(entry -> plan == null || entry.action().plan().equals(plan))
                    .filter(entry -> outcome == null || entry.result().outcome() == outcome),
                entry -> "%019d".formatted(Long.MAX_VALUE - entry.id()))
            .map(AuditView::of));
  }
}
