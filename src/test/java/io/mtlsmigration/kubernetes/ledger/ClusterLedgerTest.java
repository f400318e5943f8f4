// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.mtlsmigration.kubernetes.resource.MigrationPlan;
import io.mtlsmigration.kubernetes.resource.NamespaceMigration;
import io.mtlsmigration.mesh.MtlsMode;
import io.mtlsmigration.mesh.ObjectRef;
import io.mtlsmigration.mesh.PeerAuthentication;
import io.mtlsmigration.plan.LedgerEntry;
import io.mtlsmigration.plan.PolicyChange;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.LedgerContract;
import io.mtlsmigration.rollout.OpeningsRecord;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.Records;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.RolloutLedger.StaleRecordException;
import io.mtlsmigration.rollout.RolloutLedger.UnavailableException;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.testing.ApiClients;
import io.mtlsmigration.testing.FreePort;
import io.mtlsmigration.testing.HalfOpenRelay;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What it promises, and saves, reads and conflicts of several replicas. */
final class ClusterLedgerTest extends LedgerContract {

  private static final Clock CLOCK = Clock.fixed(Records.NOW, ZoneOffset.UTC);

  private static final LedgerEntry LOCK =
      new LedgerEntry(
          ObjectRef.peerAuthentication("foo", "default"),
          "policy-uid",
          PeerAuthentication.Spec.of(MtlsMode.PERMISSIVE),
          PeerAuthentication.Spec.of(MtlsMode.STRICT),
          MtlsMode.PERMISSIVE,
          Map.of(),
          PolicyChange.Purpose.LOCK,
          "7",
          Records.NOW);

  private final MockCluster cluster = new MockCluster();
  private final ClusterLedger ledger = cluster.replica(CLOCK);

  @Override
  protected RolloutLedger ledger() {
    return ledger;
  }

  @AfterEach
  void stop() {
    cluster.close();
  }

  @Test
  void takesTheUidOfTheObject() {
    PlanRecord plan = ledger.save(Records.plan("q4"));

    assertEquals(cluster.plans().withName("q4").get().getMetadata().getUid(), plan.uid());
  }

  @Test
  void givesNoNewVersionToWhatHasNotChanged() {
    PlanRecord plan = ledger.save(Records.plan("q4"));
    StepRecord step = ledger.save(Records.step("q4", "foo"));
    String before = cluster.steps().withName("q4.foo").get().getMetadata().getResourceVersion();

    assertEquals(plan, ledger.save(plan));
    assertEquals(step, ledger.save(step));

    assertEquals(
        before, cluster.steps().withName("q4.foo").get().getMetadata().getResourceVersion());
  }

  @Test
  void readsAfterARestartWhatWasSavedBefore() {
    PlanRecord plan = ledger.save(Records.plan("q4"));
    StepRecord step = ledger.save(Records.with(ledger.save(Records.step("q4", "foo")), "two"));
    ledger.close();

    ClusterLedger next = cluster.replica(CLOCK);

    assertEquals(List.of(plan), next.plans());
    assertEquals(List.of(step), next.steps("q4"));
  }

  @Test
  void ofTwoRecordsOfOpeningsOneIsFirst() {
    ClusterLedger other = cluster.replica(CLOCK);
    OpeningsRecord begun = new OpeningsRecord("", Map.of(), Set.of(), Map.of("foo", Records.NOW));
    ledger.openings();
    other.openings();
    OpeningsRecord first = other.save(begun);

    assertThrows(StaleRecordException.class, () -> ledger.save(begun));

    assertEquals(first, ledger.openings());
    cluster.openings().delete();
    assertThrows(StaleRecordException.class, () -> ledger.save(first));
    assertEquals(OpeningsRecord.NONE, ledger.openings());
    assertEquals(first.opened(), ledger.save(begun).opened());
  }

