// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import static io.mtlsmigration.mesh.MeshBuilders.gatewayPod;
import static io.mtlsmigration.mesh.MeshBuilders.hidesPlaintext;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.pod;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.service;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ProblemDetail.FieldError;
import io.mtlsmigration.api.view.CommandBody.BacktestBody;
import io.mtlsmigration.backtest.Member;
import io.mtlsmigration.backtest.Member.Outcome;
import io.mtlsmigration.backtest.UnjudgedKind;
import io.mtlsmigration.backtest.UnknownCause;
import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshBuilders.NamespaceBuilder;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.plan.Wave;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.QuietObservation;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.Records;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.sandbox.MemoryLedger;
import io.mtlsmigration.testing.ManualClock;
import io.mtlsmigration.traffic.CallHistory;
import io.mtlsmigration.traffic.Caller;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.PlaintextCalls;
import io.mtlsmigration.traffic.StepSet;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is asked of the history about a plan, and what else of its past is known. */
final class BacktestsTest {

  private static final Instant NOW = Instant.parse("2026-11-25T10:20:00Z");
  private static final Instant FROM = Instant.parse("2026-11-20T00:00:00Z");
  private static final WorkloadRef HTTPBIN = new WorkloadRef("foo", "Deployment", "httpbin");
  private static final Caller CURL =
      new Caller(new WorkloadRef("legacy", "Deployment", "curl"), "");

  private final ManualClock clock = new ManualClock(NOW);
  private final MemoryLedger ledger = new MemoryLedger();
  private final List<String> asked = new ArrayList<>();
  private int questions;
  private @Nullable Instant read;

  /** By server: hours since {@link #FROM} in which it was called. */
  private final Map<WorkloadRef, List<Integer>> called = new HashMap<>();

  /** Hours before this one were not watched. */
  private Instant watched = Instant.EPOCH;

  private final CallHistory history =
      new CallHistory() {
        @Override
        public Evidence<PlaintextCalls> read(String namespace, Instant from, int steps) {
          throw new IllegalStateException("namespaces are asked about together");
        }

        @Override
        public Map<String, Evidence<PlaintextCalls>> readAll(
            java.util.Collection<String> namespaces, Instant from, int steps) {
          asked.addAll(namespaces);
          questions++;
          read = from;
          Map<String, Evidence<PlaintextCalls>> all = new HashMap<>();
          namespaces.forEach(
              n -> all.put(n, new Evidence.Measured<>(calls(n, from, steps), clock.instant())));
          return all;
        }
      };

  private PlaintextCalls calls(String namespace, Instant from, int steps) {
    int shift = (int) Duration.between(from, FROM).toHours();
    List<PlaintextCalls.Row> rows = new ArrayList<>();
    Map<WorkloadRef, StepSet> sampled = new HashMap<>();
    BitSet all = new BitSet();
    all.set(0, steps);
    called.forEach(
        (server, hours) -> {
          if (server.namespace().equals(namespace)) {
            List<Long> counts = new ArrayList<>(Collections.nCopies(steps, 0L));
            hours.forEach(hour -> counts.set(hour + shift, 1L));
            rows.add(new PlaintextCalls.Row(CURL, server, counts, null));
            sampled.put(server, StepSet.of(all));
          }
        });
    List<Boolean> seen =
        IntStream.range(0, steps)
            .mapToObj(i -> !from.plus(CallHistory.STEP.multipliedBy(i)).isBefore(watched))
            .toList();
    return new PlaintextCalls(from, CallHistory.STEP, seen, rows, Map.of(), sampled);
  }

  private void called(WorkloadRef server, Integer... hours) {
    called.put(server, Arrays.asList(hours));
  }

  private static NamespaceBuilder foo() {
    return namespace("foo")
        .with(
            sidecarPod("httpbin-1")
                .of("Deployment", "httpbin")
                .label("app", "httpbin")
                .ports(8080, 9090))
        .with(service("httpbin").selector(Map.of("app", "httpbin")).port(80, 8080));
  }

