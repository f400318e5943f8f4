// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.backtest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.backtest.Member.Cause;
import io.mtlsmigration.backtest.Member.Outcome;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.plan.ChangeWindow;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PlanWindows;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.PlaintextCalls;
import io.mtlsmigration.traffic.StepGap;
import io.mtlsmigration.traffic.StepSet;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * When gates would have opened, from when clients called. Hours are drawn as text: {@code x} with a
 * call, {@code .} without, {@code X} and {@code ?} the same where nobody watched. The plan starts
 * at the bar; its window is three hours, and nothing has to soak unless a test says so.
 */
final class BacktestTest {

  static final Instant BASE = Instant.parse("2026-10-01T00:00:00Z");
  private static final Duration HOUR = Duration.ofHours(1);
  private static final WorkloadRef HTTPBIN = new WorkloadRef("foo", "Deployment", "httpbin");
  private static final PlanSpec PLAN = plan(Duration.ofHours(3), Duration.ZERO);

  private static PlanSpec plan(Duration window, Duration soak, String... changeWindows) {
    return plan(
        new PlanWindows(window, soak, null, PlanSpec.standard("q4").verification().duration()),
        Stream.of(changeWindows).map(ChangeWindow::parse).toList());
  }

  static PlanSpec plan(PlanWindows windows, List<ChangeWindow> changes) {
    PlanSpec spec = windows.in(PlanSpec.standard("q4"));
    PlanSpec.Gates gates = spec.gates();
    return spec.with(
        new PlanSpec.Gates(
            gates.plaintextWindow(),
            gates.noSamples(),
            gates.soak(),
            gates.probes(),
            gates.audit(),
            gates.approval(),
            changes,
            gates.hooks()),
        spec.verification());
  }

  private static Caller client(String name) {
    return new Caller(new WorkloadRef("legacy", "Deployment", name), "");
  }

  private static PlaintextCalls calls(String drawn) {
    String hours = drawn.replace("|", "");
    return new PlaintextCalls(
        BASE,
        HOUR,
        hours.chars().mapToObj(c -> c == 'x' || c == '.').toList(),
        List.of(row("curl", hours, null)));
  }

  private static PlaintextCalls.Row row(String client, String hours, @Nullable Instant undated) {
    return new PlaintextCalls.Row(
        client(client),
        HTTPBIN,
        hours.chars().mapToObj(c -> c == 'x' || c == 'X' ? 2L : 0L).toList(),
        undated);
  }

  private static Subject known(String drawn) {
    return known(calls(drawn), Set.of());
  }

  private static Subject known(PlaintextCalls calls, Set<WorkloadRef> sampled, UnknownTime... no) {
    return new Subject.Known(calls, Instant.MAX, sampled, List.of(no));
  }

  private static Member one(PlanSpec spec, String drawn, Subject subject) {
    return all(spec, drawn, List.of(new Question.Part("1", List.of("foo"))), Map.of("foo", subject))
        .getFirst();
  }

  private static Member one(PlanSpec spec, String drawn) {
    return one(spec, drawn, known(drawn));
  }

  private static List<Member> all(
      PlanSpec spec, String drawn, List<Question.Part> waves, Map<String, Subject> subjects) {
    Instant from = BASE.plus(HOUR.multipliedBy(drawn.indexOf('|')));
    Instant to = BASE.plus(HOUR.multipliedBy(drawn.length() - 1));
    return Backtest.of(new Question(spec, from, to, waves, subjects)).members();
  }

  /** When a namespace opens whose hours are drawn, of a plan that starts in one of them. */
  static @Nullable Instant opens(int window, int from, String hours) {
    return one(
            plan(Duration.ofHours(window), Duration.ZERO),
            hours.substring(0, from) + "|" + hours.substring(from))
        .opensAt();
  }

  private static @Nullable Integer hour(@Nullable Instant at) {
    return at == null ? null : (int) Duration.between(BASE, at).toHours();
  }

  static List<Arguments> histories() {
    return List.of(
        argumentSet("silent all the time: at once", "...|....", Outcome.OPENS, 3, 3),
        argumentSet("silent after a call", "..x|....", Outcome.OPENS, 6, 5),
        argumentSet("called only in the first hour", "...|x....", Outcome.OPENS, 3, 3),
        argumentSet("called in the last hour before", "..x|....", Outcome.OPENS, 6, 5),
        argumentSet("called within each window", "x.x|.x.x.x", Outcome.STAYS_SHUT, null, null),
        argumentSet(
            "a silence as long as the window, to the hour", "x..|.x.x", Outcome.OPENS, 4, 3),
        argumentSet("a silence that may be as long", "xx|..xxx", Outcome.UNKNOWN, null, 4),
        argumentSet("nobody watched at all", "???|????", Outcome.UNKNOWN, null, 3),
        argumentSet("an hour that nobody watched", "..?|.....", Outcome.OPENS, 6, 3),
        argumentSet("unwatched hours again and again", "..?|..?..?", Outcome.UNKNOWN, null, 3),
        argumentSet("a call that was seen unwatched", "xxX|XxX", Outcome.STAYS_SHUT, null, null),
        argumentSet("the window begins before the history", "..|..", Outcome.OPENS, 3, 2),
        argumentSet("a range too short for the window", "|..", Outcome.UNKNOWN, null, 0));
  }