  /** Of a large mesh whose root namespace was opened. The API server takes 1 MiB. */
  @Test
  void aRecordOfOpeningsOfTenThousandNamespacesFitsIntoAnObject() {
    Map<String, String> closing = new HashMap<>();
    Map<String, Instant> opened = new HashMap<>();
    Random random = new Random(7);
    for (int i = 0; i < 10_000; i++) {
      String namespace = "team-%08x-production-namespace".formatted(random.nextInt());
      closing.put(namespace, "%016x".formatted(random.nextLong()));
      opened.put(namespace, Records.NOW.plusNanos(random.nextLong(1L << 50)));
    }

    OpeningsRecord saved = ledger.save(new OpeningsRecord("", closing, closing.keySet(), opened));

    int size = cluster.openings().get().getData().values().stream().mapToInt(String::length).sum();
    assertTrue(size < 1 << 20, () -> size + " bytes");
    assertEquals(saved, ledger.openings());
    assertEquals(opened, ledger.openings().opened());
    assertEquals(Map.of(), ledger.save(OpeningsRecord.NONE.withVersion(saved.version())).opened());
    assertEquals(Map.of(), ledger.openings().opened());
  }

  /** Whoever edits it by hand is told the line, and nothing is taken for what it does not say. */
  @Test
  void aRecordOfOpeningsThatCannotBeReadIsNone() {
    ledger.save(new OpeningsRecord("", Map.of(), Set.of(), Map.of("foo", Records.NOW)));
    cluster
        .openings()
        .edit(map -> new ConfigMapBuilder(map).addToData("opened", "foo today").build());

    UnavailableException told = assertThrows(UnavailableException.class, ledger::openings);

    assertTrue(told.getMessage().contains("today"), told::getMessage);
  }

  @Test
  void ofTwoReplicasOneIsFirst() {
    ClusterLedger other = cluster.replica(CLOCK);
    PlanRecord plan = ledger.save(Records.plan("q4"));
    await().until(() -> other.plan("q4").isPresent());

    PlanRecord running = ledger.save(Records.with(plan, PlanPhase.RUNNING));

    assertThrows(
        StaleRecordException.class, () -> other.save(Records.with(plan, PlanPhase.ABORTED)));
    assertEquals(running, other.plan("q4").orElseThrow());
  }

  /** A replica whose watch is late, for ever here. */
  @Test
  void findsWhatAnotherReplicaHasJustMade() {
    ClusterLedger late = cluster.replica(CLOCK);
    late.close();
    PlanRecord plan = ledger.save(Records.plan("q4"));
    StepRecord step = ledger.save(Records.step("q4", "foo"));
    assertTrue(late.plan("q4").isEmpty());

    assertEquals(step, late.seek("q4", new StepKey("foo")).orElseThrow());
    assertEquals(plan, late.seek("q4").orElseThrow());
  }

  @Test
  void asksNoMoreThanTenTimesASecondForWhatDoesNotExist() {
    ClusterLedger late = cluster.replica(CLOCK);
    late.close();
    for (int i = 0; i < 10; i++) {
      assertTrue(late.seek("none-" + i).isEmpty());
      assertTrue(late.seek("None of a kind/" + i).isEmpty());
    }
    ledger.save(Records.plan("q4"));

    assertTrue(late.seek("q4").isEmpty());
  }

  @Test
  void isNotStaleForWhatIsNoneOfTheRecord() {
    PlanRecord plan = ledger.save(Records.plan("q4"));
    StepRecord step = ledger.save(Records.step("q4", "foo"));
    cluster.plans().withName("q4").edit(o -> labelled(o));
    cluster.steps().withName("q4.foo").edit(o -> labelled(o));

    PlanRecord running = ledger.save(Records.with(plan, PlanPhase.RUNNING));
    StepRecord next = ledger.save(Records.with(step, "two"));

    assertNotEquals(plan.version(), running.version());
    assertEquals("two", next.message());
    assertEquals("b", cluster.plans().withName("q4").get().getMetadata().getLabels().get("a"));
  }