  private Backtests.Told judge(MeshSnapshot mesh, PlanSpec spec, BacktestBody body, Wave... waves) {
    PlanRecord plan =
        ledger
            .plan(spec.name())
            .orElseGet(() -> ledger.save(Records.plan(spec)))
            .withWaves(List.of(waves), Map.of(), "");
    return new Backtests(history, () -> new QuietObservation(mesh), ledger, clock)
        .judge(plan, body);
  }

  private Member judgeFoo(MeshSnapshot mesh, PlanSpec spec) {
    return judge(mesh, spec, since(FROM), wave("1", "foo")).backtest().members().getFirst();
  }

  /** What the plan knows of foo. */
  private void step(Phase phase, Instant openSince) {
    ledger.save(Records.plan("q4"));
    ledger.save(
        StepRecord.begin("q4", new StepKey("foo"), "", phase, NOW, Reason.REQUESTED, "")
            .withOpenSince(openSince));
  }

  private Member judgeFoo(NamespaceBuilder mesh) {
    return judgeFoo(MeshBuilders.mesh(mesh), PlanSpec.standard("q4"));
  }

  private static BacktestBody since(Instant from) {
    return new BacktestBody(from.toString(), null, null);
  }

  private static Wave wave(String name, String... namespaces) {
    return new Wave(name, Arrays.stream(namespaces).map(one -> new Wave.Member(one, "")).toList());
  }

  private static Instant hour(int hour) {
    return FROM.plus(CallHistory.STEP.multipliedBy(hour));
  }

  /** Nobody knows since when, so that no silence before is one either. */
  @Test
  void silenceOfWhatATelemetryHidesIsNotKnown() {
    called(HTTPBIN);

    Member member = judgeFoo(foo().with(hidesPlaintext("quiet")));

    assertEquals(Outcome.UNKNOWN, member.outcome(), member::toString);
    assertEquals(UnknownCause.NO_LABEL, member.unknown().getFirst().cause());
    assertEquals(
        "foo/httpbin (Telemetry foo/quiet): its plaintext is not counted now, and since when is not"
            + " known",
        member.unknown().getFirst().detail());
  }

  static List<Arguments> wrong() {
    return List.of(
        argumentSet("from in the future", body("2026-11-25T10:21:00Z", null), "/from"),
        argumentSet("from too long ago", body("2026-08-01T00:00:00Z", null), "/from"),
        argumentSet(
            "to in the future", body("2026-11-01T00:00:00Z", "2026-11-26T00:00:00Z"), "/to"),
        argumentSet("no whole hour until now", body("2026-11-25T09:30:00Z", null), "/from"),
        argumentSet(
            "no whole hour between", body("2026-11-20T09:10:00Z", "2026-11-20T10:50:00Z"), "/to"),
        argumentSet("to before all history", body(null, "2026-01-01T00:00:00Z"), "/to"),
        argumentSet(
            "a namespace that is a pattern",
            new BacktestBody(null, null, List.of("foo", "f.o|.*")),
            "/namespaces/1"));
  }

