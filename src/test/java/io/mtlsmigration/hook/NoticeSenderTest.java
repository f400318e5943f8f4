// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.mtlsmigration.hook.NoticeMeter.Outcome;
import io.mtlsmigration.notice.DigestTimes;
import io.mtlsmigration.notice.Notice;
import io.mtlsmigration.notice.NoticeCursor;
import io.mtlsmigration.notice.NoticeCursors;
import io.mtlsmigration.notice.NoticeFilter;
import io.mtlsmigration.notice.NoticeKind;
import io.mtlsmigration.notice.NoticeSeverity;
import io.mtlsmigration.notice.NoticeTests;
import io.mtlsmigration.notice.Notices;
import io.mtlsmigration.plan.HookTargets;
import io.mtlsmigration.rollout.Records;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.sandbox.MemoryNoticeCursors;
import io.mtlsmigration.testing.Halted;
import io.mtlsmigration.testing.Lease;
import io.mtlsmigration.testing.ManualClock;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Notices over real sockets. */
final class NoticeSenderTest {

  private static final Vertx VERTX = Vertx.vertx();
  private static final Instant NOW = Records.NOW;
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final HookOptions OPTIONS =
      new HookOptions(
          HookTargets.allowing(List.of("127.0.0.1")),
          List.of(),
          null,
          null,
          "mtls-migration/test",
          Duration.ofMillis(500),
          Duration.ofSeconds(1),
          6,
          new HookPace(
              Duration.ofSeconds(30),
              Duration.ofSeconds(20),
              FIRST,
              Duration.ofSeconds(60),
              Duration.ofHours(24)));

  private final ManualClock clock = new ManualClock(NOW);
  private final NoticeCursors cursors = new MemoryNoticeCursors();
  private final Map<Outcome, Integer> counted = new TreeMap<>();
  private final NoticeClient client =
      new NoticeClient(new HookClient(OPTIONS, VERTX, NameLookup::ofTheMachine));
  private final List<Notice> told = new ArrayList<>();
  private final List<Notice> current = new ArrayList<>();
  private Receiver receiver;

  @BeforeEach
  void open() throws IOException {
    receiver = new Receiver(null);
  }

  @AfterEach
  void close() {
    client.close();
    receiver.close();
  }

  @AfterAll
  static void stop() {
    VERTX.close().toCompletionStage().toCompletableFuture().join();
  }

  private NoticeSender events() {
    return sender(NoticeFormat.CLOUDEVENTS, null, cursors, new Lease(1));
  }

  private NoticeSender sender(
      NoticeFormat format, @Nullable DigestTimes digest, NoticeCursors kept, Lease lease) {
    return new NoticeSender(
        new NoticeReceiver(
            "ops",
            format,
            () -> URI.create(receiver.url("/services/s3cret?code=s3cret2")),
            () -> Map.of("Authorization", "Bearer s3cret3"),
            new NoticeFilter(Set.of(), Set.of(), NoticeSeverity.INFO, Set.of()),
            digest,
            Duration.ofDays(3)),
        new NoticeSender.Sending(kept, lease, client, new NoticeLinks(null), OPTIONS.pace()),
        (name, outcome, notices) -> counted.merge(outcome, notices, Integer::sum),
        clock);
  }