  private static GenericKubernetesResource labelled(GenericKubernetesResource object) {
    Map<String, String> labels =
        new java.util.HashMap<>(
            object.getMetadata().getLabels() == null ? Map.of() : object.getMetadata().getLabels());
    labels.put("a", "b");
    object.getMetadata().setLabels(labels);
    return object;
  }

  @Test
  void deletesAllObjectsOfAPlan() {
    PlanRecord plan = ledger.save(Records.plan("q4"));
    ledger.save(Records.step("q4", "foo"));

    ledger.delete("q4", plan.version());

    assertNull(cluster.plans().withName("q4").get());
    assertNull(cluster.steps().withName("q4.foo").get());
  }

  /** A replica that was slow deletes what it knew, and not what was made anew since. */
  @Test
  void deletesNothingThatWasMadeAnew() {
    ledger.save(Records.plan("q4"));
    ledger.save(Records.step("q4", "foo"));
    ResourceApi steps =
        new ResourceApi(
            cluster.client,
            cluster.client,
            ResourceDefinitionContext.fromResourceType(NamespaceMigration.class),
            MockCluster.OWN);
    String uid = cluster.steps().withName("q4.foo").get().getMetadata().getUid();

    steps.delete("q4.foo", "of-before");
    assertNotNull(cluster.steps().withName("q4.foo").get());

    steps.delete("q4.foo", uid);
    assertNull(cluster.steps().withName("q4.foo").get());
    steps.delete("q4.foo", uid);
  }

  @Test
  void tellsASilentServerFromOneThatRefuses() {
    try (KubernetesClient nobody = ApiClients.of(FreePort.next())) {
      ResourceApi plans =
          new ResourceApi(
              nobody, nobody, ResourceDefinitionContext.fromResourceType(MigrationPlan.class), "");

      String away =
          String.valueOf(
              assertThrows(UnavailableException.class, () -> plans.get("q4")).getMessage());

      assertTrue(away.contains("the API server does not answer"), away);
    }
  }

  @Test
  void neverLooksEmptyBeforeItHasRead() {
    try (ClusterLedger unread =
        new ClusterLedger(cluster.client, cluster.client, MockCluster.OWN, CLOCK)) {
      assertThrows(UnavailableException.class, unread::plans);
      assertThrows(UnavailableException.class, () -> unread.plan("q4"));
    }
  }

  /** It says nothing for a minute where a server that is there sends a bookmark at least. */
  @Test
  void followsAnewWhenAConnectionHasGoneSilent() throws Exception {
    try (HalfOpenRelay relay = new HalfOpenRelay(cluster.port());
        KubernetesClient watching =
            ApiClients.of("http://127.0.0.1:" + relay.port(), Duration.ofMillis(500));
        ClusterLedger behind = cluster.replica(CLOCK, watching)) {
      ledger.save(Records.plan("before"));
      await().until(() -> behind.plan("before").isPresent());
      relay.forget();

      ledger.save(Records.plan("after"));

      await().atMost(Duration.ofSeconds(25)).until(() -> behind.plan("after").isPresent());
    }
  }

  @Test
  void holdsAPlanWithAStepThatCannotBeRead() {
    ledger.save(Records.plan("spoilt"));
    ledger.save(Records.step("spoilt", "foo"));
    StepRecord other = ledger.save(Records.step("spoilt", "baz"));
    ledger.save(Records.plan("whole"));
    StepRecord whole = ledger.save(Records.step("whole", "bar"));

    cluster.steps().withName("spoilt.foo").editStatus(o -> spoilt(o));

    await().until(() -> !ledger.faults().isEmpty());
    UnavailableException held =
        assertThrows(UnavailableException.class, () -> ledger.steps("spoilt"));
    assertTrue(held.getMessage().contains("/status/phase"), held.getMessage());
    assertEquals(List.of(whole), ledger.steps("whole"));
    assertEquals(
        new RolloutLedger.Steps(List.of(other), Set.of(new StepKey("foo"))),
        ledger.readable("spoilt"));
    assertEquals(new RolloutLedger.Steps(List.of(whole), Set.of()), ledger.readable("whole"));
  }

