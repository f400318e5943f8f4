package io.mtlsmigration.api;

import io.mtlsmigration.api.input.Paging;
import io.mtlsmigration.api.input.Query;
import io.mtlsmigration.api.view.EventView;
import io.mtlsmigration.api.view.Page;
import io.mtlsmigration.rollout.Event;
import jakarta.ws.rs.core.UriInfo;
import java.util.List;

/** Lists of events, newest first. */
final class EventLists {

  private EventLists() {}

  static Page<EventView> page(List<Event> events, UriInfo uri) {
    Query query = Query.of(uri);
    String namespace = query.text("namespace");
    Event.Type type = query.choice("type", Event.Type.class);
    Paging paging = query.paging();
    query.end();
    return Page.of(
        paging
            .cut(
                events.stream()
                    .filter(event -> namespace == null || event.subject().equals(namespace))
                    .filter(event -> type == null || event.type() == type),
                event -> "%019d".formatted(Long.MAX_VALUE - event.id()))
            .map(EventView::of));
  }
}
