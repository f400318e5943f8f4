// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout.loop;

import static io.mtlsmigration.mesh.MeshBuilders.EPOCH;
import static io.mtlsmigration.mesh.MeshBuilders.namespace;
import static io.mtlsmigration.mesh.MeshBuilders.policy;
import static io.mtlsmigration.mesh.MeshBuilders.sidecarPod;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.mtlsmigration.mesh.EnvoyFilter;
import io.mtlsmigration.mesh.MeshBuilders;
import io.mtlsmigration.mesh.MeshSettings;
import io.mtlsmigration.mesh.MeshSnapshot;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.OtherObject;
import io.mtlsmigration.mesh.Telemetry;
import io.mtlsmigration.rollout.Limits;
import io.mtlsmigration.rollout.OpeningsRecord;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.ProxySync;
import io.mtlsmigration.rollout.QuietObservation;
import io.mtlsmigration.rollout.Records;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.sandbox.MemoryLedger;
import io.mtlsmigration.testing.AroundLedger;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Since when a namespace has been open, by what this process saw and by what it did not see. */
final class OpeningsTest {

  private static final Instant TEN = Instant.parse("2026-03-01T10:00:00Z");
  private static final Instant NINETEEN = TEN.plus(Duration.ofHours(9));
  private static final Instant LONG_AGO = TEN.minus(Duration.ofDays(30));

  private final MemoryLedger ledger = new MemoryLedger();
  private ProxySync.Status sync = new ProxySync.Status.Synced();
  private Openings openings = new Openings(ledger, Limits.DEFAULT);

  private void look(Instant at, MtlsMode mode, Instant changed) {
    look(
        at,
        namespace("foo")
            .with(policy("default", mode).createdAt(Duration.between(EPOCH, changed).toSeconds())));
  }

  private void look(Instant at, MeshBuilders.NamespaceBuilder... namespaces) {
    look(at, at, namespaces);
  }

  private void look(Instant at, Instant read, MeshBuilders.NamespaceBuilder... namespaces) {
    MeshSnapshot facts =
        MeshSnapshot.of(
            MeshSettings.DEFAULT,
            read,
            Stream.of(namespaces).map(MeshBuilders.NamespaceBuilder::build).toList());
    openings.look(
        new QuietObservation(facts) {
          @Override
          public Instant now() {
            return at;
          }

          @Override
          public ProxySync.Status sync(String namespace) {
            return sync;
          }
        });
    openings.save(at);
  }

  /** Somebody has deleted the record, or that was a release that had none. */
  @Test
  void whereALeaderBeforeHasLeftNoRecordNobodyKnowsWhatRefusedPlaintext() {
    begun(LONG_AGO);

    look(TEN, MtlsMode.PERMISSIVE, LONG_AGO);

    assertEquals(TEN, openings.of("foo"));
    openings = new Openings(ledger, Limits.DEFAULT);
    look(NINETEEN, MtlsMode.PERMISSIVE, LONG_AGO);
    assertEquals(TEN, openings.of("foo"));
  }

  /** Its plan is held, and no other one; what it knew counts as if it had ended just now. */
  @Test
  void whereAStepCannotBeReadSilenceBeginsAnewAndNowhereElse() {
    MeshBuilders.NamespaceBuilder[] both = {
      namespace("foo").with(policy("default", MtlsMode.PERMISSIVE).createdAt(0)),
      namespace("bar").with(policy("default", MtlsMode.PERMISSIVE).createdAt(0))
    };
    ledger.save(Records.plan("spoilt"));
    look(TEN, both);
    Instant before = openings.of("bar");
    openings =
        new Openings(
            new AroundLedger(ledger) {
              @Override
              public List<StepRecord> steps(String plan) {
                throw new RolloutLedger.UnavailableException("/status/phase: NONSENSE");
              }

              @Override
              public Steps readable(String plan) {
                return new Steps(List.of(), Set.of(new StepKey("foo")));
              }
            },
            Limits.DEFAULT);

    look(NINETEEN, both);

    assertEquals(NINETEEN, openings.of("foo"));
    assertEquals(before, openings.of("bar"));
  }