  private void pass(NoticeSender sender) {
    try {
      sender.pass(List.copyOf(told), List.copyOf(current));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static NoticeTests.Result test(NoticeSender sender, Notice notice) {
    try {
      return sender.test(notice);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whoever only wants to know leaves alone what is to be told. */
  @Test
  void aTestIsSentAtOnceAndChangesNothing() {
    NoticeSender sender =
        begun(
            sender(
                NoticeFormat.SLACK,
                new DigestTimes(List.of(LocalTime.MIDNIGHT), ZoneOffset.UTC),
                cursors,
                new Lease(1)));
    Optional<NoticeCursors.Stored> before = cursors.load("ops");

    NoticeTests.Result result = test(sender, Notice.test(clock.instant(), "ann"));

    assertEquals(new NoticeTests.Result(NoticeTests.Reception.ACCEPTED, ""), result);
    assertTrue(receiver.received.getFirst().body().contains("ann tries out"));
    assertEquals(before, cursors.load("ops"));
  }

  @Test
  void aTestTellsTheStatusAndNoSecret() {
    receiver.answers(404, "text/plain", "no services/s3cret here, nor s3cret2 of Bearer s3cret3");

    NoticeTests.Result result = test(events(), Notice.test(clock.instant(), "ann"));

    assertEquals(NoticeTests.Reception.REFUSED, result.outcome());
    assertTrue(result.detail().contains("404"), result.detail());
    assertFalse(result.detail().contains("s3cret"), result.detail());
  }

  @Test
  void aTestOfWhoIsAwayHoldsNoNotice() {
    NoticeSender sender = begun(events());
    receiver.answers(503, "text/plain", "later");
    assertEquals(
        NoticeTests.Reception.FAILED, test(sender, Notice.test(clock.instant(), "ann")).outcome());
    receiver.answers(200, "text/plain", "");
    happened("foo");

    pass(sender);

    assertEquals(2, receiver.received.size());
  }

  @Test
  void nobodyFloodsAReceiverByTests() {
    NoticeSender sender = events();
    test(sender, Notice.test(clock.instant(), "ann"));
    clock.advance(NoticeTests.PAUSE.minusMillis(1));

    assertThrows(
        NoticeTests.TooSoonException.class,
        () -> test(sender, Notice.test(clock.instant(), "bob")));

    assertEquals(1, receiver.received.size());
    clock.advance(Duration.ofMillis(1));
    test(sender, Notice.test(clock.instant(), "bob"));
    assertEquals(2, receiver.received.size());
  }

  /** Begins, so that what follows is told. */
  private NoticeSender begun(NoticeSender sender) {
    pass(sender);
    clock.advance(Duration.ofSeconds(10));
    return sender;
  }

  private Notice happened(String namespace) {
    Notice notice = Notices.rolledBack(clock.instant(), namespace);
    told.add(notice);
    return notice;
  }

  private List<String> received() {
    return receiver.received.stream().map(NoticeSenderTest::id).toList();
  }

  private static String id(Receiver.Received call) {
    try {
      return new ObjectMapper().readTree(call.body()).path("id").asText();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> ids(Notice... notices) {
    return Stream.of(notices).map(Notice::id).toList();
  }

  @Test
  void tellsEachNoticeOnceInItsOrder() {
    NoticeSender sender = begun(events());
    Notice first = happened("foo");
    clock.advance(Duration.ofSeconds(1));
    Notice second = happened("bar");

    pass(sender);
    pass(sender);

    assertEquals(ids(first, second), received());
    Receiver.Received call = receiver.received.getFirst();
    assertEquals("application/cloudevents+json", call.header("Content-type"));
    assertEquals('"' + first.id() + '"', call.header("Idempotency-key"));
    assertEquals("Bearer s3cret3", call.header("Authorization"));
    assertEquals("/services/s3cret?code=s3cret2", call.path());
    assertEquals(Map.of(Outcome.SENT, 2), counted);
    assertEquals(0, sender.waiting());
  }

  @Test
  void saysNothingOfWhatWasBeforeItsTime() {
    happened("foo");
    clock.advance(Duration.ofSeconds(1));

    pass(events());

    assertEquals(List.of(), received());
  }

  @Test
  void theNextLeaderGoesOnFromThere() {
    begun(events());
    Notice first = happened("foo");
    pass(events());
    clock.advance(Duration.ofSeconds(1));
    Notice second = happened("bar");

    pass(sender(NoticeFormat.CLOUDEVENTS, null, cursors, new Lease(2)));

    assertEquals(ids(first, second), received());
  }

  @Test
  void aLeaderThatDiesBeforeItsFirstNoticeLosesNone() {
    pass(events());
    clock.advance(Duration.ofSeconds(1));
    Notice notice = happened("foo");
    clock.advance(Duration.ofMinutes(5));

    pass(sender(NoticeFormat.CLOUDEVENTS, null, cursors, new Lease(2)));

    assertEquals(ids(notice), received());
  }

  @Test
  void aLeaderThatDiesBetweenACallAndItsRecordIsRepeatedUnderTheSameId() {
    begun(events());
    Notice notice = happened("foo");
    NoticeCursors dying =
        new NoticeCursors() {
          @Override
          public Optional<Stored> load(String name) {
            return cursors.load(name);
          }

          @Override
          public Stored save(String name, NoticeCursor cursor, String version) {
            throw new Halted("between call and record");
          }
        };
    NoticeSender halted = sender(NoticeFormat.CLOUDEVENTS, null, dying, new Lease(1));

    assertThrows(Halted.class, () -> pass(halted));
    NoticeSender next = sender(NoticeFormat.CLOUDEVENTS, null, cursors, new Lease(2));
    pass(next);
    pass(next);

    assertEquals(ids(notice, notice), received());
  }

  @Test
  void twoThatBothBelieveToLeadRepeatButLoseNothing() {
    NoticeSender old = begun(events());
    Notice first = happened("foo");
    Lease lease = new Lease(2);
    NoticeSender next = sender(NoticeFormat.CLOUDEVENTS, null, cursors, lease);
    pass(next);
    pass(old); // has its own reading of the cursor: repeats, and cannot store it
    clock.advance(Duration.ofSeconds(1));
    Notice second = happened("bar");
    pass(old);
    pass(next);
    pass(old);
    pass(next);

    assertEquals(ids(first, first, second, second), received());
    assertEquals(
        new TreeSet<>(ids(first, second)), cursors.load("ops").orElseThrow().cursor().sent());
  }

  @Test
  void stopsWhenItLeadsNoMore() {
    Lease lease = new Lease(1);
    NoticeSender sender = begun(sender(NoticeFormat.CLOUDEVENTS, null, cursors, lease));
    Notice first = happened("foo");
    clock.advance(Duration.ofSeconds(1));
    Notice second = happened("bar");
    receiver.handles(
        exchange -> {
          lease.leads = () -> false;
          Receiver.answer(exchange, 200, "text/plain", "");
        });

    pass(sender);

    assertEquals(ids(first), received());
    assertEquals(1, sender.waiting(), second::id);
  }

  @ParameterizedTest
  @ValueSource(strings = {"500", "429", "302", "404", "hangs", "closes"})
  void triesAgainWithAPause(String failing) {
    NoticeSender sender = begun(events());
    Notice notice = happened("foo");
    CountDownLatch end = new CountDownLatch(1);
    switch (failing) {
      case "hangs" ->
          receiver.handles(
              exchange -> {
                try {
                  end.await(10, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              });
      case "closes" -> receiver.handles(exchange -> exchange.close());
      default -> receiver.answers(Integer.parseInt(failing), "text/plain", "no");
    }

    pass(sender);
    pass(sender); // at once: it rests
    assertEquals(ids(notice), received());
    assertEquals(1, sender.waiting());
    end.countDown();
    receiver.answers(202, "text/plain", "");
    clock.advance(FIRST);
    pass(sender);

    assertEquals(ids(notice, notice), received());
    assertEquals(Map.of(Outcome.FAILED, 1, Outcome.SENT, 1), counted);
  }

  @Test
  void restsForAsLongAsTheReceiverAsks() {
    NoticeSender sender = begun(events());
    happened("foo");
    receiver.handles(
        exchange -> {
          exchange.getResponseHeaders().add("Retry-After", "40");
          Receiver.answer(exchange, 429, "text/plain", "");
        });
    pass(sender);

    clock.advance(Duration.ofSeconds(39));
    pass(sender);
    int early = received().size();
    clock.advance(Duration.ofSeconds(1));
    pass(sender);

    assertEquals(1, early);
    assertEquals(2, received().size());
  }

  @Test
  void aClockThatIsSetBackDoesNotSilenceIt() {
    NoticeSender sender = begun(events());
    Notice notice = happened("foo");
    receiver.answers(500, "text/plain", "");
    pass(sender);

    clock.set(NOW.minus(Duration.ofDays(2)));
    receiver.answers(200, "text/plain", "");
    pass(sender);

    assertEquals(ids(notice, notice), received());
  }

  @Test
  void whatTheReceiverDoesNotWantHoldsNothingElse() {
    NoticeSender sender = begun(events());
    Notice poison = happened("foo");
    clock.advance(Duration.ofSeconds(1));
    Notice other = happened("bar");
    receiver.handles(
        exchange ->
            Receiver.answer(
                exchange,
                receiver.received.getLast().body().contains(poison.id()) ? 400 : 200,
                "text/plain",
                ""));

    pass(sender);
    pass(sender); // the poison has a pause of its own
    clock.advance(FIRST);
    Notice third = happened("third");
    pass(sender);

    assertEquals(ids(poison, other, third, poison), received());
    assertEquals(1, sender.waiting());
  }

  @Test
  void aReceiverThatIsAwayForDaysIsGivenUpOnInBounds() {
    NoticeSender sender = begun(events());
    receiver.answers(503, "text/plain", "");
    for (int hour = 0; hour < 96; hour++) {
      happened("ns-" + hour);
      clock.advance(Duration.ofHours(1));
      pass(sender);
    }
    int calls = received().size();
    receiver.answers(200, "text/plain", "");
    clock.advance(Duration.ofMinutes(5));
    for (int i = 0; i < 10; i++) {
      pass(sender);
    }

    assertEquals(96, calls, "one call an attempt, whatever waits");
    assertEquals(71, counted.get(Outcome.SENT));
    assertEquals(25, counted.get(Outcome.GIVEN_UP));
    assertEquals(0, sender.waiting());
  }

  private Notice is(NoticeKind kind, String namespace) {
    Notice notice = Notices.of(kind, clock.instant(), namespace, null, "");
    current.add(notice);
    return notice;
  }

  /** Whoever was away is the service, over a long weekend; what is still so needs somebody. */
  @Test
  void whatIsStillSoIsToldAfterATimeInWhichNobodyCouldTellIt() {
    begun(events());
    Notice held = is(NoticeKind.HELD, "held");
    Notice drifted = is(NoticeKind.DRIFTED, "drifted");
    happened("gone");
    clock.advance(Duration.ofDays(4));
    receiver.answers(503, "text/plain", "");
    NoticeSender sender = sender(NoticeFormat.CLOUDEVENTS, null, cursors, new Lease(2));
    pass(sender);
    int waiting = sender.waiting();
    receiver.answers(200, "text/plain", "");
    clock.advance(FIRST);
    Notice next = happened("next");
    IntStream.range(0, 3).forEach(i -> pass(sender));
    pass(sender(NoticeFormat.CLOUDEVENTS, null, cursors, new Lease(3)));

    List<String> late = Stream.of(held, drifted).map(Notice::id).sorted().toList();
    assertEquals(2, waiting);
    assertEquals(
        Stream.of(late.subList(0, 1), late, ids(next)).flatMap(List::stream).toList(), received());
    assertEquals(Map.of(Outcome.FAILED, 1, Outcome.SENT, 3, Outcome.GIVEN_UP, 1), counted);
    assertEquals(0, sender.waiting());
  }

  @Test
  void whatIsStillSoIsGivenUpWhenItWasTriedForLongEnough() {
    begun(events());
    is(NoticeKind.HELD, "held");
    clock.advance(Duration.ofDays(4));
    receiver.answers(503, "text/plain", "");
    NoticeSender sender = sender(NoticeFormat.CLOUDEVENTS, null, cursors, new Lease(2));
    for (int hour = 0; hour < 72; hour++) {
      pass(sender);
      clock.advance(Duration.ofHours(1));
    }
    pass(sender);
    int before = counted.getOrDefault(Outcome.GIVEN_UP, 0);
    clock.advance(Duration.ofHours(1));
    receiver.answers(200, "text/plain", "");
    pass(sender);
    pass(sender);

    assertEquals(0, before);
    assertEquals(Map.of(Outcome.FAILED, 73, Outcome.GIVEN_UP, 1), counted);
  }

  /** Of what drifted within an hour, the history tells the first, and the record that it lasts. */
  @Test
  void whatTellsTheSameInsteadIsToldAsWell() {
    begun(events());
    Notice event = happened("drifted");
    Notice lasts = Notices.of(NoticeKind.DRIFTED, clock.instant(), "drifted", null, "");
    current.add(instead(lasts, event.id()));
    clock.advance(Duration.ofDays(4));

    pass(sender(NoticeFormat.CLOUDEVENTS, null, cursors, new Lease(2)));

    assertEquals(ids(event), received());
    assertEquals(Map.of(Outcome.SENT, 1), counted);
  }

  private static Notice instead(Notice notice, String id) {
    return new Notice(
        notice.id(),
        notice.kind(),
        notice.at(),
        notice.plan(),
        notice.planUid(),
        notice.step(),
        notice.owner(),
        notice.reason(),
        notice.title(),
        notice.message(),
        id);
  }

  @Test
  void nothingMoreIsSentWhileItCannotBeRecorded() {
    boolean[] away = {false};
    NoticeCursors failing =
        new NoticeCursors() {
          @Override
          public Optional<Stored> load(String name) {
            return cursors.load(name);
          }

          @Override
          public Stored save(String name, NoticeCursor cursor, String version) {
            if (away[0]) {
              throw new RolloutLedger.UnavailableException("away");
            }
            return cursors.save(name, cursor, version);
          }
        };
    NoticeSender sender = begun(sender(NoticeFormat.CLOUDEVENTS, null, failing, new Lease(1)));
    away[0] = true;
    Notice first = happened("foo");
    assertThrows(RolloutLedger.UnavailableException.class, () -> pass(sender));
    clock.advance(Duration.ofSeconds(1));
    Notice second = happened("bar");
    assertThrows(RolloutLedger.UnavailableException.class, () -> pass(sender));
    List<String> meanwhile = received();

    away[0] = false;
    pass(sender);

    assertEquals(ids(first), meanwhile);
    assertEquals(ids(first, second), received());
  }

  @Test
  void aFloodOfEventsGoesOutInPiecesAndWhole() {
    NoticeSender sender = begun(events());
    List<String> all =
        IntStream.range(0, 110).mapToObj(i -> happened("ns-" + i).id()).sorted().toList();

    pass(sender);
    int first = received().size();
    for (int i = 0; i < 9; i++) {
      pass(sender);
    }

    assertEquals(NoticeSender.CALLS, first);
    assertEquals(all, received());
  }

  @ParameterizedTest
  @EnumSource(
      value = NoticeFormat.class,
      names = {"SLACK", "TEAMS"})
  void aFloodOfMessagesIsOne(NoticeFormat format) {
    NoticeSender sender = begun(sender(format, null, cursors, new Lease(1)));
    IntStream.range(0, 10_000).forEach(i -> happened("ns-" + i));

    pass(sender);
    pass(sender);

    assertEquals(1, receiver.received.size());
    String body = receiver.received.getFirst().body();
    assertTrue(body.contains("10000 notices"), body);
    assertTrue(body.contains("and 9990 more"), body);
    assertTrue(body.length() < 20_000, () -> "Teams takes 28 kB, not " + body.length());
    assertEquals(Map.of(Outcome.SENT, 10_000), counted);
    assertEquals(0, sender.waiting());
  }

  @Test
  void aFewMessagesAreSentOneByOne() {
    NoticeSender sender = begun(sender(NoticeFormat.SLACK, null, cursors, new Lease(1)));
    IntStream.range(0, 5).forEach(i -> happened("ns-" + i));

    pass(sender);

    assertEquals(5, receiver.received.size());
  }

  @Test
  void aDigestTellsWhatHappenedUntilItsTime() {
    DigestTimes nine = new DigestTimes(List.of(LocalTime.of(9, 0)), ZoneOffset.UTC);
    clock.set(Instant.parse("2026-06-01T06:00:00Z"));
    NoticeSender sender = begun(sender(NoticeFormat.SLACK, nine, cursors, new Lease(1)));
    clock.set(Instant.parse("2026-06-01T08:59:59.999Z"));
    happened("early");
    clock.set(Instant.parse("2026-06-01T09:00:00.001Z"));
    happened("late");

    pass(sender);
    clock.set(Instant.parse("2026-06-01T09:00:59Z"));
    pass(sender);
    int before = receiver.received.size();
    clock.set(Instant.parse("2026-06-01T09:01:00Z"));
    pass(sender);
    clock.set(Instant.parse("2026-06-02T08:59:00Z"));
    pass(sender);
    int today = receiver.received.size();
    // The next leader sends the next one.
    clock.set(Instant.parse("2026-06-02T09:01:00Z"));
    pass(sender(NoticeFormat.SLACK, nine, cursors, new Lease(2)));

    assertEquals(0, before);
    assertEquals(1, today);
    assertEquals(2, receiver.received.size());
    assertTrue(receiver.received.getFirst().body().contains("early"));
    assertFalse(receiver.received.getFirst().body().contains("late"));
    assertTrue(receiver.received.getLast().body().contains("late"));
  }

  private NoticeCursors unavailable(boolean[] away, NoticeCursors kept) {
    return new NoticeCursors() {
      @Override
      public Optional<Stored> load(String name) {
        if (away[0]) {
          throw new RolloutLedger.UnavailableException("away");
        }
        return kept.load(name);
      }

      @Override
      public Stored save(String name, NoticeCursor cursor, String version) {
        if (away[0]) {
          throw new RolloutLedger.UnavailableException("away");
        }
        return kept.save(name, cursor, version);
      }
    };
  }

  /** The alert looks at what waits. */
  @Test
  void whatCannotBeSentForWantOfTheRecordWaits() {
    boolean[] away = {true};
    Lease lease = new Lease(1);
    NoticeSender sender = sender(NoticeFormat.CLOUDEVENTS, null, unavailable(away, cursors), lease);
    happened("foo");
    assertThrows(RolloutLedger.UnavailableException.class, () -> pass(sender));
    int fresh = sender.waiting();
    away[0] = false;
    pass(begun(sender));
    happened("bar");
    pass(sender);
    int told = sender.waiting();

    away[0] = true;
    lease.term = 2;
    happened("third");
    assertThrows(RolloutLedger.UnavailableException.class, () -> pass(sender));

    assertEquals(1, fresh);
    assertEquals(0, told);
    assertEquals(1, sender.waiting());
  }

  @Test
  void whatWaitsSurvivesThatSomebodyDeletesTheRecord() {
    MemoryNoticeCursors[] kept = {new MemoryNoticeCursors()};
    NoticeCursors deletable =
        new NoticeCursors() {
          @Override
          public Optional<Stored> load(String name) {
            return kept[0].load(name);
          }

          @Override
          public Stored save(String name, NoticeCursor cursor, String version) {
            return kept[0].save(name, cursor, version);
          }
        };
    NoticeSender sender = begun(sender(NoticeFormat.CLOUDEVENTS, null, deletable, new Lease(1)));
    Notice first = happened("foo");
    clock.advance(FIRST);
    pass(sender);
    receiver.answers(503, "text/plain", "");
    Notice second = happened("bar");
    pass(sender);
    clock.advance(Duration.ofMinutes(5));
    kept[0] = new MemoryNoticeCursors();
    receiver.answers(200, "text/plain", "");
    Notice third = happened("third");
    pass(sender);
    clock.advance(FIRST);
    Notice fourth = happened("fourth");
    pass(sender);
    pass(sender);

    assertEquals(
        new TreeSet<>(ids(first, second, third, fourth)),
        kept[0].load("ops").orElseThrow().cursor().sent());
  }

  @Test
  void aRecordOfAClockThatWasAheadHidesNothing() {
    cursors.save("ops", NoticeCursor.from(NOW.plus(Duration.ofDays(9))), "");
    NoticeSender sender = begun(events());
    Notice notice = happened("foo");

    pass(sender);

    assertEquals(ids(notice), received());
  }

  @Test
  void anOwnClockThatWasAheadHidesNothing() {
    clock.set(NOW.plus(Duration.ofDays(9)));
    NoticeSender sender = begun(events());
    clock.set(NOW);
    pass(sender);
    clock.advance(FIRST);
    Notice notice = happened("foo");

    pass(sender);

    assertEquals(ids(notice), received());
  }

  @Test
  void aNoticeThatIsRefusedAloneHoldsNoLaterOne() {
    NoticeSender sender = begun(events());
    Notice poison = happened("foo");
    receiver.answers(400, "text/plain", "");
    pass(sender);
    receiver.answers(200, "text/plain", "");
    Notice other = happened("bar");

    pass(sender);

    assertEquals(ids(poison, other), received());
  }

  @Test
  void whatIsRefusedTogetherIsSentSingly() {
    NoticeSender sender = begun(sender(NoticeFormat.SLACK, null, cursors, new Lease(1)));
    IntStream.range(0, 30).forEach(i -> happened("ns-" + i));
    receiver.handles(
        exchange ->
            Receiver.answer(
                exchange,
                receiver.received.getLast().body().contains("ns-7 ") ? 400 : 200,
                "text/plain",
                ""));
    String poison =
        told.stream().filter(n -> n.namespace().equals("ns-7")).findFirst().orElseThrow().id();

    for (int i = 0; i < 4; i++) {
      pass(sender);
      clock.advance(Duration.ofSeconds(40));
    }

    NavigableSet<String> sent = cursors.load("ops").orElseThrow().cursor().sent();
    assertEquals(29, sent.size());
    assertFalse(sent.contains(poison));
  }

  @Test
  void aRefusedNoticeThatIsTooOldIsGivenUp() {
    NoticeSender sender = begun(events());
    Notice poison = happened("foo");
    receiver.handles(
        exchange ->
            Receiver.answer(
                exchange,
                receiver.received.getLast().body().contains(poison.id()) ? 400 : 200,
                "text/plain",
                ""));
    for (int hour = 0; hour < 73; hour++) {
      happened("ns-" + hour);
      pass(sender);
      clock.advance(Duration.ofHours(1));
    }
    pass(sender);
    pass(sender);

    assertEquals(1, counted.get(Outcome.GIVEN_UP));
  }

  @Test
  void whatIsNotRememberedAnyMoreIsGivenUp() {
    NoticeSender sender = begun(sender(NoticeFormat.SLACK, null, cursors, new Lease(1)));
    happened("foo");
    receiver.answers(400, "text/plain", "");
    pass(sender);
    clock.advance(Duration.ofMillis(1));
    IntStream.range(0, 1600).forEach(i -> happened("ns-" + i));
    receiver.answers(200, "text/plain", "");
    pass(sender);
    pass(sender);

    assertEquals(1600, counted.get(Outcome.SENT));
    assertEquals(1, counted.get(Outcome.GIVEN_UP));
    assertEquals(0, sender.waiting());
  }

  @Test
  void aCallThatBreaksIsAFailure() {
    RuntimeException[] broken = {new IllegalArgumentException("s3cret")};
    NoticeSender sender =
        new NoticeSender(
            new NoticeReceiver(
                "ops",
                NoticeFormat.CLOUDEVENTS,
                () -> {
                  if (broken[0] != null) {
                    throw broken[0];
                  }
                  return URI.create(receiver.url("/"));
                },
                Map::of,
                new NoticeFilter(Set.of(), Set.of(), NoticeSeverity.INFO, Set.of()),
                null,
                Duration.ofDays(3)),
            new NoticeSender.Sending(
                cursors, new Lease(1), client, new NoticeLinks(null), OPTIONS.pace()),
            (name, outcome, notices) -> counted.merge(outcome, notices, Integer::sum),
            clock);
    begun(sender);
    Notice notice = happened("foo");

    pass(sender);
    pass(sender);
    assertEquals(Map.of(Outcome.FAILED, 1), counted);
    broken[0] = null;
    clock.advance(FIRST);
    pass(sender);

    assertEquals(ids(notice), received());
  }

  @Test
  void whatWasToldBeforeTheEndOfTheProcessIsRecorded() {
    NoticeSender sender = begun(events());
    Notice first = happened("foo");
    clock.advance(FIRST);
    happened("bar");
    Thread ending = Thread.currentThread();
    receiver.handles(
        exchange -> {
          if (receiver.received.size() == 2) {
            ending.interrupt();
          } else {
            Receiver.answer(exchange, 200, "text/plain", "");
          }
        });

    assertThrows(
        InterruptedException.class, () -> sender.pass(List.copyOf(told), List.copyOf(current)));

    assertEquals(new TreeSet<>(ids(first)), cursors.load("ops").orElseThrow().cursor().sent());
    assertEquals(1, sender.waiting());
  }

  @Test
  void messagesAreGatheredAfterOneUnlessTheyAreCritical() {
    NoticeSender sender = begun(sender(NoticeFormat.SLACK, null, cursors, new Lease(1)));
    happened("first");
    pass(sender);
    for (int i = 0; i < 10; i++) {
      clock.advance(Duration.ofSeconds(2));
      happened("ns-" + i);
      pass(sender);
    }
    told.add(Notices.of(NoticeKind.HELD, clock.instant(), "held", null, ""));
    pass(sender);
    int early = receiver.received.size();
    clock.advance(Duration.ofSeconds(30));
    pass(sender);

    assertEquals(2, early);
    assertEquals(3, receiver.received.size());
    assertEquals(Map.of(Outcome.SENT, 12), counted);
  }

  /** It is told in logs: whoever knows the address of a chat's webhook may write there. */
  @ParameterizedTest
  @ValueSource(ints = {400, 500})
  void whatFailsShowsNoSecret(int status) throws InterruptedException {
    receiver.answers(
        status,
        "text/plain",
        "no services/s3cret/longs3cret4 here, nor code=s3cret2, Bearer s3cret3, longs3cret4 nor l"
            + " s3cret5");

    Reply reply =
        client.post(
            URI.create(
                receiver.url("/services/s3cret/longs3cret4?code=s3cret2&sig=l%20s3cret5&v=3")),
            Map.of("Authorization", "Bearer s3cret3"),
            new NoticeBody("id", "application/json", ""));

    assertFalse(reply.toString().contains("s3cret"), reply.toString());
    assertTrue(reply.toString().contains("HTTP " + status), reply.toString());
  }
}