  /** It may be this plan's: what it undoes would be lost. */
  @Test
  void replacesNoStepOfWhichNobodyKnowsWhoseItIs() {
    ledger.save(Records.plan("q4"));
    ledger.save(Records.step("q4", "foo"));
    cluster
        .steps()
        .withName("q4.foo")
        .edit(
            object -> {
              object.getMetadata().setLabels(Map.of());
              return object;
            });
    await().until(() -> !ledger.faults().isEmpty());

    assertThrows(UnavailableException.class, () -> ledger.save(Records.step("q4", "foo")));
    assertNotNull(cluster.steps().withName("q4.foo").get());
  }

  /** Somebody has removed its finalizer, and makes another one of its name. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void replacesNoStepThatIsNeededToUndoAnEarlierPlan(boolean restarted) {
    ledger.save(Records.plan("q4"));
    StepRecord locked = Records.wrote(Records.step("q4", "foo"), LOCK);
    ledger.save(locked);
    forced("q4");
    ClusterLedger next = restarted ? cluster.replica(CLOCK) : ledger;
    PlanRecord again = next.save(Records.plan("q4"));

    UnavailableException begun =
        assertThrows(
            UnavailableException.class, () -> next.save(Records.with(again, PlanPhase.RUNNING)));
    assertThrows(UnavailableException.class, () -> next.save(Records.step("q4", "foo")));

    assertTrue(begun.getMessage().contains("PeerAuthentication foo/default"), begun.getMessage());
    cluster
        .steps()
        .withName("q4.foo")
        .edit(
            object -> {
              object.getMetadata().getLabels().put(LedgerObjects.PLAN_UID_LABEL, again.uid());
              return object;
            });
    await().until(() -> next.step("q4", new StepKey("foo")).isPresent());
    assertEquals(List.of(LOCK), next.step("q4", new StepKey("foo")).orElseThrow().ledger());
    next.save(Records.with(again, PlanPhase.RUNNING));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void replacesAStepOfAnEarlierPlanThatHasWrittenNothing(boolean restarted) {
    ledger.save(Records.plan("q4"));
    ledger.save(Records.with(Records.step("q4", "foo"), "of before"));
    forced("q4");
    ClusterLedger next = restarted ? cluster.replica(CLOCK) : ledger;
    PlanRecord again = next.save(Records.plan("q4"));
    next.save(Records.with(again, PlanPhase.RUNNING));

    next.save(Records.step("q4", "foo"));

    assertEquals("begins", next.step("q4", new StepKey("foo")).orElseThrow().message());
  }

  private void forced(String plan) {
    cluster
        .plans()
        .withName(plan)
        .edit(
            object -> {
              object.getMetadata().setFinalizers(List.of());
              return object;
            });
    cluster.plans().withName(plan).delete();
    await().until(() -> ledger.plan(plan).isEmpty());
  }

  @SuppressWarnings("unchecked")
  private static GenericKubernetesResource spoilt(GenericKubernetesResource object) {
    ((Map<String, Object>) object.get("status")).put("phase", "NONSENSE");
    return object;
  }

  @Test
  void startsNothingBesideAPlanThatCannotBeRead() {
    ledger.save(Records.plan("spoilt"));
    PlanRecord whole = ledger.save(Records.plan("whole"));
    PlanRecord done = ledger.save(Records.plan("done"));
    done = ledger.save(Records.with(done, PlanPhase.RUNNING));
    PlanRecord ended = ledger.save(Records.with(done, PlanPhase.COMPLETED));

    cluster.plans().withName("spoilt").editStatus(o -> spoilt(o));
    await().until(() -> !ledger.faults().isEmpty());

    assertThrows(
        UnavailableException.class, () -> ledger.save(Records.with(whole, PlanPhase.RUNNING)));
    assertThrows(
        UnavailableException.class, () -> ledger.save(Records.with(ended, PlanPhase.PAUSED)));
    ledger.save(Records.with(ended, PlanPhase.ROLLED_BACK));
    assertThrows(UnavailableException.class, () -> ledger.plan("spoilt"));
  }

  @Test
  void takesASaveForMadeWhenOnlyItsAnswerWasLost() {
    PlanRecord plan = ledger.save(Records.plan("q4"));
    cluster.api.losesAnswer = true;

    PlanRecord running = ledger.save(Records.with(plan, PlanPhase.RUNNING));

    assertEquals(PlanPhase.RUNNING, running.phase());
    assertEquals(running, ledger.plan("q4").orElseThrow());
  }

  /** The answer that there is none was true when it was given. */
  @Test
  void losesNothingThatIsMadeWhileItIsLookedFor() {
    cluster.whenMissing.set(() -> ledger.save(Records.plan("q4")));

    ledger.live("q4");

    assertEquals(List.of("q4"), ledger.plans().stream().map(PlanRecord::name).toList());
    cluster.whenMissing.set(() -> ledger.save(Records.step("q4", "foo")));
    ledger.live("q4", new StepKey("foo"));
    assertEquals(1, ledger.steps("q4").size());
  }