  /** Nothing refused or hid plaintext, which is a record as well. */
  @Test
  void aLeaderLeavesARecordAlsoOfNothing() {
    look(TEN, MtlsMode.PERMISSIVE, LONG_AGO);
    begun(TEN);

    openings = new Openings(ledger, Limits.DEFAULT);
    look(NINETEEN, MtlsMode.PERMISSIVE, LONG_AGO);

    assertEquals(LONG_AGO, openings.of("foo"));
  }

  @Test
  void thePlanThatIsStartedAtOnceGoesByWhatIsSeen() {
    begun(TEN.minusSeconds(1));

    look(TEN, MtlsMode.PERMISSIVE, LONG_AGO);

    assertEquals(LONG_AGO, openings.of("foo"));
  }

  private void begun(Instant at) {
    ledger.save(Records.plan("plan").withPhase(PlanPhase.RUNNING, at, null));
  }

  /** A Telemetry that turns a metric off by which plaintext is counted. */
  private static Telemetry quiet(String namespace) {
    return telemetry(namespace, true);
  }

  private static Telemetry telemetry(String namespace, boolean disabled) {
    return new Telemetry(
        new ObjectRef("Telemetry", namespace, "quiet"),
        EPOCH,
        null,
        Map.of(),
        false,
        List.of(new Telemetry.Change("REQUEST_COUNT", disabled, false)),
        List.of(),
        null,
        Telemetry.Logging.INHERITED);
  }

  /** Another process leads from now on, with nothing but the ledger. */
  private void leads() {
    openings = new Openings(ledger, Limits.DEFAULT);
  }

  @Test
  void aPolicyThatWasDeletedWhileNobodyLookedMayHaveRefusedUntilNow() {
    look(TEN, namespace("foo").with(policy("default", MtlsMode.STRICT)));
    leads();
    look(NINETEEN, namespace("foo"), namespace("bar"));

    assertEquals(NINETEEN, openings.of("foo"));
    assertEquals(Instant.EPOCH, openings.of("bar"));
  }

  @Test
  void aStrictPortIsRememberedAsWell() {
    look(
        TEN,
        namespace("foo").with(policy("default", MtlsMode.PERMISSIVE).port(8080, MtlsMode.STRICT)));
    leads();
    look(NINETEEN, namespace("foo"));

    assertEquals(NINETEEN, openings.of("foo"));
  }

  @Test
  void whatRefusedInTheWholeMeshConcernsEachNamespace() {
    look(TEN, namespace("istio-system").with(policy("default", MtlsMode.STRICT)), namespace("foo"));
    leads();
    look(NINETEEN, namespace("istio-system"), namespace("foo"));

    assertEquals(NINETEEN, openings.of("foo"));
  }

  /** It may have refused plaintext until its change, which nobody watched; then it is deleted. */
  @Test
  void whenAPolicyWasChangedIsKnownWhenItIsGone() {
    look(TEN, MtlsMode.PERMISSIVE, TEN.minusSeconds(60));
    leads();
    look(NINETEEN, namespace("foo"));

    assertEquals(TEN.minusSeconds(60), openings.of("foo"));
  }

  /** Whoever writes a policy may write its managedFields, too, with the times in them. */
  @Test
  void noChangeIsRememberedOfATimeToCome() {
    look(TEN, MtlsMode.PERMISSIVE, NINETEEN.plus(Duration.ofDays(3650)));
    assertEquals(TEN, openings.of("foo"));
    leads();
    look(NINETEEN, namespace("foo"));

    assertEquals(TEN, openings.of("foo"));
  }

  @Test
  void aPolicyThatAcceptsPlaintextLeavesNoMoreThanItsLastChange() {
    look(TEN, namespace("foo").with(policy("default", MtlsMode.PERMISSIVE)));
    leads();
    look(NINETEEN, namespace("foo"));

    assertEquals(EPOCH, openings.of("foo"));
  }

  static Stream<Function<String, OtherObject>> hiding() {
    return Stream.of(OpeningsTest::quiet, OpeningsTest::filter);
  }

