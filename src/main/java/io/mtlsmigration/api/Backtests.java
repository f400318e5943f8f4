// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api;

import io.mtlsmigration.api.problem.ApiException;
import io.mtlsmigration.api.problem.ErrorCode;
import io.mtlsmigration.api.problem.ProblemDetail.FieldError;
import io.mtlsmigration.api.view.CommandBody.BacktestBody;
import io.mtlsmigration.backtest.Backtest;
import io.mtlsmigration.backtest.Question;
import io.mtlsmigration.backtest.Subject;
import io.mtlsmigration.backtest.Unjudged;
import io.mtlsmigration.mesh.NamespaceFacts;
import io.mtlsmigration.rollout.Observation;
import io.mtlsmigration.rollout.Observations;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.gates.GovernedServers;
import io.mtlsmigration.traffic.CallHistory;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.PlaintextCalls;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Asks the history about a plan. */
@Singleton
final class Backtests {

  /** Namespaces that are judged at a time: ten questions of ten, each of five queries. */
  static final int MOST = BacktestBody.MOST;

  private final CallHistory history;
  private final Observations observations;
  private final RolloutLedger ledger;
  private final Clock clock;

  Backtests(CallHistory history, Observations observations, RolloutLedger ledger, Clock clock) {
    this.history = history;
    this.observations = observations;
    this.ledger = ledger;
    this.clock = clock;
  }

  /** An answer, with what it does not judge. */
  record Told(Backtest backtest, List<Unjudged> unjudged) {}

  /** Whole hours; {@code from} is null when it is to be where the history begins. */
  private record Range(@Nullable Instant from, Instant to) {}

  /**
   * Judges a plan; waits for some seconds at most.
   *
   * @throws ApiException 422 for a time or a namespace that cannot be asked about
   */
  Told judge(PlanRecord plan, BacktestBody body) {
    Instant now = clock.instant();
    Instant earliest = CallWindows.Range.of(now, CallWindows.LONGEST).from();
    List<FieldError> errors = new ArrayList<>();
    Range range = range(body, now, earliest, errors);
    List<Question.Part> waves = waves(plan, body, errors);
    if (!errors.isEmpty()) {
      throw ApiException.of(ErrorCode.INVALID, errors);
    }
    Observation observation = observations.latest();
    PastSubjects subjects = new PastSubjects(plan, observation, ledger);
    Instant base = base(plan, range, earliest);
    Map<String, Subject> all = read(waves, subjects, base, now);
    Instant from = range.from() == null ? begin(all, earliest, range.to()) : range.from();
    Set<String> asked = new LinkedHashSet<>();
    waves.forEach(part -> asked.addAll(part.namespaces()));
    long members = plan.waves().stream().mapToLong(wave -> wave.members().size()).sum();
    return new Told(
        Backtest.of(new Question(plan.spec(), from, range.to(), waves, all)),
        Unjudged.of(
            plan.spec(), (int) members - asked.size(), partlyOpen(plan, observation, asked)));
  }

  private static Range range(
      BacktestBody body, Instant now, Instant earliest, List<FieldError> errors) {
    Instant from = body.begin();
    Instant to = body.end();
    Instant hour = now.truncatedTo(ChronoUnit.HOURS);
    if (to != null && to.isAfter(now)) {
      errors.add(
          FieldError.at(
              "/to", "OUT_OF_RANGE", "Expected is an instant of the past; left out, it is now"));
    }
    if (from != null && (from.isAfter(now) || from.isBefore(earliest))) {
      errors.add(
          FieldError.at(
              "/from",
              "OUT_OF_RANGE",
              "Expected is an instant of the past, not before %s: history is read for %s at most"
                  .formatted(earliest, CallWindows.LONGEST)));
    }
    Instant end = to == null || to.isAfter(hour) ? hour : to.truncatedTo(ChronoUnit.HOURS);
    Instant begin = from == null ? null : roundedUp(from);
    if (errors.isEmpty() && !end.isAfter(begin == null ? earliest : begin)) {
      errors.add(
          FieldError.at(
              to == null ? "/from" : "/to",
              "OUT_OF_RANGE",
              "Expected is at least one whole hour of UTC between from and to, which is "
                  + (to == null ? now : to)));
    }
    return new Range(begin, end);
  }