  @Test
  void knowsWhatIsAskedOfAPlanAsSoonAsItLooks() {
    PlanRecord plan = ledger.save(Records.plan("q4"));
    assertFalse(ledger.unanswered(plan));
    ledger.close(); // so that no watch tells it

    cluster
        .plans()
        .withName("q4")
        .edit(
            object -> {
              object.getMetadata().setAnnotations(Map.of("mtls-migration.io/action", "pause"));
              return object;
            });

    assertFalse(ledger.unanswered(plan));
    ledger.live("q4");
    assertTrue(ledger.unanswered(plan));
  }

  /** As while somebody replaces their definitions. */
  @Test
  void forgetsNothingWhileItsKindsAreNotServed() {
    ledger.save(Records.plan("q4"));
    ledger.save(Records.step("q4", "foo"));
    cluster.api.unserved = true;

    assertThrows(UnavailableException.class, () -> ledger.live("q4"));
    assertThrows(UnavailableException.class, () -> ledger.live("q4", new StepKey("foo")));

    cluster.api.unserved = false;
    assertEquals("q4", ledger.live("q4").orElseThrow().name());
    assertEquals(1, ledger.steps("q4").size());
  }

  /** Such as an object that an older CRD does not take any more. */
  @ParameterizedTest
  @ValueSource(strings = {"foo", "bar"})
  void keepsEventsOfAllObjectsButTheOneThatIsRefused(String refused) {
    ledger.save(Records.plan("q4"));
    ledger.save(Records.step("q4", "foo"));
    ledger.save(Records.step("q4", "bar"));
    cluster.api.refused = "q4." + refused;

    ledger.append(Records.event("q4", "foo", "seen"));
    ledger.append(Records.event("q4", "bar", "seen"));

    String other = refused.equals("foo") ? "bar" : "foo";
    await().until(() -> stored("q4." + other).contains("seen"));
  }

  /** Such as a stream whose server is being stopped. */
  @Test
  void isKnownThoughAListenerFails() {
    ClusterLedger other = cluster.replica(CLOCK);
    PlanRecord plan = ledger.save(Records.plan("q4"));
    await().until(() -> other.plans().size() == 1);
    AutoCloseable unused =
        ledger.subscribe(
            event -> {
              throw new IllegalStateException("a reader has gone");
            });

    other.append(Records.event("q4", "", "seen"));
    PlanRecord running = other.save(Records.with(plan, PlanPhase.RUNNING));

    await().until(() -> ledger.plan("q4").filter(running::equals).isPresent());
    assertEquals(List.of(running), ledger.plans());
  }