  @ParameterizedTest
  @MethodSource("hiding")
  void whatWasDeletedHidUntilThen(Function<String, OtherObject> hides) {
    look(TEN, namespace("foo").with(hides), namespace("bar"));
    look(TEN.plusSeconds(60), namespace("foo"), namespace("bar"));
    assertEquals(TEN.plusSeconds(60), openings.of("foo"));

    look(TEN.plusSeconds(120), namespace("foo"), namespace("bar").with(hides));
    leads();
    look(NINETEEN, namespace("foo"), namespace("bar"));

    assertEquals(TEN.plusSeconds(60), openings.of("foo"));
    assertEquals(NINETEEN, openings.of("bar"));
  }

  private static EnvoyFilter filter(String namespace) {
    return new EnvoyFilter(new ObjectRef("EnvoyFilter", namespace, "f"), Map.of(), true, List.of());
  }

  /** The one of the whole mesh stays; that of the namespace takes precedence. */
  @Test
  void aTelemetryThatCountsInSpiteOfAnotherOneHasHiddenNothingFromThenOn() {
    look(TEN, namespace("istio-system").with(OpeningsTest::quiet), namespace("foo"));
    look(
        TEN.plusSeconds(60),
        namespace("istio-system").with(OpeningsTest::quiet),
        namespace("foo").with(ns -> telemetry(ns, false)));

    assertEquals(TEN.plusSeconds(60), openings.of("foo"));
    assertEquals(Instant.EPOCH, openings.of("istio-system"));
  }

  @Test
  void aRecordThatIsRefusedIsTriedAgainOnceAMinute() {
    int[] saves = {0};
    RolloutLedger full =
        new AroundLedger(ledger) {
          @Override
          public OpeningsRecord save(OpeningsRecord next) {
            saves[0]++;
            throw new UnavailableException("it is too large");
          }
        };
    openings = new Openings(full, Limits.DEFAULT);
    for (int second = 0; second < 60; second++) {
      Instant at = TEN.plusSeconds(second);
      MeshBuilders.NamespaceBuilder foo = namespace("foo").with(policy("p", MtlsMode.STRICT));
      if (second == 0) {
        assertThrows(RolloutLedger.UnavailableException.class, () -> look(at, foo));
      } else {
        look(at, foo);
      }
    }

    assertEquals(1, saves[0]);
  }

  @Test
  void strictOfAMomentIsLeftToTheNextLeader() {
    look(TEN, namespace("foo"), namespace("bar").with(policy("p", MtlsMode.STRICT)));
    look(
        TEN.plusSeconds(10),
        namespace("foo").with(policy("p", MtlsMode.STRICT)),
        namespace("bar").with(policy("p", MtlsMode.STRICT)));
    leads();
    look(NINETEEN, namespace("foo"), namespace("bar").with(policy("p", MtlsMode.STRICT)));

    assertEquals(NINETEEN, openings.of("foo"));
  }

  @Test
  void aLargeRecordIsSavedOnceAMinute() {
    int[] saves = {0};
    RolloutLedger counted =
        new AroundLedger(ledger) {
          @Override
          public OpeningsRecord save(OpeningsRecord next) {
            saves[0]++;
            return super.save(next);
          }
        };
    openings = new Openings(counted, Limits.DEFAULT);
    for (int second = 0; second < 60; second += 10) {
      MeshBuilders.NamespaceBuilder[] strict = new MeshBuilders.NamespaceBuilder[1000 + second];
      Arrays.setAll(strict, i -> namespace("n" + i).with(policy("p", MtlsMode.STRICT)));
      look(TEN.plusSeconds(second), strict);
    }

    assertEquals(1, saves[0]);
  }

  /** Or whoever may make policies in one namespace fills the record of all. */
  @Test
  void aNamespaceFullOfPoliciesIsOneLineOfTheRecord() {
    MeshBuilders.PolicyBuilder[] many = new MeshBuilders.PolicyBuilder[500];
    Arrays.setAll(many, i -> policy("p" + i, MtlsMode.STRICT));
    look(TEN, namespace("foo").with(many), namespace("bar"));

    assertEquals(Set.of("foo"), ledger.openings().closing().keySet());
    assertEquals(16, ledger.openings().closing().get("foo").length());
    leads();
    look(NINETEEN, namespace("foo").with(Arrays.copyOf(many, 499)), namespace("bar"));

    assertEquals(NINETEEN, openings.of("foo"));
  }

