// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.access;

import io.mtlsmigration.access.AuditEntry.Action;
import io.mtlsmigration.access.AuditEntry.Actor;
import io.mtlsmigration.access.AuditEntry.Result;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The latest calls; all calls are recorded through it. Bounded in what it keeps. Rejected calls are
 * kept apart, and are bounded in their rate too: they cost the caller nothing, and must neither
 * push out the history of changes nor flood the log. Rejected calls of known callers are kept apart
 * again, so that many anonymous calls cannot hide an insider who probes for permissions.
 */
public final class AuditLog {

  /** The stage that a call reached. */
  public enum Reach {
    /** The call was carried out, whatever its result. */
    LET_IN(1_000, Integer.MAX_VALUE),
    /** The caller is known, and has no permission. */
    FORBIDDEN(500, 60),
    /** The caller is not known. */
    UNKNOWN(500, 60);

    private final int kept;
    private final int eachMinute;

    Reach(int kept, int eachMinute) {
      this.kept = kept;
      this.eachMinute = eachMinute;
    }
  }

  private final Clock clock;
  private final Consumer<AuditEntry> record;
  private final Map<Reach, Ring> rings = new EnumMap<>(Reach.class);
  private long lastId;

  /**
   * @param record receives entries to be stored permanently; called in their order, one at a time
   */
  public AuditLog(Clock clock, Consumer<AuditEntry> record) {
    this.clock = clock;
    this.record = record;
    for (Reach reach : Reach.values()) {
      rings.put(reach, new Ring(reach));
    }
  }

  public synchronized void add(Reach reach, Actor actor, Action action, Result result) {
    Instant now = clock.instant();
    Ring ring = rings.get(reach);
    if (ring == null || !ring.admits(now)) {
      return;
    }
    AuditEntry entry = new AuditEntry(++lastId, now, actor, action, result, ring.takeUnrecorded());
    ring.add(entry);
    record.accept(entry);
  }

  /** Returns the kept entries, newest first. */
  public synchronized List<AuditEntry> entries() {
    List<AuditEntry> all = new ArrayList<>();
    rings.values().forEach(ring -> all.addAll(ring.entries));
    all.sort(Comparator.comparingLong(AuditEntry::id).reversed());
    return all;
  }

  /** The last entries of one kind, with a maximum rate per minute. */
  private static final class Ring {
    private static final Duration WINDOW = Duration.ofMinutes(1);

    private final Reach reach;
    private final ArrayDeque<AuditEntry> entries = new ArrayDeque<>();
    private Instant windowEnds = Instant.MIN;
    private int inWindow;
    private long unrecorded;

    Ring(Reach reach) {
      this.reach = reach;
    }

    boolean admits(Instant now) {
      // The clock may have been set back: a window never ends later than one window from now.
      if (!now.isBefore(windowEnds) || windowEnds.isAfter(now.plus(WINDOW))) {
        windowEnds = now.plus(WINDOW);
        inWindow = 0;
      }
      if (inWindow >= reach.eachMinute) {
        unrecorded++;
        return false;
      }
      inWindow++;
      return true;
    }

    long takeUnrecorded() {
      long taken = unrecorded;
      unrecorded = 0;
      return taken;
    }

    void add(AuditEntry entry) {
      if (entries.size() >= reach.kept) {
        entries.removeFirst();
      }
      entries.addLast(entry);
    }
  }
}
