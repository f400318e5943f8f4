// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.notice;

import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A receiver's place in the notices: everything up to the floor is over, and beyond it what was
 * sent. Ids and not a position, because records of other replicas arrive late and out of order. Of
 * bounded size: {@link #REMEMBERED} ids, the newest. Immutable.
 *
 * @param floor ids up to it are over, be they sent or given up
 * @param sent ids above the floor that the receiver has accepted
 */
public record NoticeCursor(String floor, NavigableSet<String> sent) {

  /** The most ids: 40 kB, of which sixteen fit into an object of etcd. */
  static final int REMEMBERED = 1500;

  private static final int LONGEST_ID = 26;

  public NoticeCursor {
    NavigableSet<String> kept = new TreeSet<>(sent.tailSet(floor, false));
    while (kept.size() > REMEMBERED) {
      floor = kept.pollFirst();
    }
    sent = Collections.unmodifiableNavigableSet(kept);
  }

  /** Returns the cursor of a receiver that was never told anything, and is told what follows. */
  public static NoticeCursor from(Instant begin) {
    return new NoticeCursor(Notice.floor(begin), new TreeSet<>());
  }

  /** Returns what is still to be told, the oldest first. */
  public List<Notice> pending(Collection<Notice> notices) {
    Set<String> known = new HashSet<>();
    sent.forEach(id -> known.add(Notice.about(id)));
    List<Notice> open =
        notices.stream()
            .filter(notice -> notice.id().compareTo(floor) > 0)
            .sorted(Comparator.comparing(Notice::id))
            .filter(notice -> known.add(Notice.about(notice.id())))
            .toList();
    Set<String> told = new HashSet<>(sent);
    open.forEach(notice -> told.add(notice.id()));
    return open.stream()
        .filter(notice -> notice.instead() == null || !told.contains(notice.instead()))
        .toList();
  }

  /** Returns whether the notice was sent or given up. */
  public boolean isOver(Notice notice) {
    return notice.id().compareTo(floor) <= 0 || sent.contains(notice.id());
  }

  public NoticeCursor sent(Collection<Notice> told) {
    NavigableSet<String> all = new TreeSet<>(sent);
    told.forEach(notice -> all.add(notice.id()));
    return new NoticeCursor(floor, all);
  }

  /** Returns the cursor with everything before that time given up. */
  public NoticeCursor over(Instant before) {
    String next = Notice.floor(before);
    return next.compareTo(floor) > 0 ? new NoticeCursor(next, sent) : this;
  }

  /**
   * Returns the cursor with its floor at that time, if it was later: a clock was wrong, and what
   * happens until then would be told to nobody.
   */
  public NoticeCursor upTo(Instant now) {
    String latest = Notice.floor(now);
    // The floor may be an id of that time.
    boolean ahead = floor.compareTo(latest) > 0 && !floor.startsWith(latest);
    return ahead ? new NoticeCursor(latest, sent) : this;
  }

  /** Returns whether nothing was told, or given up, since that time. */
  public boolean isOlderThan(Instant time) {
    return (sent.isEmpty() ? floor : sent.last()).compareTo(Notice.floor(time)) < 0;
  }

  /** Returns what either of two senders has told: two replicas may have led for a moment. */
  public NoticeCursor merged(NoticeCursor other) {
    NavigableSet<String> all = new TreeSet<>(sent);
    all.addAll(other.sent);
    return new NoticeCursor(floor.compareTo(other.floor) > 0 ? floor : other.floor, all);
  }

  /** Returns the form that is stored: the floor and the ids, by spaces. */
  public String text() {
    return sent.isEmpty() ? floor : floor + " " + String.join(" ", sent);
  }

  /** Reads what {@link #text} has written; empty for anything else. */
  public static Optional<NoticeCursor> parse(String text) {
    List<String> ids = List.of(text.strip().split(" ", -1));
    boolean readable =
        ids.stream()
            .allMatch(id -> !id.isEmpty() && id.length() <= LONGEST_ID && id.matches("[0-9a-f-]+"));
    return readable
        ? Optional.of(new NoticeCursor(ids.getFirst(), new TreeSet<>(ids.subList(1, ids.size()))))
        : Optional.empty();
  }
}