  /** As previews of each change in a namespace of its own. What is not named any more holds. */
  @Test
  void namespacesThatComeAndGoTakeBoundedRoom() {
    MeshBuilders.NamespaceBuilder bar = namespace("bar");
    Instant at = TEN;
    for (int day = 0; day < 40; day++) {
      MeshBuilders.NamespaceBuilder[] previews = new MeshBuilders.NamespaceBuilder[501];
      int first = day * 500;
      Arrays.setAll(
          previews,
          i ->
              i == 500
                  ? bar
                  : namespace("preview-" + (first + i)).with(policy("p", MtlsMode.STRICT)));
      look(at, previews);
      at = at.plus(Duration.ofMinutes(2));
      look(at, bar);
      at = at.plus(Duration.ofMinutes(2));
    }
    int named = ledger.openings().opened().size();
    Instant end = at.minus(Duration.ofMinutes(2));

    assertTrue(named <= 2_001, () -> named + " namespaces");
    assertEquals(Instant.EPOCH, openings.of("bar"));
    look(at, bar, namespace("preview-7"), namespace("preview-19999"));
    assertEquals(end, openings.of("preview-19999"));
    assertFalse(openings.of("preview-7").isBefore(TEN.plus(Duration.ofMinutes(2))));
    leads();
    look(at, bar, namespace("preview-8"));
    assertFalse(openings.of("preview-8").isBefore(TEN.plus(Duration.ofMinutes(2))));
  }

  /** As one whose node is gone: it is not written each minute that it still does. */
  @Test
  void aProxyThatNeverFollowsIsRecordedOnce() {
    look(TEN, namespace("foo").with(policy("default", MtlsMode.STRICT)));
    sync = new ProxySync.Status.Lagging(List.of("foo/a"));
    for (int minute = 2; minute < 10; minute += 2) {
      look(TEN.plus(Duration.ofMinutes(minute)), namespace("foo"));
    }
    OpeningsRecord told = ledger.openings();
    for (int minute = 10; minute <= 20; minute += 2) {
      look(TEN.plus(Duration.ofMinutes(minute)), namespace("foo"));
    }

    assertEquals(told, ledger.openings());
    assertEquals(TEN.plus(Duration.ofMinutes(20)), openings.of("foo"));
  }

  @Test
  void whatOneProcessSawToOpenTheNextOneKnows() {
    look(TEN, namespace("foo").with(policy("default", MtlsMode.STRICT)));
    look(TEN.plusSeconds(70), namespace("foo"));
    leads();
    look(NINETEEN, namespace("foo"));

    assertEquals(TEN.plusSeconds(70), openings.of("foo"));
  }

  /** It refuses plaintext until it follows, whoever leads then. */
  @Test
  void aNamespaceIsOpenWhenTheLastProxyHasFollowed() {
    look(TEN, namespace("foo").with(policy("default", MtlsMode.STRICT)));
    sync = new ProxySync.Status.Lagging(List.of("foo/a"));
    look(TEN.plusSeconds(60), namespace("foo"));
    look(TEN.plusSeconds(90), namespace("foo"));
    assertEquals(TEN.plusSeconds(60), openings.of("foo"));
    look(TEN.plusSeconds(180), namespace("foo"));
    assertEquals(TEN.plusSeconds(180), openings.of("foo"));

    leads();
    sync = new ProxySync.Status.Synced();
    look(NINETEEN, namespace("foo"));
    look(NINETEEN.plusSeconds(5), namespace("foo"));

    assertEquals(NINETEEN, openings.of("foo"));
  }

  /** Or each new leader of a large mesh would begin all windows anew. */
  @Test
  void anAnswerThatIstiodStillOwesIsNoProxyThatLags() {
    sync = new ProxySync.Status.Unknown("istiod has not answered yet");
    look(TEN, MtlsMode.PERMISSIVE, LONG_AGO);
    look(TEN.plusSeconds(20), MtlsMode.PERMISSIVE, LONG_AGO);
    sync = new ProxySync.Status.Synced();
    look(TEN.plusSeconds(25), MtlsMode.PERMISSIVE, LONG_AGO);

    assertEquals(LONG_AGO, openings.of("foo"));
  }

