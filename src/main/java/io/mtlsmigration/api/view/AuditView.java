// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.access.AuditEntry;
import io.mtlsmigration.access.AuditOutcome;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Registered for reflection, since it is also written to the log. */
@RegisterForReflection
@Schema(
    name = "AuditEntry",
    description = "A call that changed something, wanted to, or was turned away")
public record AuditView(
    @Schema(description = "Grows with time, within one process") long id,
    @Schema(description = "When the call ended") Instant at,
    @Schema(description = "Name of the caller; null when it was not found out")
        @Nullable String actor,
    @Schema(description = "What tells the caller from earlier ones of that name")
        @Nullable String actorUid,
    @Schema(description = "How many groups the caller is in") int groups,
    @Schema(description = "Where the connection came from") String address,
    @Schema(description = "operationId; null when the call was turned away before it was known")
        @Nullable String operation,
    @Schema(description = "HTTP method") String method,
    @Schema(description = "Path of the operation; as it was asked for when that is not known")
        String path,
    @Schema(description = "The plan that it was about") @Nullable String plan,
    @Schema(description = "The namespace that it was about") @Nullable String namespace,
    @Schema(
            description =
                "Whether a plan was to be deleted with keepPolicies: its policies stay, and nobody"
                    + " knows the way back")
        boolean keepPolicies,
    @Schema(description = "X-Request-ID of the answer, and requestId in the log") String requestId,
    @Schema(description = "How it ended") AuditOutcome outcome,
    @Schema(description = "HTTP status; null when there was no answer") @Nullable Integer status,
    @Schema(description = "Code of the problem; null when there was none") @Nullable String problem,
    @Schema(
            description =
                "Calls turned away since the entry before of the same kind that were too many to be"
                    + " recorded")
        long unrecorded) {

  public static AuditView of(AuditEntry entry) {
    AuditEntry.Actor actor = entry.actor();
    AuditEntry.Action action = entry.action();
    AuditEntry.Result result = entry.result();
    return new AuditView(
        entry.id(),
        entry.at(),
        emptyToNull(actor.name()),
        emptyToNull(actor.uid()),
        actor.groups(),
        actor.address(),
        emptyToNull(action.operation()),
        action.method(),
        action.path(),
        emptyToNull(action.plan()),
        emptyToNull(action.namespace()),
        action.keepPolicies(),
        action.requestId(),
        result.outcome(),
        result.status() == 0 ? null : result.status(),
        emptyToNull(result.problem()),
        entry.unrecorded());
  }

  private static @Nullable String emptyToNull(String text) {
    return text.isEmpty() ? null : text;
  }
}
