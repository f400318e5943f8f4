// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.backtest;

import io.mtlsmigration.backtest.Member.Cause;
import io.mtlsmigration.backtest.Member.Outcome;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Words;
import io.mtlsmigration.rollout.gates.IgnoredClients;
import io.mtlsmigration.traffic.PlaintextCalls;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** Finds out about one namespace of a plan. */
final class MemberStudy {

  private final Question question;
  private final String wave;
  private final String namespace;
  private final Turn turn;
  private final Subject subject;
  private final Duration window;
  private final Duration soak;

  MemberStudy(Question question, String wave, String namespace, Turn turn) {
    this.question = question;
    this.wave = wave;
    this.namespace = namespace;
    this.turn = turn;
    Subject known = question.subjects().get(namespace);
    if (known == null) {
      throw new IllegalArgumentException(namespace + " is no subject of the question");
    }
    this.subject = known;
    PlanSpec.Gates gates = question.spec().gates();
    this.window = gates.plaintextWindow();
    this.soak = gates.soak();
  }

  /** Returns whether later waves wait for it. */
  boolean holds() {
    return switch (subject) {
      case Subject.Known known -> true;
      case Subject.Unknown unknown -> unknown.holds();
      case Subject.Left left -> false;
    };
  }

  Member member() {
    return switch (subject) {
      case Subject.Known known -> judged(Timeline.of(known, window));
      case Subject.Unknown unknown -> unknown(unknown);
      case Subject.Left(var detail) ->
          new Member(
              namespace,
              wave,
              Outcome.LEFT_OPEN,
              Cause.LEFT_BY_PERSON,
              detail,
              null,
              null,
              null,
              List.of(),
              List.of(),
              null);
    };
  }

  private Member unknown(Subject.Unknown unknown) {
    Instant may = turn.possible() == null ? null : turn.possible().plus(soak);
    boolean late = may == null || may.isAfter(question.to());
    boolean shut = unknown.holds() && late;
    return new Member(
        namespace,
        wave,
        shut ? Outcome.STAYS_SHUT : Outcome.UNKNOWN,
        shut ? Cause.EARLIER_WAVE : Cause.EVIDENCE_MISSING,
        shut ? "waits for " + Words.list(turn.waitsFor()) : unknown.detail(),
        null,
        null,
        unknown.holds() && !late ? may : null,
        List.of(),
        List.of(new UnknownTime(question.from(), question.to(), unknown.cause(), unknown.detail())),
        null);
  }

  private Member judged(Timeline line) {
    Duration length = window.plus(soak);
    ChangeCalendar calendar = new ChangeCalendar(question.spec().gates().changeWindows());
    BiPredicate<Instant, Duration> silent = line::silent;
    BiPredicate<Instant, Duration> maybe = (at, long_) -> line.maybeSilent(line.step(at), long_);
    Instant from = question.from();
    Instant gate = first(line, from, window, ChangeCalendar.ALWAYS, silent);
    Instant gateMay = first(line, from, window, ChangeCalendar.ALWAYS, maybe);
    Instant opens =
        turn.certain() == null
            ? null
            : first(line, turn.certain().plus(soak), length, calendar, silent);
    Instant may =
        turn.possible() == null
            ? null
            : first(line, turn.possible().plus(soak), length, calendar, maybe);
    List<UnknownTime> unknown = line.unknown(from.minus(length), question.to());
    Outcome outcome =
        opens != null ? Outcome.OPENS : may == null ? Outcome.STAYS_SHUT : Outcome.UNKNOWN;
    Cause cause = cause(outcome, gate, gateMay, unknown);
    return new Member(
        namespace,
        wave,
        outcome,
        cause,
        message(line, cause, outcome, opens, unknown),
        gate,
        opens,
        may,
        opens == null ? List.of() : refused(line, opens),
        unknown,
        line.knownFrom());
  }

  /**
   * Returns the first instant of the range, and of the calendar, at which a silence is as long; of
   * each hour the first instant alone is looked at.
   */
  private @Nullable Instant first(
      Timeline line,
      Instant earliest,
      Duration length,
      ChangeCalendar calendar,
      BiPredicate<Instant, Duration> silence) {
    Instant at = calendar.next(earliest);
    while (!at.isAfter(question.to())) {
      if (silence.test(at, length)) {
        return at;
      }
      at = calendar.next(line.begin(line.step(at) + 1));
    }
    return null;
  }

