// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.api.input.PageQuery;
import io.mtlsmigration.api.view.EventView;
import io.mtlsmigration.api.view.Page;
import io.mtlsmigration.rollout.Event;
import jakarta.ws.rs.QueryParam;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.jspecify.annotations.Nullable;

/** Lists of events, newest first. */
final class EventLists {

  private EventLists() {}

  /** Filters of events. */
  public record Filter(
      @QueryParam("namespace")
          @Parameter(
              description =
                  "Only events of this namespace, or mesh; namespace:mesh is a namespace of that"
                      + " name")
          @Nullable String namespace,
      @QueryParam("type") @Parameter(description = "Only events of this type")
          Event.@Nullable Type type,
      @QueryParam("since") @Parameter(description = "Only events at or after this instant")
          @Nullable Instant since) {

    boolean takes(Event event) {
      return (namespace == null || event.subject().equals(namespace))
          && (type == null || event.type() == type)
          && (since == null || !event.at().isBefore(since));
    }
  }

  static Page<EventView> page(List<Event> events, Filter filter, PageQuery page) {
    return Page.of(
        page.paging()
            .cut(
                events.stream().filter(filter::takes),
                event -> "%019d".formatted(Long.MAX_VALUE - event.id()))
            .map(EventView::of));
  }
}
