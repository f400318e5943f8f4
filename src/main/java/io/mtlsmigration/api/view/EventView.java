// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.view;

import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Reason;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

@Schema(name = "Event", description = "Something that happened")
public record EventView(
    @Schema(description = "Grows; the id of the event in a stream") long id,
    @Schema(description = "When") Instant at,
    @Schema(description = "Name of the plan") String plan,
    @Schema(
            description =
                "A namespace, mesh, or null when it is about the plan itself; namespace:mesh is a"
                    + " namespace of that name")
        @Nullable String namespace,
    @Schema(description = "What kind of thing happened") Event.Type type,
    @Schema(description = "Phase before; null when no phase changed") @Nullable String from,
    @Schema(description = "Phase after; null when no phase changed") @Nullable String to,
    @Schema(description = "Stable reason") Reason reason,
    @Schema(description = "What happened, in words") String message,
    @Schema(description = "Who did it, or mtls-migration") String actor,
    @Schema(description = "Names and figures behind it") Map<String, String> evidence) {

  public static EventView of(Event event) {
    return new EventView(
        event.id(),
        event.at(),
        event.plan(),
        emptyToNull(event.subject()),
        event.type(),
        emptyToNull(event.from()),
        emptyToNull(event.to()),
        event.reason(),
        event.message(),
        event.actor(),
        new TreeMap<>(event.evidence()));
  }

  private static @Nullable String emptyToNull(String text) {
    return text.isEmpty() ? null : text;
  }
}
