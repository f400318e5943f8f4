// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.notice;

import io.mtlsmigration.plan.PlanSpec.PolicyException;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.Words;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the notices in the ledger. Records tell what is so, and outlive a leader that died before
 * it stored the event; events tell what was so in between. Both lead to the same id.
 */
public final class NoticeStudy {

  /** The phases of plans whose exceptions are in force. */
  private static final Set<PlanPhase> IN_FORCE =
      EnumSet.of(PlanPhase.RUNNING, PlanPhase.PAUSED, PlanPhase.COMPLETED, PlanPhase.ABORTED);

  /** How long before its last day an exception is told of; once more on the day after it. */
  private static final List<Period> REMINDERS =
      List.of(Period.ofDays(14), Period.ofDays(7), Period.ofDays(1));

  /** After that a step lasts in what it is, and whoever was told something else is told. */
  private static final Duration LASTING = Duration.ofMinutes(5);

  private final RolloutLedger ledger;
  private final Function<String, Optional<String>> owners;
  private final NavigableMap<String, String> unread = new TreeMap<>();

  /**
   * @param owners the owner of a namespace
   */
  public NoticeStudy(RolloutLedger ledger, Function<String, Optional<String>> owners) {
    this.ledger = ledger;
    this.owners = owners;
  }

  /** Returns what is so now. */
  public List<Notice> current(Instant now) {
    List<Notice> found = new ArrayList<>();
    for (PlanRecord plan : ledger.plans()) {
      Instant ended = plan.endedAt();
      if (ended != null) {
        found.add(ended(plan, plan.phase().name(), ended, Reason.UNDONE, ""));
      }
      for (StepRecord step : steps(plan)) {
        kind(plan, step).map(kind -> of(kind, plan, step, now)).ifPresent(found::add);
      }
      if (IN_FORCE.contains(plan.phase())) {
        LocalDate today = now.atZone(ZoneOffset.UTC).toLocalDate();
        plan.spec().exceptions().stream()
            .flatMap(exception -> expiring(plan, exception, today))
            .forEach(found::add);
      }
    }
    return found;
  }

  /** Returns the plans that could not be read, by their names, and why; they told nothing. */
  public SortedMap<String, String> unread() {
    return Collections.unmodifiableSortedMap(unread);
  }

  private List<StepRecord> steps(PlanRecord plan) {
    try {
      return ledger.steps(plan.name());
    } catch (RolloutLedger.UnavailableException e) {
      unread.put(plan.name(), String.valueOf(e.getMessage()));
      return List.of();
    }
  }