  @ParameterizedTest
  @MethodSource("histories")
  void opensAfterASilenceThatWasWatched(
      String drawn, Outcome outcome, @Nullable Integer opens, @Nullable Integer may) {
    Member member = one(PLAN, drawn);

    assertEquals(outcome, member.outcome(), member::toString);
    assertEquals(opens, hour(member.opensAt()), member::toString);
    assertEquals(may, hour(member.mayOpenAt()), member::toString);
  }

  @Test
  void whoCallsAfterwardsIsRefusedWithItsFirstAndLastCall() {
    String drawn = "xxx|...x.x";
    String hours = drawn.replace("|", "");
    PlaintextCalls calls =
        new PlaintextCalls(
            BASE,
            HOUR,
            hours.chars().mapToObj(c -> true).toList(),
            List.of(
                row("curl", hours, null),
                row("early", "xx.......", null),
                row("late", "........x", null)));
    PlanSpec spec = PLAN.ignoring(new PlanSpec.IgnoredClient(null, "legacy/late"));

    Member member = one(spec, drawn, known(calls, Set.of()));

    assertEquals(6, hour(member.opensAt()));
    assertEquals(
        List.of(
            new RefusedClient(client("curl"), at(6), at(8), 4, List.of("foo/httpbin"), false),
            new RefusedClient(client("late"), at(8), at(8), 2, List.of("foo/httpbin"), true)),
        member.refused());
  }

  private static Instant at(int hour) {
    return BASE.plus(HOUR.multipliedBy(hour));
  }

  /** As the gate: who may fail is refused, but its plaintext is plaintext. */
  @Test
  void theCallsOfAClientThatMayFailKeepTheGateShut() {
    PlanSpec spec = PLAN.ignoring(new PlanSpec.IgnoredClient(null, "legacy/*"));

    assertEquals(Outcome.STAYS_SHUT, one(spec, "xxx|xxxx").outcome());
  }

  @Test
  void soakIsSilenceToo() {
    Member member = one(plan(Duration.ofHours(3), HOUR.multipliedBy(2)), "x|.........");

    assertEquals(4, hour(member.gateOpensAt()));
    assertEquals(6, hour(member.opensAt()));
  }

  /** Of soak the plan knows nothing before it was started. */
  @Test
  void soakBeginsWithTheWave() {
    Member member = one(plan(Duration.ofHours(3), HOUR.multipliedBy(2)), "......|....");

    assertEquals(6, hour(member.gateOpensAt()));
    assertEquals(8, hour(member.opensAt()));
  }

  @Test
  void aCallWithoutADateMakesAllHoursBeforeItDoubtful() {
    String hours = ".........";
    PlaintextCalls calls =
        new PlaintextCalls(
            BASE,
            HOUR,
            hours.chars().mapToObj(c -> true).toList(),
            List.of(row("curl", hours, at(5))));

    Member member = one(PLAN, "...|......", known(calls, Set.of()));

    assertEquals(8, hour(member.opensAt()));
    assertEquals(UnknownCause.UNDATED_CALLS, member.unknown().getFirst().cause());
  }

  @Test
  void aServerWithoutASampleIsNoSilence() {
    BitSet sampled = new BitSet();
    sampled.set(4);
    PlaintextCalls calls =
        new PlaintextCalls(
            BASE,
            HOUR,
            calls(".........").watched(),
            List.of(),
            Map.of(),
            Map.of(HTTPBIN, StepSet.of(sampled)));

    Member idle = one(PLAN, "...|......", known(calls("........."), Set.of(HTTPBIN)));
    Member once = one(PLAN, "...|......", known(calls, Set.of(HTTPBIN)));

    assertEquals(Outcome.UNKNOWN, idle.outcome());
    assertEquals(UnknownCause.NO_SAMPLES, idle.unknown().getFirst().cause());
    assertEquals(7, hour(once.opensAt()));
  }

  @Test
  void aSampleOfBeforeTheWindowIsNone() {
    BitSet sampled = new BitSet();
    sampled.set(0);
    PlaintextCalls plain = calls("xxxx.....");
    PlaintextCalls calls =
        new PlaintextCalls(
            BASE,
            HOUR,
            plain.watched(),
            plain.rows(),
            Map.of(),
            Map.of(HTTPBIN, StepSet.of(sampled)));

    Member member = one(PLAN, "xxxx|.....", known(calls, Set.of(HTTPBIN)));

    assertEquals(Outcome.UNKNOWN, member.outcome());
    assertEquals(at(3), member.unknown().getFirst().from());
  }

