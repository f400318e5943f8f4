// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.notice;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Approval;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.Phase;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Reason;
import io.mtlsmigration.rollout.Records;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.RolloutScenario;
import io.mtlsmigration.rollout.Specs;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.rollout.decisions.Decision;
import io.mtlsmigration.rollout.decisions.Journal;
import io.mtlsmigration.rollout.decisions.RolloutEvent;
import io.mtlsmigration.sandbox.MemoryLedger;
import io.mtlsmigration.testing.AroundLedger;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class NoticeStudyTest {

  private static final Instant NOW = Records.NOW;

  /** No two readings of this clock agree, as of a real one. */
  private final Clock clock =
      new Clock() {
        private Instant next = NOW;

        @Override
        public Instant instant() {
          next = next.plusNanos(7_000);
          return next;
        }

        @Override
        public ZoneId getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
          throw new UnsupportedOperationException();
        }
      };

  private final MemoryLedger ledger = new MemoryLedger();
  private final NoticeStudy study =
      new NoticeStudy(
          ledger, namespace -> Optional.of("team-" + namespace).filter(o -> !o.endsWith("bar")));
  private final Journal journal = new Journal(ledger, clock);

  private PlanRecord plan(PlanPhase phase) {
    return ledger.save(Records.with(Records.plan("q4"), phase));
  }

  private StepRecord step(String namespace, Phase phase, Instant since) {
    return ledger.save(
        Records.step("q4", namespace).entered(phase, since, Reason.GATES_HOLD, "so it is", false));
  }

  private List<Notice> all() {
    return Stream.concat(
            study.past(NoticeStudy.telling(ledger.events(""))).stream(),
            study.current(NOW).stream())
        .toList();
  }

  private static List<String> ids(List<Notice> notices) {
    return notices.stream().map(Notice::id).distinct().toList();
  }

  @Test
  void aRecordAndTheEventOfOneChangeAreOneNotice() {
    plan(PlanPhase.RUNNING);
    StepRecord locked = step("foo", Phase.LOCKED, NOW);
    StepRecord undoing = step("bar", Phase.ROLLING_BACK, NOW);

    journal.transition(
        locked,
        new Decision.Move(RolloutEvent.WEAKENED, Reason.WEAKENED_BY_OTHER, "somebody wrote"));
    journal.transition(undoing, new Decision.Move(RolloutEvent.UNDONE, Reason.UNDONE, "undone"));

    assertEquals(4, all().size());
    assertEquals(2, ids(all()).size(), all().toString());
  }

  @Test
  void anEventTellsWhatIsSoNoMore() {
    plan(PlanPhase.RUNNING);
    StepRecord undoing = step("foo", Phase.ROLLING_BACK, NOW);
    StepRecord undone =
        journal.transition(
            undoing, new Decision.Move(RolloutEvent.UNDONE, Reason.UNDONE, "undone"));
    String id = all().getFirst().id();

    journal.transition(
        undone, new Decision.Move(RolloutEvent.RETRY_ASKED, Reason.REQUESTED, "again"));

    assertEquals(List.of(id), ids(all()));
  }

  @Test
  void aRecordTellsWhatNoEventDoes() {
    plan(PlanPhase.RUNNING);
    step("foo", Phase.ROLLED_BACK, NOW);

    Notice told = all().getFirst();

    assertEquals(NoticeKind.ROLLED_BACK, told.kind());
    assertEquals("Namespace foo was rolled back (plan q4)", told.title());
    assertEquals("so it is", told.message());
    assertEquals("team-foo", told.owner());
    assertEquals(NOW, told.at());
  }

  /** The loop tells of a locked step that suffers, and of its end. */
  private static final class Ailing extends RolloutScenario {

    List<Notice> told(NoticeStudy study) {
      return Stream.concat(
              study.past(NoticeStudy.telling(mesh.ledger.events(""))).stream(),
              study.current(mesh.clock.instant()).stream())
          .filter(notice -> notice.kind() != NoticeKind.PLAN_ENDED)
          .toList();
    }

    private List<Notice> run(boolean mended) {
      start(Specs.namespaces("foo"));
      mesh.untilPlan("plan", PlanPhase.COMPLETED, 100);
      NoticeStudy all = new NoticeStudy(mesh.ledger, namespace -> Optional.empty());
      assertEquals(List.of(), told(all));
      mesh.api.settings(new MeshSettings("istio-system", "cluster.local", false, true));
      mesh.seconds(20);
      if (mended) {
        mesh.api.settings(new MeshSettings("istio-system", "cluster.local", true, true));
        mesh.seconds(30);
      }
      return told(all);
    }
  }

  @Test
  void aLockedStepThatSuffersIsToldOnceWhetherByItsRecordOrItsEvent() {
    List<Notice> told = new Ailing().run(false);

    assertEquals(2, told.size(), told.toString());
    assertEquals(1, ids(told).size(), told.toString());
    assertEquals(NoticeKind.UNHEALTHY, told.getFirst().kind());
    assertEquals(NoticeSeverity.CRITICAL, told.getFirst().kind().severity());
    assertEquals("Namespace foo is locked, and unhealthy (plan plan)", told.getFirst().title());
  }

  @Test
  void thatItIsHealthyAgainIsTold() {
    List<Notice> told = new Ailing().run(true);

    assertEquals(
        Set.of(NoticeKind.UNHEALTHY, NoticeKind.HEALTHY_AGAIN),
        told.stream().map(Notice::kind).collect(Collectors.toSet()));
    assertEquals(2, ids(told).size(), told.toString());
  }

  /** That nobody looks is no news of the namespace. */
  @Test
  void aLockedStepThatNobodyProbesIsNotUnhealthy() {
    plan(PlanPhase.COMPLETED);
    ledger.save(
        Records.step("q4", "foo")
            .entered(Phase.LOCKED, NOW, Reason.VERIFIED, "", false)
            .withHealth(
                new StepRecord.Health(NOW, Reason.EVIDENCE_LOST, "no round ends", Set.of())));

    assertEquals(List.of(), all().stream().filter(n -> n.kind() == NoticeKind.UNHEALTHY).toList());
  }

  @Test
  void theMeshStepHasNoOwner() {
    plan(PlanPhase.RUNNING);
    ledger.save(
        StepRecord.begin(
            "q4", StepKey.MESH, "", Phase.AWAITING_APPROVAL, NOW, Reason.GATES_HOLD, ""));

    Notice told = all().getFirst();

    assertEquals("The mesh step waits for an approval (plan q4)", told.title());
    assertEquals(null, told.owner());
    assertEquals("", told.namespace());
  }

  @Test
  void gatesThatBreakAndHoldAgainAskForTheSameApproval() {
    plan(PlanPhase.RUNNING);
    StepRecord first = step("foo", Phase.AWAITING_APPROVAL, NOW);
    NoticeCursor told = NoticeCursor.from(Instant.EPOCH).sent(all());

    StepRecord again =
        ledger.save(
            first.entered(
                Phase.AWAITING_APPROVAL, NOW.plusSeconds(90), Reason.GATES_HOLD, "", false));
    List<Notice> flapped = told.pending(all());
    ledger.save(
        again
            .withAttempt(2)
            .entered(Phase.AWAITING_APPROVAL, NOW.plusSeconds(180), Reason.GATES_HOLD, "", false));

    assertEquals(List.of(), flapped);
    assertEquals(1, told.pending(all()).size(), "another attempt needs another approval");
  }

  @Test
  void anApprovalThatIsVoidIsAskedForAgain() {
    PlanRecord plan = plan(PlanPhase.RUNNING);
    StepRecord first = step("foo", Phase.AWAITING_APPROVAL, NOW);
    NoticeCursor told = NoticeCursor.from(Instant.EPOCH).sent(all());
    Instant given = NOW.plusSeconds(60);
    ledger.save(plan.withApprovals(List.of(new Approval("foo", "bea", given, "", 1, 1, "hash"))));

    ledger.save(
        first.entered(
            Phase.AWAITING_APPROVAL, NOW.plusSeconds(90), Reason.APPROVAL_MISSING, "", false));

    assertEquals(1, told.pending(all()).size());
  }

  @ParameterizedTest
  @EnumSource(
      value = PlanPhase.class,
      names = {"PAUSED", "ABORTED", "ROLLED_BACK"})
  void aPlanThatDoesNotRunAsksForNoApproval(PlanPhase phase) {
    plan(phase);
    step("foo", Phase.AWAITING_APPROVAL, NOW);

    assertEquals(List.of(), all());
  }

  @Test
  void tellsOnceAnHourOfAStepThatIsWeakenedAgainAndAgain() {
    plan(PlanPhase.RUNNING);
    for (int minutes : new int[] {0, 5, 10, 61}) {
      ledger.append(drift(NOW.plus(Duration.ofMinutes(minutes))));
    }

    assertEquals(2, NoticeCursor.from(Instant.EPOCH).pending(all()).size());
  }

  @Test
  void aLaterDriftOfAnHourIsToldWhenItLasts() {
    Instant hour = Instant.parse("2026-06-01T09:00:00Z");
    plan(PlanPhase.RUNNING);
    ledger.append(drift(hour.plusSeconds(60)));
    NoticeCursor told = NoticeCursor.from(Instant.EPOCH);
    told = told.sent(told.pending(at(hour.plusSeconds(120))));
    step("foo", Phase.DRIFTED, hour.plusSeconds(600));
    ledger.append(drift(hour.plusSeconds(600)));

    List<Notice> within = told.pending(at(hour.plusSeconds(899)));
    List<Notice> lasting = told.pending(at(hour.plusSeconds(900)));
    NoticeCursor both = told.sent(lasting);

    assertEquals(List.of(), within);
    assertEquals(List.of(hour.plusSeconds(600)), lasting.stream().map(Notice::at).toList());
    assertEquals(List.of(), both.pending(at(hour.plusSeconds(9999))));
  }

  @Test
  void aDriftThatWasToldIsNotToldAgainWhenItsHourEnds() {
    Instant hour = Instant.parse("2026-06-01T09:00:00Z");
    plan(PlanPhase.RUNNING);
    step("foo", Phase.DRIFTED, hour.plusSeconds(600));
    ledger.append(drift(hour.plusSeconds(600)));
    NoticeCursor begun = NoticeCursor.from(Instant.EPOCH);

    List<Notice> late = begun.pending(at(hour.plusSeconds(9999)));
    NoticeCursor told = begun.sent(begun.pending(at(hour.plusSeconds(601))));

    assertEquals(1, late.size());
    assertEquals(List.of(), told.pending(at(hour.plusSeconds(9999))));
  }

  /** Whoever was told last that all is well would believe it for the rest of the hour. */
  @Test
  void aStepThatIsUnhealthyAnewWithinTheHourIsToldWhenItLasts() {
    Instant hour = Instant.parse("2026-06-01T09:00:00Z");
    Instant anew = hour.plusSeconds(300);
    plan(PlanPhase.COMPLETED);
    ledger.append(health(hour.plusSeconds(60), Reason.CLIENTS_REFUSED));
    ledger.append(health(hour.plusSeconds(120), Reason.VERIFIED));
    NoticeCursor begun = NoticeCursor.from(Instant.EPOCH);
    NoticeCursor well = begun.sent(begun.pending(at(hour.plusSeconds(121))));
    ledger.save(
        Records.step("q4", "foo")
            .entered(Phase.LOCKED, hour, Reason.VERIFIED, "", false)
            .withHealth(
                new StepRecord.Health(anew, Reason.CLIENTS_REFUSED, "bar is refused", Set.of())));
    ledger.append(health(anew, Reason.CLIENTS_REFUSED));

    List<Notice> lasting = well.pending(at(anew.plusSeconds(300)));

    assertEquals(List.of(NoticeKind.UNHEALTHY), lasting.stream().map(Notice::kind).toList());
    assertEquals(anew, lasting.getFirst().at());
    assertEquals(List.of(), well.sent(lasting).pending(at(hour.plusSeconds(9999))));
  }

  private static Event health(Instant at, Reason reason) {
    return new Event(
        0, at, "q4", "foo", Event.Type.DRIFT_FOUND, "", "", reason, "", Journal.SERVICE, Map.of());
  }

  private List<Notice> at(Instant now) {
    return Stream.concat(
            study.past(NoticeStudy.telling(ledger.events(""))).stream(),
            study.current(now).stream())
        .toList();
  }

  @Test
  void aPlanThatCannotBeReadSilencesNoOther() {
    for (String name : List.of("a", "b", "c")) {
      ledger.save(Records.with(Records.plan(name), PlanPhase.RUNNING));
      ledger.save(
          Records.step(name, "foo")
              .entered(Phase.ROLLED_BACK, NOW, Reason.GATES_HOLD, "so it is", false));
      ledger.append(
          new Event(
              0,
              NOW,
              name,
              "foo",
              Event.Type.DRIFT_FOUND,
              "LOCKED",
              "DRIFTED",
              Reason.WEAKENED_BY_OTHER,
              "somebody wrote",
              Journal.SERVICE,
              Map.of()));
    }
    RolloutLedger broken =
        new AroundLedger(ledger) {
          @Override
          public Optional<PlanRecord> plan(String name) {
            return whole(name) ? super.plan(name) : Optional.empty();
          }

          @Override
          public List<StepRecord> steps(String name) {
            return whole(name) ? super.steps(name) : List.of();
          }

          private boolean whole(String name) {
            if (name.equals("b")) {
              throw new UnavailableException("its record is broken");
            }
            return true;
          }
        };
    NoticeStudy study = new NoticeStudy(broken, namespace -> Optional.empty());

    assertEquals(List.of("a", "c"), plans(study.current(NOW)));
    assertEquals(List.of("a", "c"), plans(study.past(ledger.events(""))));
    assertEquals(Map.of("b", "its record is broken"), study.unread());
  }

  private static List<String> plans(List<Notice> notices) {
    return notices.stream().map(Notice::plan).sorted().toList();
  }

  private static Event drift(Instant at) {
    return new Event(
        0,
        at,
        "q4",
        "foo",
        Event.Type.DRIFT_FOUND,
        "LOCKED",
        "DRIFTED",
        Reason.WEAKENED_BY_OTHER,
        "somebody wrote",
        Journal.SERVICE,
        Map.of());
  }

  @Test
  void aStepIsHeldOnceVerificationHasNoEndAnyMore() {
    plan(PlanPhase.RUNNING);
    StepRecord verifying =
        ledger.save(
            Records.step("q4", "foo")
                .entered(Phase.VERIFYING, NOW, Reason.GATES_HOLD, "", false)
                .withVerifyingUntil(NOW.plusSeconds(60)));
    List<Notice> before = all();

    ledger.save(verifying.withVerifyingUntil(null));

    assertEquals(List.of(), before);
    assertEquals(List.of(NoticeKind.HELD), all().stream().map(Notice::kind).toList());
  }

  @Test
  void aPlanEndsOnceWhereverItIsRead() {
    PlanRecord running = plan(PlanPhase.RUNNING);
    ledger.save(running.withPhase(PlanPhase.COMPLETED, NOW, NOW));
    ledger.append(changed("RUNNING", "COMPLETED", Reason.VERIFIED));

    assertEquals(2, all().size());
    assertEquals(1, ids(all()).size());
    assertEquals("Plan q4 has ended: completed", all().getFirst().title());
  }

  @Test
  void anAbortThatHasSomethingLeftToDoIsNoEnd() {
    PlanRecord running = plan(PlanPhase.RUNNING);
    ledger.save(running.withPhase(PlanPhase.ABORTED, NOW, null));
    ledger.append(changed("RUNNING", "ABORTED", Reason.REQUESTED));
    List<Notice> before = all();

    ledger.append(changed("ABORTED", "ABORTED", Reason.UNDONE));

    assertEquals(List.of(), before);
    assertEquals("Plan q4 has ended: aborted", all().getFirst().title());
  }

  private static Event changed(String from, String to, Reason reason) {
    return new Event(
        0, NOW, "q4", "", Event.Type.PLAN_CHANGED, from, to, reason, "", "ann", Map.of());
  }

  @Test
  void aPlanThatIsGoneTellsNothing() {
    ledger.append(drift(NOW));

    assertEquals(List.of(), study.past(List.of(drift(NOW))));
  }

  /** Deleted and applied anew, as tools do, before the history was read again. */
  @Test
  void aPlanOfTheSameNameTellsNothingOfTheOneBefore() {
    plan(PlanPhase.DRAFT);

    assertEquals(List.of(), study.past(List.of(drift(NOW.minusSeconds(60)))));
    assertEquals(1, study.past(List.of(drift(NOW))).size());
  }

  /** NOW is 1 June. */
  @ParameterizedTest
  @CsvSource({
    "2026-06-16, ''",
    "2026-06-15, 2026-06-01 ends on 2026-06-15",
    "2026-06-09, 2026-05-26 ends on 2026-06-09",
    "2026-06-08, 2026-06-01 ends on 2026-06-08",
    "2026-06-02, 2026-06-01 ends on 2026-06-02",
    "2026-06-01, 2026-05-31 ends on 2026-06-01",
    "2026-05-31, '2026-06-01 has expired, and what it opened is still open'",
    "2026-01-31, '2026-02-01 has expired, and what it opened is still open'"
  })
  void remindsOfTheLastDayOfAnException(LocalDate last, String expected) {
    PlanSpec spec =
        Records.spec("q4")
            .excepting(
                new PlanSpec.PolicyException(
                    "foo", Map.of(), 9090, "team-x", "scrape", last, List.of()));
    ledger.save(Records.with(Records.plan(spec), PlanPhase.COMPLETED));

    String told =
        String.join(
            "",
            all().stream()
                .map(
                    notice ->
                        notice.at().toString().substring(0, 10)
                            + notice
                                .title()
                                .replace("An exception of namespace foo", "")
                                .replace(" (plan q4)", ""))
                .toList());

    assertEquals(expected, told);
  }

  @Test
  void aLaterLastDayIsRemindedOfAnew() {
    assertNotEquals(expiring("2026-06-08"), expiring("2026-06-15"));
  }

  private static String expiring(String last) {
    MemoryLedger ledger = new MemoryLedger();
    PlanSpec spec =
        Records.spec("q4")
            .excepting(
                new PlanSpec.PolicyException(
                    "foo", Map.of(), null, "x", "y", LocalDate.parse(last), List.of()));
    ledger.save(Records.with(Records.plan(spec), PlanPhase.RUNNING));
    return new NoticeStudy(ledger, n -> Optional.empty())
        .current(LocalDate.parse(last).minusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant())
        .getFirst()
        .id();
  }
}