  private Optional<PlanRecord> plan(String name) {
    try {
      return ledger.plan(name);
    } catch (RolloutLedger.UnavailableException e) {
      unread.put(name, String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private static Optional<NoticeKind> kind(PlanRecord plan, StepRecord step) {
    return switch (step.phase()) {
      case AWAITING_APPROVAL ->
          plan.phase() == PlanPhase.RUNNING
              ? Optional.of(NoticeKind.AWAITING_APPROVAL)
              : Optional.empty();
      case VERIFYING -> step.held() ? Optional.of(NoticeKind.HELD) : Optional.empty();
      case ROLLED_BACK -> Optional.of(NoticeKind.ROLLED_BACK);
      case DRIFTED -> Optional.of(NoticeKind.DRIFTED);
      case LOCKED ->
          step.health() != null && ails(step.health().reason())
              ? Optional.of(NoticeKind.UNHEALTHY)
              : Optional.empty();
      default -> Optional.empty();
    };
  }

  /**
   * Returns whether clients or servers suffer; that nobody looks is for whoever runs the service.
   */
  private static boolean ails(Reason reason) {
    return reason != Reason.EVIDENCE_LOST;
  }

  /**
   * The part of a step that a notice tells.
   *
   * @param at the time when it became so
   */
  private record Told(Instant at, Reason reason, String message) {

    static Told of(NoticeKind kind, StepRecord step) {
      StepRecord.Health health = step.health();
      return kind == NoticeKind.UNHEALTHY && health != null
          ? new Told(health.since(), health.reason(), health.message())
          : new Told(step.since(), step.reason(), step.message());
    }
  }

  /**
   * Returns what happened, of what counts though it is so no more. An approval that was given and a
   * hold that was ended ask for nothing, and are not among it.
   */
  public List<Notice> past(List<Event> events) {
    Map<String, Optional<PlanRecord>> plans = new HashMap<>();
    List<Notice> found = new ArrayList<>();
    for (Event event : events) {
      PlanRecord plan = plans.computeIfAbsent(event.plan(), this::plan).orElse(null);
      // Else it was of another plan of that name, which has been deleted.
      if (plan != null && !event.at().isBefore(plan.createdAt())) {
        Notice notice = of(plan, event);
        if (notice != null) {
          found.add(notice);
        }
      }
    }
    return found;
  }

  /** Returns those of events that {@link #past} looks at; of a long history, few. */
  public static List<Event> telling(List<Event> events) {
    return events.stream().filter(event -> kind(event) != null || ends(event)).toList();
  }

  private static @Nullable NoticeKind kind(Event event) {
    return switch (event.type()) {
      case DRIFT_FOUND ->
          event.to().equals(Phase.DRIFTED.name())
              ? NoticeKind.DRIFTED
              : event.to().isEmpty() ? health(event.reason()) : null;
      case PHASE_CHANGED ->
          event.to().equals(Phase.ROLLED_BACK.name()) ? NoticeKind.ROLLED_BACK : null;
      default -> null;
    };
  }

  /** The health of a locked step has changed, not its phase. */
  private static @Nullable NoticeKind health(Reason reason) {
    return reason == Reason.VERIFIED
        ? NoticeKind.HEALTHY_AGAIN
        : ails(reason) ? NoticeKind.UNHEALTHY : null;
  }

  private @Nullable Notice of(PlanRecord plan, Event event) {
    StepKey key = StepKey.parse(event.subject()).orElse(null);
    NoticeKind kind = kind(event);
    if (key != null && kind != null) {
      return of(
          kind,
          plan,
          key,
          event.at(),
          event.reason(),
          event.message(),
          about(kind, event.at()),
          null);
    }
    return event.subject().isEmpty() && ends(event)
        ? ended(plan, event.to(), event.at(), event.reason(), event.message())
        : null;
  }

  /** The loop ends a plan; a command that asks for it leaves something to do. */
  private static boolean ends(Event event) {
    return event.type() == Event.Type.PLAN_CHANGED
        && (event.to().equals(PlanPhase.COMPLETED.name())
            || (event.from().equals(event.to()) && event.reason() == Reason.UNDONE));
  }

  /** Returns when the step was approved last; empty when it never was. */
  private static String approved(PlanRecord plan, StepRecord step) {
    return plan.approvals().stream()
        .filter(approval -> approval.subject().equals(step.key().toString()))
        .map(approval -> " " + approval.at())
        .reduce("", (before, last) -> last);
  }

  private Notice of(NoticeKind kind, PlanRecord plan, StepRecord step, Instant now) {
    Told told = Told.of(kind, step);
    String about =
        kind == NoticeKind.AWAITING_APPROVAL
            // Gates that break and hold again ask for the same approval; one that is void is
            // another.
            ? step.namespaceUid() + " " + step.attempt() + approved(plan, step)
            : about(kind, told.at());
    // Another one of that hour may have been told; this one lasts.
    boolean lasts = hourly(kind) && !now.isBefore(told.at().plus(LASTING));
    String instead = lasts ? id(kind, plan, step.key(), about, told.at()) : null;
    return of(
        kind,
        plan,
        step.key(),
        told.at(),
        told.reason(),
        told.message(),
        lasts ? "since " + told.at() : about,
        instead);
  }

  private static String id(
      NoticeKind kind, PlanRecord plan, StepKey key, String about, Instant at) {
    return Notice.id(kind, plan, key + " " + about, at);
  }

  /**
   * Returns which one of a kind a notice of a step is. Of a lock that is weakened, or refuses its
   * clients, again and again, one is told an hour, and each that lasts.
   */
  private static String about(NoticeKind kind, Instant at) {
    return at.truncatedTo(hourly(kind) ? ChronoUnit.HOURS : ChronoUnit.MICROS).toString();
  }

  private static boolean hourly(NoticeKind kind) {
    return kind == NoticeKind.DRIFTED || kind == NoticeKind.UNHEALTHY;
  }

  private Notice of(
      NoticeKind kind,
      PlanRecord plan,
      StepKey key,
      Instant at,
      Reason reason,
      String message,
      String about,
      @Nullable String instead) {
    String what = key.isMesh() ? "The mesh step" : "Namespace " + key.namespace();
    String outcome =
        switch (kind) {
          case AWAITING_APPROVAL -> " waits for an approval";
          case HELD -> " is held until a person decides";
          case ROLLED_BACK -> " was rolled back";
          case DRIFTED -> " has drifted";
          case UNHEALTHY -> " is locked, and unhealthy";
          case HEALTHY_AGAIN -> " is locked, and healthy again";
          case EXCEPTION_EXPIRING, PLAN_ENDED, TEST ->
              throw new IllegalArgumentException(kind + " is not about a step");
        };
    return new Notice(
        id(kind, plan, key, about, at),
        kind,
        at,
        plan.name(),
        plan.uid(),
        key,
        owner(key.namespace()),
        reason.name(),
        what + outcome + " (plan " + plan.name() + ")",
        message,
        instead);
  }

  private @Nullable String owner(String namespace) {
    return namespace.isEmpty() ? null : owners.apply(namespace).orElse(null);
  }

  private static Notice ended(
      PlanRecord plan, String phase, Instant at, Reason reason, String message) {
    boolean completed = phase.equals(PlanPhase.COMPLETED.name());
    String words = Words.of(PlanPhase.valueOf(phase));
    return new Notice(
        Notice.id(NoticeKind.PLAN_ENDED, plan, phase + " " + about(NoticeKind.PLAN_ENDED, at), at),
        NoticeKind.PLAN_ENDED,
        at,
        plan.name(),
        plan.uid(),
        null,
        null,
        (completed ? Reason.VERIFIED : reason).name(),
        "Plan " + plan.name() + " has ended: " + words,
        message.isEmpty()
            ? completed ? "everything that the plan wanted is so" : "nothing is left to do"
            : message,
        null);
  }

  /** Returns the latest reminder of an exception that is due. */
  private static Stream<Notice> expiring(
      PlanRecord plan, PolicyException exception, LocalDate today) {
    LocalDate last = exception.expires();
    boolean expired = exception.validity(today) == PolicyException.Validity.EXPIRED;
    return Stream.concat(Stream.of(last.plusDays(1)), REMINDERS.stream().map(last::minus))
        .filter(day -> !day.isAfter(today))
        .max(LocalDate::compareTo)
        .map(
            day ->
                expiring(
                    plan,
                    exception,
                    day,
                    expired
                        ? " has expired, and what it opened is still open"
                        : " ends on " + last))
        .stream();
  }

  private static Notice expiring(
      PlanRecord plan, PolicyException exception, LocalDate day, String outcome) {
    Instant at = day.atStartOfDay(ZoneOffset.UTC).toInstant();
    return new Notice(
        Notice.id(NoticeKind.EXCEPTION_EXPIRING, plan, exception.id() + " " + day, at),
        NoticeKind.EXCEPTION_EXPIRING,
        at,
        plan.name(),
        plan.uid(),
        StepKey.ofNamespace(exception.namespace()),
        exception.owner(),
        exception.validity(day).name(),
        "An exception of namespace %s%s (plan %s)"
            .formatted(exception.namespace(), outcome, plan.name()),
        exception.words() + ", agreed with " + exception.owner() + ": " + exception.reason(),
        null);
  }
}