  @Test
  void aDoubtThatNeverEndsOpensNothing() {
    Member member =
        one(
            PLAN,
            "...|....",
            known(
                calls("......."),
                Set.of(),
                UnknownTime.always(UnknownCause.PODS_UNCAPTURED, "foo/httpbin")));

    assertEquals(Outcome.UNKNOWN, member.outcome());
    assertEquals(Cause.EVIDENCE_MISSING, member.cause());
  }

  @Test
  void anHourThatHadNotEndedWhenTheSourceAnsweredIsNotKnown() {
    Member member =
        one(
            PLAN,
            "x|...",
            new Subject.Known(calls("x..."), at(4).minusSeconds(120), Set.of(), List.of()));

    assertEquals(Outcome.UNKNOWN, member.outcome());
    assertEquals(
        List.of(UnknownCause.NOT_READ, UnknownCause.NOT_READ),
        member.unknown().stream().map(UnknownTime::cause).toList());
  }

  @Test
  void tellsWhyNobodyWatched() {
    PlaintextCalls plain = calls("..?....");
    PlaintextCalls calls =
        new PlaintextCalls(
            BASE, HOUR, plain.watched(), plain.rows(), Map.of(2, StepGap.NO_PROXY), Map.of());

    Member member = one(PLAN, "...|....", known(calls, Set.of()));

    assertEquals(
        List.of(new UnknownTime(at(2), at(3), UnknownCause.NO_PROXY, "")), member.unknown());
    assertEquals(BASE, member.knownFrom());
  }

  static List<Arguments> waves() {
    return List.of(
        argumentSet("the first has ended", known("...|......"), Outcome.OPENS, 4),
        argumentSet("the first stays shut", known("xxx|xxxxxx"), Outcome.STAYS_SHUT, null),
        argumentSet("of the first nothing is known", known("???|??????"), Outcome.UNKNOWN, null),
        argumentSet(
            "the source said nothing of the first",
            new Subject.Unknown(UnknownCause.EVIDENCE_UNAVAILABLE, "down", true),
            Outcome.UNKNOWN,
            null),
        argumentSet(
            "the first is gone",
            new Subject.Unknown(UnknownCause.NAMESPACE_GONE, "gone", false),
            Outcome.OPENS,
            3),
        argumentSet("the first is exempt", new Subject.Left("exempt"), Outcome.OPENS, 3));
  }

  /** Ten minutes of verification come between the waves. */
  @ParameterizedTest
  @MethodSource("waves")
  void aWaveWaitsForTheOneBefore(Subject first, Outcome outcome, @Nullable Integer opens) {
    Map<String, Subject> subjects = new HashMap<>(Map.of("foo", first));
    subjects.put("bar", known("...|......"));

    Member later =
        all(
                PLAN,
                "...|......",
                List.of(
                    new Question.Part("1", List.of("foo")), new Question.Part("2", List.of("bar"))),
                subjects)
            .getLast();

    assertEquals(outcome, later.outcome(), later::toString);
    assertEquals(3, hour(later.gateOpensAt()));
    assertEquals(opens, later.opensAt() == null ? null : hour(later.opensAt().plusSeconds(3599)));
    assertEquals(outcome == Outcome.OPENS ? Cause.SILENCE : Cause.EARLIER_WAVE, later.cause());
  }

  /** The zone's clock goes back on 25 October at 01:00 UTC: nine o'clock is 08:00 UTC after it. */
  @Test
  void changeWindowsAreReadFromTheClockOfTheirZone() {
    PlanSpec spec = plan(Duration.ofHours(3), Duration.ZERO, "Sun-Mon 09:20-09:40 Europe/Berlin");
    String silent = ".".repeat(24 * 40);
    Instant from = Instant.parse("2026-10-25T08:30:00Z");
    PlaintextCalls calls = calls(silent);

    Member member =
        Backtest.of(
                new Question(
                    spec,
                    from,
                    Instant.parse("2026-10-27T00:00:00Z"),
                    List.of(new Question.Part("1", List.of("foo"))),
                    Map.of("foo", known(calls, Set.of()))))
            .members()
            .getFirst();

    assertEquals(from, member.opensAt());
    Member missed =
        Backtest.of(
                new Question(
                    spec,
                    Instant.parse("2026-10-25T09:00:00Z"),
                    Instant.parse("2026-10-27T00:00:00Z"),
                    List.of(new Question.Part("1", List.of("foo"))),
                    Map.of("foo", known(calls, Set.of()))))
            .members()
            .getFirst();
    assertEquals(Instant.parse("2026-10-26T08:20:00Z"), missed.opensAt());
  }

  @Test
  void aWindowShorterThanTwoHoursMayPassWithinHoursWithCalls() {
    Member member = one(plan(Duration.ofMinutes(10), Duration.ZERO), "xx|xxx");

    assertEquals(Outcome.UNKNOWN, member.outcome());
    assertEquals(Cause.RESOLUTION, member.cause());
    assertNull(member.opensAt());
    assertNotNull(member.mayOpenAt());
    assertTrue(member.message().contains("legacy/curl"), member::message);
  }
}