  @Test
  void ofAnIstiodThatDoesNotAnswerNobodyKnowsWhoLags() {
    sync = new ProxySync.Status.Unknown("istiod is down");
    look(TEN, MtlsMode.PERMISSIVE, LONG_AGO);
    look(TEN.plusSeconds(70), MtlsMode.PERMISSIVE, LONG_AGO);
    sync = new ProxySync.Status.Synced();
    look(TEN.plusSeconds(75), MtlsMode.PERMISSIVE, LONG_AGO);

    assertEquals(TEN.plusSeconds(75), openings.of("foo"));
  }

  @Test
  void aNamespaceThatIsDeletedTakesItsPolicyAlong() {
    look(TEN, namespace("foo").with(policy("default", MtlsMode.STRICT)), namespace("bar"));
    look(TEN.plusSeconds(60), namespace("bar"));
    look(TEN.plusSeconds(120), namespace("foo"), namespace("bar"));

    assertEquals(TEN.plusSeconds(60), openings.of("foo"));
    assertEquals(Instant.EPOCH, openings.of("bar"));
  }

  /** Two led for a while, each of which saw an opening. */
  @Test
  void nothingIsLostWhenAnotherProcessHasSavedMore() {
    look(TEN, namespace("foo").with(policy("default", MtlsMode.STRICT)), namespace("bar"));
    Openings first = openings;
    leads();
    look(
        TEN.plusSeconds(60), namespace("foo"), namespace("bar").with(policy("p", MtlsMode.STRICT)));
    openings = first;
    Instant later = TEN.plusSeconds(90);
    assertThrows(
        RolloutLedger.StaleRecordException.class,
        () -> look(later, namespace("foo"), namespace("bar").with(OpeningsTest::quiet)));
    look(later.plusSeconds(5), namespace("foo"), namespace("bar"));

    assertEquals(later, openings.of("foo"));
    assertEquals(later.plusSeconds(5), openings.of("bar"));
  }

  /** A new leader ticks before its watches have answered. */
  @Test
  void whatHasNotBeenReadYetIsNotGone() {
    MeshBuilders.NamespaceBuilder strict =
        namespace("bar").with(policy("default", MtlsMode.STRICT));
    look(
        TEN,
        namespace("istio-system").with(policy("p", MtlsMode.STRICT)),
        namespace("foo"),
        strict);
    leads();
    look(NINETEEN, Instant.EPOCH);
    assertEquals(Instant.EPOCH, openings.of("bar"));

    look(NINETEEN.plusSeconds(70), namespace("istio-system"), namespace("foo"), strict);

    assertEquals(NINETEEN.plusSeconds(70), openings.of("foo"));
  }

  /** The watch of a new leader hangs: it does not know what the one before it knew last. */
  @Test
  void whatOldFactsLackIsLeftToTheNextLeader() {
    look(TEN, namespace("foo").with(policy("default", MtlsMode.STRICT)));
    leads();
    look(TEN.plusSeconds(600), TEN.minusSeconds(600), namespace("foo"));
    leads();
    look(NINETEEN, namespace("foo"));

    assertEquals(NINETEEN, openings.of("foo"));
  }

  @Test
  void whatOpensWhileTheRecordCannotBeReadIsSeen() {
    RolloutLedger away =
        new AroundLedger(ledger) {
          @Override
          public OpeningsRecord openings() {
            throw new UnavailableException("it may not be read");
          }
        };
    openings = new Openings(away, Limits.DEFAULT);
    for (Instant at : List.of(TEN, TEN.plusSeconds(60), TEN.plusSeconds(120))) {
      MeshBuilders.NamespaceBuilder foo = namespace("foo");
      if (at.equals(TEN.plusSeconds(60))) {
        foo.with(policy("default", MtlsMode.STRICT));
      }
      assertThrows(RolloutLedger.UnavailableException.class, () -> look(at, foo));
    }

    assertEquals(TEN.plusSeconds(120), openings.of("foo"));
  }

