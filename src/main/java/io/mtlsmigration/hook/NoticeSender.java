// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

import io.mtlsmigration.hook.NoticeMeter.Outcome;
import io.mtlsmigration.notice.Notice;
import io.mtlsmigration.notice.NoticeCursor;
import io.mtlsmigration.notice.NoticeCursors;
import io.mtlsmigration.notice.NoticeSeverity;
import io.mtlsmigration.notice.NoticeTests;
import io.mtlsmigration.rollout.Leadership;
import io.mtlsmigration.rollout.RolloutLedger;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Sends notices to one receiver, at least once: what it has accepted is recorded after it has
 * accepted it. A process that dies in between leaves it to the next leader, which sends the same
 * ids again. While the record cannot be stored nothing more is sent, so that few are repeated.
 *
 * <p>One thread at a time calls {@link #pass}.
 */
public final class NoticeSender {

  private static final Logger LOG = Logger.getLogger(NoticeSender.class);

  /** The maximum number of calls until it is recorded what they have brought. */
  static final int CALLS = 20;

  /** The maximum number of messages to people at once; more become one. */
  static final int MESSAGES = 5;

  /** The time for which messages are gathered after one, unless they are critical. */
  static final Duration GATHERED = Duration.ofSeconds(30);

  /** The maximum number of refusals until the receiver itself is taken to refuse. */
  private static final int REFUSALS = 3;

  private final AtomicLong testedAt = new AtomicLong();
  private final NoticeReceiver receiver;
  private final Sending sending;
  private final NoticeMeter meter;
  private final Clock clock;
  private final Map<String, Refusal> refusals = new HashMap<>();

  /** Since when this sender, in this term, knows of what is still so. */
  private final Map<String, Instant> lasting = new HashMap<>();

  /** What was given up, and is not below the floor yet. */
  private final Set<String> givenUp = new HashSet<>();

  private NoticeCursors.@Nullable Stored stored;
  private @Nullable NoticeCursor cursor;
  private long term;
  private int failures;
  private Instant failedAt = Instant.MIN;
  private Duration pause = Duration.ZERO;
  private Instant acceptedAt = Instant.MIN;
  private boolean singly;
  private volatile int waiting;

  /**
   * The parts that all receivers share.
   *
   * @param leadership whoever leads sends
   */
  public record Sending(
      NoticeCursors cursors,
      Leadership leadership,
      NoticeClient client,
      NoticeLinks links,
      HookPace pace) {}

  /** A notice that the receiver did not want, unlike others, and is asked again about later. */
  private record Refusal(int times, Instant until) {}

  public NoticeSender(NoticeReceiver receiver, Sending sending, NoticeMeter meter, Clock clock) {
    this.receiver = receiver;
    this.sending = sending;
    this.meter = meter;
    this.clock = clock;
  }

  public String name() {
    return receiver.name();
  }

  /** Returns the number of notices that are due and were not accepted yet. */
  public int waiting() {
    return waiting;
  }

  /**
   * Sends a notice that is none of those, at once, and leaves alone what is known of the others.
   *
   * @throws NoticeTests.TooSoonException within {@link NoticeTests#PAUSE} of the last one
   */
  public NoticeTests.Result test(Notice notice) throws InterruptedException {
    long now = clock.millis();
    long last = testedAt.get();
    // A clock that was set back does not lengthen the pause.
    boolean soon = now >= last && now - last < NoticeTests.PAUSE.toMillis();
    if (soon || !testedAt.compareAndSet(last, now)) {
      throw new NoticeTests.TooSoonException(
          name() + " was tested a moment ago; wait for " + NoticeTests.PAUSE.toSeconds() + " s");
    }
    Reply reply = call(List.of(notice));
    meter.count(name(), reply instanceof Reply.Accepted ? Outcome.SENT : Outcome.FAILED, 1);
    return switch (reply) {
      case Reply.Accepted() -> new NoticeTests.Result(NoticeTests.Reception.ACCEPTED, "");
      case Reply.Refused(var detail) ->
          new NoticeTests.Result(NoticeTests.Reception.REFUSED, detail);
      case Reply.Failed(var detail, var retryAfter) ->
          new NoticeTests.Result(NoticeTests.Reception.FAILED, detail);
      case Reply.Closed(var detail) ->
          new NoticeTests.Result(NoticeTests.Reception.NOT_CALLED, detail);
    };
  }

  /** Forgets what waits, which is for the leader to tell. */
  public void rest() {
    waiting = 0;
  }

  /**
   * Sends what is due. Blocks for as long as its calls take; it ends with the first that fails.
   *
   * @param past what the history tells
   * @param current what is still so: its age counts from when this sender first saw it, so that it
   *     is told after a time in which nobody could tell it
   * @throws RolloutLedger.UnavailableException when the cursor can be neither read nor stored
   */
  public void pass(List<Notice> past, List<Notice> current) throws InterruptedException {
    Instant now = clock.instant();
    // A clock that was set back does not lengthen a pause.
    if (!now.isBefore(failedAt) && now.isBefore(failedAt.plus(pause))) {
      return;
    }
    Instant oldest = now.minus(receiver.keepTrying());
    List<Notice> wanted =
        Stream.concat(past.stream(), current.stream()).filter(receiver.filter()::takes).toList();
    NoticeCursor begun = null;
    try {
      begun = position(now);
    } finally {
      if (begun == null) {
        NoticeCursor own = cursor == null ? NoticeCursor.from(oldest) : cursor.over(oldest);
        waiting = due(own.pending(wanted), now).size();
      }
    }
    if (begun == null) {
      return;
    }
    see(current, now);
    List<Notice> pending =
        begun.pending(wanted.stream().filter(notice -> !tooOld(notice, oldest)).toList());
    boolean late = !pending.isEmpty() && pending.getFirst().at().isBefore(oldest);
    NoticeCursor floored = begun.over(late ? pending.getFirst().at() : oldest);
    expire(begun.pending(wanted).stream().filter(notice -> tooOld(notice, oldest)), floored);
    List<Notice> due = due(pending, now);
    waiting = due.size();
    refusals.keySet().retainAll(due.stream().map(Notice::id).collect(Collectors.toSet()));
    List<Notice> open =
        due.stream()
            .filter(notice -> !refused(notice, now) && !gathered(notice, now))
            // Those that were refused hold no others.
            .sorted(Comparator.comparing(notice -> refusals.containsKey(notice.id())))
            .toList();
    if (open.isEmpty()) {
      return;
    }
    Set<Notice> told = new LinkedHashSet<>();
    try {
      send(batches(open), told);
    } finally {
      waiting = due.size() - told.size();
      if (!told.isEmpty()) {
        NoticeCursor next = floored.sent(told);
        cursor = next;
        giveUp(
            pending.stream()
                .filter(notice -> !told.contains(notice) && next.isOver(notice))
                .count(),
            "more wait than are remembered");
        save();
      }
    }
  }

  private void see(List<Notice> current, Instant now) {
    Set<String> ids =
        current.stream()
            .flatMap(notice -> Stream.of(notice.id(), notice.instead()))
            .filter(Objects::nonNull)
            .collect(Collectors.toSet());
    lasting.keySet().retainAll(ids);
    ids.forEach(id -> lasting.putIfAbsent(id, now));
  }

  private boolean tooOld(Notice notice, Instant oldest) {
    return notice.at().isBefore(oldest)
        && lasting.getOrDefault(notice.id(), Instant.MIN).isBefore(oldest);
  }

  private List<Notice> due(List<Notice> pending, Instant now) {
    return pending.stream().filter(notice -> due(notice, now)).toList();
  }

  /** Returns whether a notice waits for others, so that a chat is not flooded. */
  private boolean gathered(Notice notice, Instant now) {
    return receiver.format() != NoticeFormat.CLOUDEVENTS
        && notice.kind().severity() != NoticeSeverity.CRITICAL
        && !now.isBefore(acceptedAt)
        && now.isBefore(acceptedAt.plus(GATHERED));
  }

  private boolean due(Notice notice, Instant now) {
    return receiver.digest() == null || !notice.at().isAfter(receiver.digest().closed(now));
  }

  private boolean refused(Notice notice, Instant now) {
    Refusal refusal = refusals.get(notice.id());
    return refusal != null && now.isBefore(refusal.until());
  }

  /** Returns what each call is to tell. */
  private List<List<Notice>> batches(List<Notice> open) {
    boolean single = receiver.format() == NoticeFormat.CLOUDEVENTS;
    if (!single && !singly && (receiver.digest() != null || open.size() > MESSAGES)) {
      return List.of(open);
    }
    singly = false;
    return open.stream().limit(CALLS).map(List::of).toList();
  }

  /** Adds what the receiver has accepted. */
  private void send(List<List<Notice>> batches, Set<Notice> told) throws InterruptedException {
    int refusedCalls = 0;
    for (List<Notice> batch : batches) {
      if (!leads()) {
        break;
      }
      Reply reply = call(batch);
      if (reply instanceof Reply.Accepted) {
        meter.count(name(), Outcome.SENT, batch.size());
        told.addAll(batch);
        acceptedAt = clock.instant();
        recovered();
        continue;
      }
      meter.count(name(), Outcome.FAILED, batch.size());
      if (reply instanceof Reply.Refused(var detail)) {
        if (batch.size() > 1) {
          // It may be one of them; the next pass finds out.
          singly = true;
          LOG.warnf("Notices are refused together, and sent singly notice=%s: %s", name(), detail);
          break;
        }
        refuse(batch.getFirst(), detail);
        refusedCalls++;
        if (refusedCalls < REFUSALS) {
          continue;
        }
        if (!told.isEmpty()) {
          break;
        }
        failed(detail, null);
      } else if (reply instanceof Reply.Failed(var detail, var retryAfter)) {
        failed(detail, retryAfter);
      } else if (reply instanceof Reply.Closed(var detail)) {
        failed(detail, null);
      }
      break;
    }
  }

  private Reply call(List<Notice> batch) throws InterruptedException {
    try {
      URI url = receiver.url().get();
      NoticeBody body = NoticeBody.of(receiver.format(), batch, sending.links());
      return sending.client().post(url, receiver.credentials().get(), body);
    } catch (UncheckedIOException e) {
      return new Reply.Failed(String.valueOf(e.getMessage()), null);
    } catch (RuntimeException e) {
      // Its message may show the URL.
      return new Reply.Failed("cannot be called: " + e.getClass().getName(), null);
    }
  }

  private boolean leads() {
    return sending.leadership().leads() && sending.leadership().term() == term;
  }

  /**
   * Returns how far the receiver has been told; null when another writer was first, and it is read
   * again. Of what an earlier term of this process knows nothing is lost.
   */
  private @Nullable NoticeCursor position(Instant now) {
    long current = sending.leadership().term();
    NoticeCursors.Stored known = stored;
    if (known == null || term != current) {
      NoticeCursor own = cursor;
      known =
          sending
              .cursors()
              .load(name())
              // Stored before anything is told: what happens from here on is told by any leader.
              // When somebody has deleted it, this process still knows.
              .orElseGet(
                  () -> new NoticeCursors.Stored(own == null ? NoticeCursor.from(now) : own, ""));
      stored = known;
      if (term != current) {
        lasting.clear();
      }
      term = current;
      NoticeCursor read = plausible(known.cursor(), now);
      cursor = own == null ? read : read.merged(plausible(own, now));
    } else if (cursor != null) {
      cursor = plausible(cursor, now);
    }
    if (known.version().isEmpty() || !known.cursor().equals(cursor)) {
      save();
    }
    return stored == null ? null : cursor;
  }

  private NoticeCursor plausible(NoticeCursor read, Instant now) {
    NoticeCursor plausible = read.upTo(now);
    if (!plausible.equals(read)) {
      LOG.warnf(
          "A clock was ahead: notices were to begin in the future, and begin now notice=%s",
          name());
    }
    return plausible;
  }

  private void save() {
    NoticeCursors.Stored based = stored;
    NoticeCursor next = cursor;
    if (based == null || next == null) {
      return;
    }
    try {
      stored = sending.cursors().save(name(), next, based.version());
    } catch (RolloutLedger.StaleRecordException e) {
      stored = null;
    }
  }

  private void refuse(Notice notice, String problem) {
    Refusal before = refusals.getOrDefault(notice.id(), new Refusal(0, Instant.MIN));
    int times = before.times() + 1;
    refusals.put(notice.id(), new Refusal(times, clock.instant().plus(after(times))));
    if (times == 1) {
      LOG.warnf(
          "A notice is refused, and sent again later notice=%s id=%s: %s",
          name(), notice.id(), problem);
    }
  }

  private Duration after(int times) {
    return sending.pace().afterFailures(times, ThreadLocalRandom.current().nextDouble());
  }

  private void failed(String problem, @Nullable Duration retryAfter) {
    failures++;
    failedAt = clock.instant();
    Duration own = after(failures);
    Duration longest = sending.pace().longestPause();
    Duration asked = retryAfter == null || retryAfter.compareTo(own) < 0 ? own : retryAfter;
    pause = asked.compareTo(longest) > 0 ? longest : asked;
    if (failures == 1) {
      LOG.warnf("Notices do not get through, and are sent again notice=%s: %s", name(), problem);
    } else {
      LOG.debugf("Notices do not get through notice=%s: %s", name(), problem);
    }
  }

  private void recovered() {
    if (failures > 0) {
      LOG.infof("Notices get through again notice=%s failures=%s", name(), failures);
    }
    failures = 0;
    pause = Duration.ZERO;
  }

  /** Gives up what is too old, once, even if nothing has tried to send it. */
  private void expire(Stream<Notice> tooOld, NoticeCursor floored) {
    Set<String> ids = tooOld.map(Notice::id).collect(Collectors.toSet());
    givenUp.retainAll(ids);
    if (!ids.isEmpty()) {
      cursor = floored;
      giveUp(ids.stream().filter(givenUp::add).count(), "older than " + receiver.keepTrying());
    }
  }

  private void giveUp(long lost, String why) {
    if (lost > 0) {
      meter.count(name(), Outcome.GIVEN_UP, Math.toIntExact(lost));
      LOG.warnf("Notices are given up notice=%s notices=%s: %s", name(), lost, why);
    }
  }
}
