// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import java.util.Collection;
import java.util.Iterator;
import java.util.Optional;

/** What a plan's history forgets. */
public final class Forgetting {

  /** So many are kept, whatever they tell. */
  public static final int NEWEST = 200;

  /** So many before those that tell more than that a gate broke or held again. */
  static final int OLDER = 100;

  private Forgetting() {}

  /**
   * What goes next. Evidence that comes and goes may change a gate at every tick: how a namespace
   * came to be locked is not forgotten for that.
   *
   * @return empty while there is room
   */
  public static Optional<Event> next(Collection<Event> oldestFirst) {
    Iterator<Event> events = oldestFirst.iterator();
    for (int i = oldestFirst.size(); i > NEWEST; i--) {
      Event event = events.next();
      if (event.type() == Event.Type.GATE_CHANGED) {
        return Optional.of(event);
      }
    }
    return oldestFirst.size() > NEWEST + OLDER
        ? oldestFirst.stream().findFirst()
        : Optional.empty();
  }
}