  private Cause cause(
      Outcome outcome,
      @Nullable Instant gate,
      @Nullable Instant gateMay,
      List<UnknownTime> unknown) {
    return switch (outcome) {
      case OPENS -> Cause.SILENCE;
      case STAYS_SHUT ->
          gateMay == null
              ? Cause.PLAINTEXT_CLIENTS
              : turn.possible() == null ? Cause.EARLIER_WAVE : Cause.SOAK_OR_CHANGE_WINDOW;
      default ->
          gate != null && turn.certain() == null
              ? Cause.EARLIER_WAVE
              : unknown.isEmpty() ? Cause.RESOLUTION : Cause.EVIDENCE_MISSING;
    };
  }

  private static boolean reaches(List<UnknownTime> unknown, Instant from) {
    return unknown.stream().anyMatch(time -> time.until().isAfter(from));
  }

  private String message(
      Timeline line,
      Cause cause,
      Outcome outcome,
      @Nullable Instant opens,
      List<UnknownTime> unknown) {
    return switch (cause) {
      case SILENCE ->
          "nobody was seen to send plaintext from %s to %s%s"
              .formatted(
                  opens == null ? "" : opens.minus(window).minus(soak),
                  opens,
                  opens != null && reaches(unknown, opens)
                      ? "; who called at some times since then is not known"
                      : "");
      case PLAINTEXT_CLIENTS ->
          "plaintext came again and again within %s, from %s"
              .formatted(window, Words.list(clients(line)));
      case EARLIER_WAVE ->
          outcome == Outcome.STAYS_SHUT
              ? "waits for " + Words.list(turn.waitsFor())
              : "whether the waves before would have ended is not known: "
                  + Words.list(turn.waitsFor());
      case SOAK_OR_CHANGE_WINDOW ->
          "no silence of %s lasted through a soak of %s into a change window after its turn"
              .formatted(window, soak);
      case RESOLUTION ->
          "a window of %s may have passed within hours in which %s called too: times are known to the hour"
              .formatted(window, Words.list(clients(line)));
      case EVIDENCE_MISSING ->
          "no silence of %s is known: %s"
              .formatted(
                  window,
                  Words.list(
                      new ArrayList<>(
                          new TreeSet<>(
                              unknown.stream().map(time -> time.cause().name()).toList()))));
      case LEFT_BY_PERSON -> "";
    };
  }

  private List<String> clients(Timeline line) {
    int first = Math.max(0, line.step(question.from()));
    TreeSet<String> clients = new TreeSet<>();
    for (PlaintextCalls.Row row : line.calls().rows()) {
      for (int i = first; i < row.calls().size() && line.begin(i).isBefore(question.to()); i++) {
        if (row.calls().get(i) > 0) {
          clients.add(row.client().id());
          break;
        }
      }
    }
    return List.copyOf(clients);
  }

  private List<RefusedClient> refused(Timeline line, Instant opens) {
    int first = line.stepFrom(opens);
    IgnoredClients ignored = IgnoredClients.of(question.spec());
    Map<String, RefusedClient> clients = new LinkedHashMap<>();
    for (PlaintextCalls.Row row : line.calls().rows()) {
      RefusedClient client = refused(line, row, first, ignored.ignores(row.client()));
      if (client != null) {
        clients.merge(row.client().id(), client, MemberStudy::together);
      }
    }
    return clients.values().stream()
        .sorted(
            Comparator.comparing(RefusedClient::firstCall)
                .thenComparing(client -> client.client().id()))
        .toList();
  }

  /** Returns null when the client did not call any more. */
  private @Nullable RefusedClient refused(
      Timeline line, PlaintextCalls.Row row, int first, boolean mayFail) {
    int begun = -1;
    int last = -1;
    long calls = 0;
    for (int i = first; i < row.calls().size() && line.begin(i).isBefore(question.to()); i++) {
      if (row.calls().get(i) > 0) {
        begun = begun < 0 ? i : begun;
        last = i;
        calls += row.calls().get(i);
      }
    }
    return begun < 0
        ? null
        : new RefusedClient(
            row.client(),
            line.begin(begun),
            line.begin(last),
            calls,
            List.of(row.server().id()),
            mayFail);
  }

  private static RefusedClient together(RefusedClient one, RefusedClient other) {
    TreeSet<String> servers = new TreeSet<>(one.servers());
    servers.addAll(other.servers());
    boolean before = other.firstCall().isBefore(one.firstCall());
    return new RefusedClient(
        one.client(),
        before ? other.firstCall() : one.firstCall(),
        other.lastCall().isAfter(one.lastCall()) ? other.lastCall() : one.lastCall(),
        one.calls() + other.calls(),
        List.copyOf(servers),
        one.mayFail());
  }
}