  @Test
  void aPolicyMayHaveBeenStrictUntilItsLastChangeBeforeTheFirstLook() {
    look(TEN, MtlsMode.PERMISSIVE, TEN.minusSeconds(600));

    assertEquals(TEN.minusSeconds(600), openings.of("foo"));
  }

  @Test
  void whatWasSeenToOpenHasOpenedNow() {
    look(TEN, MtlsMode.STRICT, LONG_AGO);
    look(TEN.plusSeconds(5), MtlsMode.PERMISSIVE, LONG_AGO);

    assertEquals(TEN.plusSeconds(5), openings.of("foo"));
  }

  /** Another process led: STRICT for eight hours, and PERMISSIVE again. */
  @Test
  void whatChangedWhileAnotherProcessLedMayHaveBeenStrict() {
    look(TEN, MtlsMode.PERMISSIVE, LONG_AGO);
    openings.usurped(NINETEEN.plusSeconds(3590));
    look(NINETEEN.plusSeconds(3600), MtlsMode.PERMISSIVE, NINETEEN);

    assertEquals(NINETEEN, openings.of("foo"));
  }

  /** A lease that lapses, and that nobody else takes, stays in its term: no other process led. */
  @Test
  void afterALeadThatLapsedAllSilenceBeginsAnew() {
    look(TEN, namespace("foo"), namespace("bar"));
    look(NINETEEN, NINETEEN.minusSeconds(70), namespace("foo"));
    assertEquals(Instant.EPOCH, openings.of("foo"), "old facts lack what is there");

    look(NINETEEN.plusSeconds(1), namespace("foo"), namespace("bar"));
    assertEquals(NINETEEN.plusSeconds(1), openings.of("foo"));
    assertEquals(NINETEEN.plusSeconds(1), openings.of("bar"));
  }

  /** The leader looks on all the time, at facts that do not move. */
  @Test
  void afterAWatchThatHungAllSilenceBeginsAnew() {
    look(TEN, namespace("foo"));
    look(TEN.plusSeconds(100), TEN, namespace("foo"));
    look(TEN.plusSeconds(200), TEN, namespace("foo"));
    assertEquals(Instant.EPOCH, openings.of("foo"));

    look(TEN.plusSeconds(210), namespace("foo"));
    assertEquals(TEN.plusSeconds(210), openings.of("foo"));
  }

  /** It follows one that led until now: its first facts were old, and what they lacked was seen. */
  @Test
  void aLeaderWhoseFirstFactsWereOldHasMissedNothing() {
    openings.usurped(NINETEEN.minusSeconds(60));
    look(NINETEEN, TEN, namespace("foo"));
    look(NINETEEN.plusSeconds(1), namespace("foo"));

    assertEquals(Instant.EPOCH, openings.of("foo"));
  }

  @Test
  void aClockThatWasSetBackHasSeenNothingMeanwhile() {
    look(NINETEEN.plusSeconds(3600), MtlsMode.PERMISSIVE, LONG_AGO);
    look(NINETEEN.plusSeconds(60), MtlsMode.PERMISSIVE, NINETEEN);

    assertEquals(NINETEEN, openings.of("foo"));
  }

  /** As that of a machine that was suspended: what it dated until it was set came later. */
  @Test
  void whatAClockDatedThatWasSetForwardOpenedLater() {
    look(TEN, namespace("foo").with(policy("default", MtlsMode.STRICT)));
    look(TEN.plusSeconds(5), namespace("foo"));
    look(NINETEEN, namespace("foo"));

    assertEquals(NINETEEN, openings.of("foo"));
    leads();
    look(NINETEEN.plusSeconds(5), namespace("foo"));
    assertEquals(NINETEEN, openings.of("foo"));
  }

  @Test
  void aChangeThatWasWatchedAndOpenedNothingIsNone() {
    look(TEN, MtlsMode.PERMISSIVE, LONG_AGO);
    look(TEN.plusSeconds(10), MtlsMode.PERMISSIVE, TEN.plusSeconds(5));

    assertEquals(LONG_AGO, openings.of("foo"));
  }

