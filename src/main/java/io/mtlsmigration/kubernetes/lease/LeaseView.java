// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.lease;

import io.fabric8.kubernetes.client.extended.leaderelection.resourcelock.LeaderElectionRecord;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * This process' view of the lease, by its own ticker: neither another machine's clock, a clock that
 * was set, nor a late callback can make it believe that it leads.
 */
final class LeaseView {

  /** How far apart clocks may be: what is read by time tolerates no more. */
  private static final Duration MOST_APART = Duration.ofMinutes(1);

  /** The pause between two reads up to which a change is known to be no older. */
  private static final Duration NEAR = Duration.ofSeconds(20);

  private final LongSupplier ticker;
  private final Clock clock;
  private final Duration renewDeadline;
  private @Nullable Seen seen;
  private @Nullable Held held;
  private long lastTerm;
  private @Nullable Instant acquired;

  /** When the lease was last renewed, or given back, before it was acquired. */
  private @Nullable Instant ledBefore;

  private long lastAttempt;
  private long lastRead;
  private boolean ended;

  /** How far this process's clock is ahead of the API server's; null while that is not known. */
  private @Nullable Duration ahead;

  LeaseView(LongSupplier ticker, Duration renewDeadline, Clock clock) {
    this.ticker = ticker;
    this.clock = clock;
    this.renewDeadline = renewDeadline;
    this.lastAttempt = ticker.getAsLong();
  }

  /**
   * The lease as read, and the time at which this state was first seen.
   *
   * @param fresh whether it was stored just before that
   */
  private record Seen(LeaderElectionRecord lease, String address, long since, boolean fresh) {}

  /** This process' hold, counted from before the renewal was sent, by ticker and by clock. */
  private record Held(long term, long renewedAt, Instant clockAt) {}

  /** Begins an attempt and returns its time. */
  synchronized long attempt() {
    lastAttempt = ticker.getAsLong();
    return lastAttempt;
  }

  synchronized Duration sinceAttempt() {
    return since(lastAttempt);
  }

  /**
   * Records that the lease was read.
   *
   * @param stored when it was last written, by the API server's clock; null when that is not told
   * @return for how long it has been seen unchanged
   */
  synchronized Duration saw(
      LeaderElectionRecord lease, String address, @Nullable Instant stored, String self) {
    Seen known = seen;
    if (known == null || !known.lease.equals(lease)) {
      boolean fresh = known != null && since(lastRead).compareTo(NEAR) <= 0;
      known = new Seen(lease, address, ticker.getAsLong(), fresh);
      seen = known;
    }
    lastRead = ticker.getAsLong();
    if (known.fresh && stored != null) {
      ahead = Duration.between(stored, clock.instant().minus(since(known.since)));
    }
    if (!self.equals(lease.getHolderIdentity())) {
      held = null;
    }
    return since(known.since);
  }

  /** Records that the lease is ours by a write that was sent at {@code sentAt}. */
  synchronized void renewed(
      LeaderElectionRecord lease, String address, long sentAt, Instant clockAt) {
    // The API server cuts off what is less than a microsecond.
    Instant since = lease.getAcquireTime().toInstant().truncatedTo(ChronoUnit.MILLIS);
    if (!since.equals(acquired)) {
      // A lease that was deleted and made anew counts its transitions from 0.
      long transitions = lease.getLeaderTransitions();
      lastTerm = acquired == null ? transitions : Math.max(transitions, lastTerm + 1);
      acquired = since;
      ZonedDateTime before = renewedAt();
      ledBefore = before == null ? null : before.toInstant();
    }
    held = new Held(lastTerm, sentAt, clockAt);
    seen = new Seen(lease, address, sentAt, true);
  }

  /**
   * Returns when the lease was renewed last, by its holder's clock; null when that is not known.
   */
  synchronized @Nullable ZonedDateTime renewedAt() {
    return seen == null ? null : seen.lease.getRenewTime();
  }

  /** Stops leading, whatever the lease says. */
  synchronized void letGo() {
    held = null;
  }

  /** Stops leading for good: a renewal still in flight changes nothing. */
  synchronized void end() {
    ended = true;
  }

  /**
   * Returns whether this process leads. The ticker of a machine that was suspended may have stood
   * still; its clock is set soon after. So the clock can end a hold, and never prolong one.
   */
  synchronized boolean leads() {
    Held own = held;
    return !ended
        && own != null
        && since(own.renewedAt).compareTo(renewDeadline) < 0
        && clock.instant().isBefore(own.clockAt.plus(renewDeadline));
  }

  /** Returns how far this clock is ahead of the API server's, where they are far apart. */
  synchronized Optional<Duration> clocksApart() {
    return Optional.ofNullable(ahead).filter(by -> by.abs().compareTo(MOST_APART) > 0);
  }

  synchronized long term() {
    return lastTerm;
  }

  /** Returns when somebody held the lease last before this process's term, by their clock. */
  synchronized Optional<Instant> ledBefore() {
    return Optional.ofNullable(ledBefore).filter(at -> at.isAfter(Instant.EPOCH));
  }

  /** Returns the leader's address; empty when nobody holds the lease, or it has expired. */
  synchronized Optional<String> address() {
    return Optional.ofNullable(seen)
        .filter(s -> !Objects.requireNonNullElse(s.lease.getHolderIdentity(), "").isEmpty())
        .filter(s -> since(s.since).compareTo(s.lease.getLeaseDuration()) <= 0)
        .map(Seen::address)
        .filter(a -> !a.isEmpty());
  }

  private Duration since(long instant) {
    return Duration.ofNanos(ticker.getAsLong() - instant);
  }
}