  private static BacktestBody body(@Nullable String from, @Nullable String to) {
    return new BacktestBody(from, to, null);
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void whatCannotBeAskedIsNamedAndNotAsked(BacktestBody body, String pointer) {
    ApiException refused =
        assertThrows(
            ApiException.class,
            () -> judge(MeshBuilders.mesh(foo()), PlanSpec.standard("q4"), body, wave("1", "foo")));

    assertEquals(List.of(pointer), refused.errors().stream().map(FieldError::pointer).toList());
    assertEquals(List.of(), asked);
  }

  @Test
  void aTimeThatCannotBeReadIsNamed() {
    BacktestBody body = new BacktestBody("2026-10-01", "2026-10-01T00:00:00", null);

    assertEquals(List.of("/from", "/to"), body.problems().stream().map(p -> p.pointer()).toList());
  }

  @Test
  void offsetsCountAndAPartOfAnHourIsNot() {
    called(HTTPBIN);

    Backtests.Told told =
        judge(
            MeshBuilders.mesh(foo()),
            PlanSpec.standard("q4"),
            new BacktestBody("2026-11-20T05:30:00+05:30", "2026-11-21T05:45:00+05:30", null),
            wave("1", "foo"));

    assertEquals(Instant.parse("2026-11-20T00:00:00Z"), told.backtest().question().from());
    assertEquals(Instant.parse("2026-11-21T00:00:00Z"), told.backtest().question().to());
  }

  @Test
  void readsAsMuchAsTheFirstWindowNeeds() {
    called(HTTPBIN, 3);

    Member member = judgeFoo(foo());

    assertEquals(FROM.minus(Duration.ofHours(25)), read);
    assertEquals(Outcome.OPENS, member.outcome(), member::toString);
    assertEquals(hour(0), member.gateOpensAt());
    assertEquals(hour(0).plus(Duration.ofMinutes(30)), member.opensAt());
    assertEquals(List.of(hour(3)), member.refused().stream().map(r -> r.firstCall()).toList());
  }

  @Test
  void beginsWhereTheHistoryBegins() {
    called(HTTPBIN);
    watched = FROM;

    Backtests.Told told =
        judge(
            MeshBuilders.mesh(foo()), PlanSpec.standard("q4"), body(null, null), wave("1", "foo"));

    assertEquals(FROM, told.backtest().question().from());
    assertEquals(hour(24), told.backtest().members().getFirst().gateOpensAt());
  }

  @Test
  void ofALargePlanSomeNamespacesAreNamed() {
    String[] names = IntStream.range(0, 150).mapToObj(i -> "ns-" + i).toArray(String[]::new);
    NamespaceBuilder[] mesh =
        Arrays.stream(names)
            .map(name -> namespace(name).with(sidecarPod("web-1")))
            .toArray(NamespaceBuilder[]::new);
    Wave[] waves = {
      wave("1", Arrays.copyOf(names, 75)), wave("2", Arrays.copyOfRange(names, 75, 150))
    };

    ApiException refused =
        assertThrows(
            ApiException.class,
            () ->
                judge(MeshBuilders.mesh(mesh), PlanSpec.standard("all"), body(null, null), waves));
    assertEquals("/namespaces", refused.errors().getFirst().pointer());
    assertTrue(refused.errors().getFirst().detail().contains("150"));

    Backtests.Told told =
        judge(
            MeshBuilders.mesh(mesh),
            PlanSpec.standard("some"),
            new BacktestBody(null, null, List.of("ns-3", "ns-140")),
            waves);
    assertEquals(List.of("ns-3", "ns-140"), asked);
    assertEquals(1, questions);
    assertTrue(
        told.unjudged().stream()
            .anyMatch(
                limit ->
                    limit.kind() == UnjudgedKind.NAMESPACES_LEFT_OUT
                        && limit.message().startsWith("148 ")));
  }

  @Test
  void whatIsGoneOrHasNothingToLockIsNotKnownAndNotWaitedFor() {
    called(HTTPBIN);
    MeshSnapshot mesh = MeshBuilders.mesh(foo(), namespace("bare").with(pod("web-1")));

    List<Member> members =
        judge(
                mesh,
                PlanSpec.standard("q4"),
                since(FROM),
                wave("1", "gone", "bare"),
                wave("2", "foo"))
            .backtest()
            .members();

    assertEquals(List.of("foo"), asked);
    assertEquals(
        List.of(UnknownCause.NAMESPACE_GONE, UnknownCause.NOTHING_CAPTURED),
        members.stream()
            .limit(2)
            .peek(member -> assertEquals(Outcome.UNKNOWN, member.outcome()))
            .map(member -> member.unknown().getFirst().cause())
            .toList());
    assertEquals(Outcome.OPENS, members.getLast().outcome());
  }

  @Test
  void whatAPersonExemptedIsLeftOpen() {
    step(Phase.EXEMPT, Instant.EPOCH);

    assertEquals(Outcome.LEFT_OPEN, judgeFoo(foo()).outcome());
    assertEquals(List.of(), asked);
  }

  @Test
  void callsToGatewaysDoNotCount() {
    called(HTTPBIN);
    called(new WorkloadRef("foo", "Deployment", "gateway"), 0, 10, 20, 30, 40);

    Member member =
        judgeFoo(foo().with(gatewayPod("gateway-1").of("Deployment", "gateway").ports(80)));

    assertEquals(hour(0), member.gateOpensAt(), member::toString);
    assertEquals(List.of(), member.refused());
  }

  private static PolicyException exception(@Nullable Integer port) {
    return new PolicyException(
        "foo",
        Map.of("app", "httpbin"),
        port,
        "team-a",
        "scrape",
        LocalDate.parse("2027-03-01"),
        List.of());
  }

  @Test
  void callsToAWorkloadThatStaysOpenDoNotCount() {
    called(HTTPBIN, 0, 10, 20, 30, 40);
    PlanSpec spec = PlanSpec.standard("q4").excepting(exception(null));

    Member member = judgeFoo(MeshBuilders.mesh(foo()), spec);

    assertEquals(hour(0), member.gateOpensAt(), member::toString);
    assertEquals(List.of(), member.refused());
  }

  /** As the gate counts calls whose port it does not know. */
  @Test
  void callsToAWorkloadOfWhichOnePortStaysOpenCountAndAreSaidTo() {
    called(HTTPBIN, 3);
    PlanSpec spec = PlanSpec.standard("q4").excepting(exception(9090));

    Backtests.Told told = judge(MeshBuilders.mesh(foo()), spec, since(FROM), wave("1", "foo"));

    assertEquals(1, told.backtest().members().getFirst().refused().size());
    assertTrue(
        told.unjudged().stream()
            .anyMatch(
                limit ->
                    limit.kind() == UnjudgedKind.PORTS && limit.message().contains("foo/httpbin")));
  }

  @Test
  void aServerThatNobodyWasSeenToCallIsNotKnownToBeMeasured() {
    Member member = judgeFoo(foo());

    assertEquals(Outcome.UNKNOWN, member.outcome());
    assertEquals(UnknownCause.NO_SAMPLES, member.unknown().getFirst().cause());
    assertEquals("foo/httpbin had no sample", member.unknown().getFirst().detail());
  }

  @Test
  void aServerWithPodsWithoutAProxyOpensNothing() {
    called(HTTPBIN);

    Member member =
        judgeFoo(foo().with(pod("httpbin-2").of("Deployment", "httpbin").label("app", "httpbin")));

    assertEquals(Outcome.UNKNOWN, member.outcome());
    assertEquals(UnknownCause.PODS_UNCAPTURED, member.unknown().getFirst().cause());
  }

  @Test
  void silenceUnderStrictIsNone() {
    called(HTTPBIN, 3);

    Member member = judgeFoo(foo().with(policy("default", MtlsMode.STRICT)));

    assertEquals(hour(0), member.gateOpensAt());
    assertEquals(List.of(hour(4)), member.unknown().stream().map(time -> time.from()).toList());
    assertEquals(UnknownCause.STRICT, member.unknown().getFirst().cause());
  }

  /** What another server took tells nothing of the one that refuses. */
  @Test
  void silenceUnderStrictOfOneServerIsNoneThoughAnotherWasCalled() {
    called(HTTPBIN, 3);

    Member member =
        judgeFoo(
            foo()
                .with(sidecarPod("echo").ports(8080), sidecarPod("curl"))
                .with(policy("echo", MtlsMode.STRICT).selector("app", "echo")));

    assertEquals(UnknownCause.STRICT, member.unknown().getFirst().cause());
    assertFalse(member.unknown().getFirst().from().isAfter(hour(0)), member.unknown()::toString);
  }

  @Test
  void silenceBeforeThePlanLockedIsSilence() {
    called(HTTPBIN, 3);
    step(Phase.LOCKED, Instant.EPOCH);
    ledger.append(
        new Event(
            0,
            hour(50),
            "q4",
            "foo",
            Event.Type.PHASE_CHANGED,
            "READY",
            "LOCKING",
            Reason.WRITE_DONE,
            "",
            "",
            Map.of()));

    Member member = judgeFoo(foo().with(policy("default", MtlsMode.STRICT)));

    assertEquals(List.of(hour(50)), member.unknown().stream().map(time -> time.from()).toList());
  }

  @Test
  void silenceBeforeAnOpeningIsNone() {
    called(HTTPBIN);
    step(Phase.PENDING, hour(5));

    assertEquals(hour(29), judgeFoo(foo()).gateOpensAt());
  }
}