  @Test
  void anOpeningThatWasSeenStaysThoughAnotherProcessLedLater() {
    look(TEN, MtlsMode.STRICT, LONG_AGO);
    look(TEN.plusSeconds(5), MtlsMode.PERMISSIVE, LONG_AGO);
    openings.usurped(NINETEEN);
    look(NINETEEN, MtlsMode.PERMISSIVE, LONG_AGO);

    assertEquals(TEN.plusSeconds(5), openings.of("foo"));
  }

  /** STRICT that somebody tries and takes back meanwhile leaves no trace. */
  @Test
  void afterATimeInWhichNobodyLedAllSilenceBeginsAnew() {
    look(TEN, namespace("foo"), namespace("bar"));
    leads();
    openings.usurped(NINETEEN.minusSeconds(121));
    look(NINETEEN, NINETEEN.minusSeconds(70), namespace("foo"));
    assertEquals(Instant.EPOCH, openings.of("foo"), "old facts lack what is there");

    look(NINETEEN, namespace("foo"), namespace("bar"));
    assertEquals(NINETEEN, openings.of("foo"));
    assertEquals(NINETEEN, openings.of("bar"));
    look(NINETEEN.plusSeconds(60), namespace("foo"), namespace("bar"));
    assertEquals(NINETEEN, openings.of("bar"));
  }

  /** Or each new leader would begin all windows anew, and each look of one that stays. */
  @Test
  void aLeadThatChangesHandsIsNoTimeInWhichNobodyLed() {
    look(TEN, MtlsMode.PERMISSIVE, LONG_AGO);
    leads();
    openings.usurped(NINETEEN.minusSeconds(120));
    look(NINETEEN, MtlsMode.PERMISSIVE, LONG_AGO);

    assertEquals(LONG_AGO, openings.of("foo"));
  }

  /** Somebody has deleted the Lease, which alone says so; the record shows that somebody led. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whereNobodySaysUntilWhenAnotherLedAllSilenceBeginsAnew(boolean same) {
    openings.usurped(Instant.MIN);
    look(TEN, MtlsMode.PERMISSIVE, LONG_AGO);
    assertEquals(LONG_AGO, openings.of("foo"), "nobody led before");
    look(TEN.plusSeconds(60), MtlsMode.STRICT, TEN.plusSeconds(30));
    look(TEN.plusSeconds(70), MtlsMode.PERMISSIVE, TEN.plusSeconds(65));
    if (!same) {
      leads();
    }
    openings.usurped(Instant.MIN);

    look(NINETEEN, MtlsMode.PERMISSIVE, LONG_AGO);

    assertEquals(NINETEEN, openings.of("foo"));
    look(NINETEEN.plusSeconds(60), MtlsMode.PERMISSIVE, LONG_AGO);
    assertEquals(NINETEEN, openings.of("foo"));
  }

  /** It may have looked itself all the time, as where the lease alone was away. */
  @Test
  void whatThisProcessSawItselfWasWatched() {
    look(NINETEEN.minusSeconds(60), MtlsMode.PERMISSIVE, LONG_AGO);
    openings.usurped(TEN);
    look(NINETEEN, MtlsMode.PERMISSIVE, LONG_AGO);

    assertEquals(LONG_AGO, openings.of("foo"));
  }

  /** A workload is made anew: between its pods, its policy goes. */
  @Test
  void aWorkloadThatHasNoPodsMayBeReopenedAsWell() {
    look(
        TEN,
        namespace("foo")
            .with(sidecarPod("a").label("app", "a"))
            .with(policy("a", MtlsMode.STRICT).selector("app", "a")));
    look(TEN.plusSeconds(1), namespace("foo"));

    assertEquals(TEN.plusSeconds(1), openings.of("foo"));
  }

  /** First its pods go, then its policy. */
  @Test
  void aWorkloadThatHadNoPodsMayBeReopenedAsWell() {
    look(TEN, namespace("foo").with(policy("a", MtlsMode.STRICT).selector("app", "a")));
    look(TEN.plusSeconds(1), namespace("foo"));

    assertEquals(TEN.plusSeconds(1), openings.of("foo"));
  }
}