  private static Instant roundedUp(Instant at) {
    Instant hour = at.truncatedTo(ChronoUnit.HOURS);
    return hour.equals(at) ? at : hour.plus(CallHistory.STEP);
  }

  /** Returns the plan's waves, or the namespaces of them that are asked about. */
  private static List<Question.Part> waves(
      PlanRecord plan, BacktestBody body, List<FieldError> errors) {
    List<Question.Part> all =
        plan.waves().stream()
            .map(wave -> new Question.Part(wave.name(), wave.namespaces()))
            .toList();
    Set<String> known = new LinkedHashSet<>();
    all.forEach(part -> known.addAll(part.namespaces()));
    List<String> named = body.namespaces();
    if (named == null) {
      if (known.size() > MOST) {
        errors.add(
            FieldError.at(
                "/namespaces",
                "REQUIRED",
                "The plan has %d namespaces, and %d are judged at a time: name some of them, wave by wave"
                    .formatted(known.size(), MOST)));
      }
      return all;
    }
    for (int i = 0; i < named.size(); i++) {
      if (!known.contains(named.get(i))) {
        errors.add(
            FieldError.at(
                "/namespaces/" + i,
                "UNKNOWN_REFERENCE",
                "Expected is a namespace in a wave of plan " + plan.name()));
      }
    }
    return all.stream()
        .map(
            part ->
                new Question.Part(
                    part.wave(), part.namespaces().stream().filter(named::contains).toList()))
        .filter(part -> !part.namespaces().isEmpty())
        .toList();
  }

  /** Returns where the history begins that the first window needs. */
  private static Instant base(PlanRecord plan, Range range, Instant earliest) {
    if (range.from() == null) {
      return earliest;
    }
    Duration before = plan.spec().gates().plaintextWindow().plus(plan.spec().gates().soak());
    Instant base = range.from().minus(before).truncatedTo(ChronoUnit.HOURS);
    return base.isBefore(earliest) ? earliest : base;
  }

  private Map<String, Subject> read(
      List<Question.Part> waves, PastSubjects subjects, Instant base, Instant now) {
    Map<String, Subject> all = new HashMap<>();
    List<String> open = new ArrayList<>();
    for (Question.Part part : waves) {
      for (String namespace : part.namespaces()) {
        Subject told = subjects.withoutHistory(namespace);
        if (told == null) {
          open.add(namespace);
        } else {
          all.put(namespace, told);
        }
      }
    }
    Instant end = CallWindows.Range.of(now, CallHistory.STEP).until();
    int hours = Math.toIntExact(Duration.between(base, end).dividedBy(CallHistory.STEP));
    Map<String, Evidence<PlaintextCalls>> told =
        open.isEmpty() ? Map.of() : history.readAll(open, base, hours);
    open.forEach(namespace -> all.put(namespace, subjects.of(namespace, told.get(namespace))));
    return all;
  }

  /** Returns since when anything is known of any namespace. */
  private static Instant begin(Map<String, Subject> subjects, Instant earliest, Instant to) {
    Instant begin = null;
    for (Subject subject : subjects.values()) {
      if (subject instanceof Subject.Known known) {
        int first = known.calls().watched().indexOf(true);
        Instant since = first < 0 ? null : known.calls().begin(first);
        begin = since == null || (begin != null && begin.isBefore(since)) ? begin : since;
      }
    }
    return begin == null || !begin.isBefore(to) ? earliest : begin;
  }

  private static List<String> partlyOpen(
      PlanRecord plan, Observation observation, Set<String> asked) {
    List<String> open = new ArrayList<>();
    for (String namespace : asked) {
      NamespaceFacts facts = observation.modes().snapshot().namespace(namespace);
      if (facts != null) {
        GovernedServers.of(facts, plan.spec().exceptions()).keySet().stream()
            .filter(server -> GovernedServers.partlyOpen(facts, plan.spec().exceptions(), server))
            .forEach(server -> open.add(server.id()));
      }
    }
    return open;
  }
}