  @Test
  void keepsEventsAlthoughAnAnswerCouldNotBeUnderstood() {
    ledger.save(Records.plan("q4"));
    ledger.save(Records.step("q4", "foo"));
    ledger.append(Records.event("q4", "foo", "first"));
    cluster.api.garblesAnswer = true;
    await().until(() -> stored("q4.foo").contains("first"));

    ledger.append(Records.event("q4", "foo", "second"));

    await().until(() -> stored("q4.foo").contains("second"));
  }

  @Test
  void keepsEventsThoughAnErrorKeptThemFromBeingWritten() {
    ledger.save(Records.plan("q4"));
    ledger.save(Records.step("q4", "foo"));
    cluster.error.set(new StackOverflowError());

    ledger.append(Records.event("q4", "foo", "seen"));

    await().until(() -> stored("q4.foo").contains("seen"));
  }

  /** Once it has read everything, lists tell what is new, too. */
  @Test
  void tellsEventsOfOtherReplicasAlsoWhileItCannotWatch() {
    ledger.save(Records.plan("q4"));
    cluster.api.watchless = true;
    ClusterLedger other = cluster.idle(CLOCK);
    List<Event> told = new CopyOnWriteArrayList<>();
    AutoCloseable unused = other.subscribe(told::add);
    CompletableFuture<Void> started = other.start();
    await().until(other::synced);
    assertFalse(started.isDone());

    Event event = ledger.append(Records.event("q4", "", "seen"));

    await().atMost(20, TimeUnit.SECONDS).until(() -> other.events("q4").contains(event));
    assertEquals(List.of(event), told);
  }

  /** No watch tells of it again. */
  @Test
  void forgetsWhatIsGoneThoughTheServerWasAwayWhenItWasAsked() {
    StepKey foo = new StepKey("foo");
    ledger.save(Records.plan("q4"));
    ledger.save(Records.step("q4", "foo"));
    String touched = touched("q4.foo");
    // The watch has told all until then: what is read now is newer, for all that it knows.
    await().until(() -> ledger.stepObject("q4.foo").resourceVersion().equals(touched));
    assertTrue(ledger.live("q4", foo).isPresent());
    cluster.api.downOnceDeleted = true;

    cluster.steps().withName("q4.foo").delete();
    await().until(() -> cluster.api.readsInVain.get() > 2); // a read is repeated twice
    cluster.api.downOnceDeleted = false;
    cluster.api.down = false;

    await().atMost(20, TimeUnit.SECONDS).until(() -> ledger.step("q4", foo).isEmpty());
  }

  /** Returns the version that an object has after a change of its annotations. */
  private String touched(String step) {
    return cluster
        .steps()
        .withName(step)
        .edit(
            object -> {
              object.getMetadata().setAnnotations(Map.of("touched", "now"));
              return object;
            })
        .getMetadata()
        .getResourceVersion();
  }

  private String stored(String step) {
    return cluster.steps().withName(step).get().getAdditionalProperties().toString();
  }

  @Test
  void saysThatNobodyKnowsWhileTheServerIsAway() {
    PlanRecord plan = ledger.save(Records.plan("q4"));
    StepRecord step = ledger.save(Records.step("q4", "foo"));
    cluster.api.down = true;

    assertThrows(
        UnavailableException.class, () -> ledger.save(Records.with(plan, PlanPhase.RUNNING)));
    assertThrows(UnavailableException.class, () -> ledger.save(Records.with(step, "two")));

    cluster.api.down = false;
    assertEquals(step, ledger.step("q4", new StepKey("foo")).orElseThrow());
    assertEquals("two", ledger.save(Records.with(step, "two")).message());
  }
}
