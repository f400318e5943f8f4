// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import io.mtlsmigration.kubernetes.ledger.LedgerState.Source;
import io.mtlsmigration.kubernetes.resource.MigrationPlan;
import io.mtlsmigration.kubernetes.resource.NamespaceMigration;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.OpeningsRecord;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The ledger in custom resources: a MigrationPlan for each plan, and a NamespaceMigration in the
 * service's own namespace for each of its steps. Every replica has one. Reads come from memory,
 * which follows the API server; saves go to the API server and are visible here at once.
 *
 * <p>Until the first read is complete every method throws {@link UnavailableException}: an empty
 * ledger would allow a second plan to start beside one that is not known yet.
 */
public final class ClusterLedger implements RolloutLedger, AutoCloseable {

  private static final Logger LOG = Logger.getLogger(ClusterLedger.class);

  /** Of objects, in Kubernetes. */
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?");

  private static final Duration ASK_AGAIN = Duration.ofSeconds(5);

  /** The number of steps that lose an owner in one turn of their plan. */
  private static final int DISOWNED_AT_ONCE = 50;

  private final LookPace looks;
  private final EventLog log;
  private final LedgerState state;
  private final StepStore steps;
  private final PlanStore plans;
  private final EventKeeper keeper;
  private final OpeningsStore openings;
  private final SharedIndexInformer<GenericKubernetesResource> planInformer;
  private final SharedIndexInformer<GenericKubernetesResource> stepInformer;
  private final ExecutorService doubts =
      Executors.newSingleThreadExecutor(Thread.ofVirtual().name("ledger-doubts").factory());

  /**
   * Creates a ledger that is idle until {@link #start}.
   *
   * @param watching a client for the watches, which notices when one has gone silent
   * @param ownNamespace where the service runs and the steps are kept
   */
  public ClusterLedger(
      KubernetesClient client, KubernetesClient watching, String ownNamespace, Clock clock) {
    this(
        client,
        watching,
        ownNamespace,
        clock,
        ThreadLocalRandom.current().nextLong(EventLog.SLOTS));
  }

  ClusterLedger(
      KubernetesClient client,
      KubernetesClient watching,
      String ownNamespace,
      Clock clock,
      long slot) {
    ResourceApi planApi =
        new ResourceApi(
            client, watching, ResourceDefinitionContext.fromResourceType(MigrationPlan.class), "");
    ResourceApi stepApi =
        new ResourceApi(
            client,
            watching,
            ResourceDefinitionContext.fromResourceType(NamespaceMigration.class),
            ownNamespace);
    WriteLocks locks = new WriteLocks();
    this.looks = new LookPace(clock);
    this.log = new EventLog(clock, slot);
    this.state = new LedgerState(log);
    this.steps = new StepStore(stepApi, state, log, locks, ownNamespace);
    this.plans = new PlanStore(planApi, state, log, locks, steps);
    this.keeper = new EventKeeper(log, plans, steps);
    this.openings = new OpeningsStore(client, ownNamespace);
    this.planInformer =
        planApi.informer(
            new ObjectFeed(
                object -> state.accept(CachedPlan.of(object), Source.WATCH),
                name -> gone(true, name)));
    this.stepInformer =
        stepApi.informer(
            new ObjectFeed(
                object -> state.accept(CachedStep.of(object), Source.WATCH),
                name -> gone(false, name)));
  }

  /**
   * Starts reading and following; retries until {@link #close}.
   *
   * @return done when everything has been read
   */
  public CompletableFuture<Void> start() {
    // Wait for an API server that is not up yet, or does not know the kinds yet.
    planInformer.exceptionHandler((started, cause) -> retried("MigrationPlan", cause));
    stepInformer.exceptionHandler((started, cause) -> retried("NamespaceMigration", cause));
    keeper.start();
    doubts.execute(this::learn);
    state.tellOnce(this::synced);
    return CompletableFuture.allOf(
        planInformer.start().toCompletableFuture(), stepInformer.start().toCompletableFuture());
  }

  private static boolean retried(String kind, Throwable cause) {
    LOG.warnf("The ledger cannot be followed and is tried again kind=%s: %s", kind, cause);
    return true;
  }

  /** Returns whether everything has been read; from then on reads never miss an object. */
  public boolean synced() {
    return planInformer.hasSynced() && stepInformer.hasSynced();
  }

  @Override
  public List<String> faults() {
    return state.faults();
  }

  private void gone(boolean plan, String name) {
    if (!state.gone(plan, name)) {
      doubts.execute(() -> ask(plan, name));
    }
  }

  /**
   * Asks the API server, until it answers: the object that has gone may be an older one of that
   * name. No watch tells of it again.
   */
  private void ask(boolean plan, String name) {
    try {
      if (plan) {
        plans.refresh(name);
      } else {
        steps.refresh(name);
      }
    } catch (UnavailableException e) {
      LOG.warnf(
          "Could not find out whether an object is gone, and asks again name=%s: %s",
          name, e.getMessage());
      CompletableFuture.delayedExecutor(ASK_AGAIN.toMillis(), TimeUnit.MILLISECONDS, doubts)
          .execute(() -> ask(plan, name));
    }
  }

  private void ready() {
    if (!synced()) {
      throw new UnavailableException(
          "the ledger is still being read: the API server does not answer, or its custom resources"
              + " are not installed");
    }
  }

  @Override
  public List<PlanRecord> plans() {
    ready();
    return state.active();
  }

  @Override
  public Optional<PlanRecord> plan(String name) {
    ready();
    CachedPlan plan = state.plan(name);
    if (plan != null && plan.fault() != null) {
      throw new UnavailableException(plan.fault());
    }
    return Optional.ofNullable(plan).filter(CachedPlan::active).map(CachedPlan::record);
  }

  /** A watch is some hundred milliseconds late; who has just made a plan goes on at once. */
  @Override
  public Optional<PlanRecord> seek(String name) {
    Optional<PlanRecord> known = plan(name);
    return known.isEmpty() && looked(name, () -> plans.look(name)) ? plan(name) : known;
  }

  @Override
  public Optional<PlanRecord> live(String name) {
    plans.refresh(name);
    return plan(name);
  }

  @Override
  public Optional<StepRecord> live(String plan, StepKey key) {
    steps.refresh(LedgerObjects.stepName(plan, key));
    return step(plan, key);
  }

  @Override
  public Optional<StepRecord> seek(String plan, StepKey key) {
    if (seek(plan).isEmpty()) {
      return Optional.empty();
    }
    Optional<StepRecord> known = step(plan, key);
    String name = LedgerObjects.stepName(plan, key);
    return known.isEmpty() && looked(name, () -> steps.look(name)) ? step(plan, key) : known;
  }

  /** Returns whether it was looked for: names that nothing has, or too many of them, are not. */
  private boolean looked(String name, Runnable look) {
    try {
      return NAME.matcher(name).matches() && looks.look(name, look);
    } catch (UnavailableException e) {
      LOG.debugf("Could not look for an object name=%s: %s", name, e.getMessage());
      return false;
    }
  }

  @Override
  public boolean startable(PlanRecord draft) {
    CachedPlan plan = state.plan(draft.name());
    return plan != null
        && plan.uid().equals(draft.uid())
        && plan.active()
        && !plan.unwanted()
        && plan.reading().problems().isEmpty()
        && plan.reading().spec().equals(draft.spec());
  }

  @Override
  public boolean unanswered(PlanRecord plan) {
    CachedPlan held = state.plan(plan.name());
    return held != null && held.unanswered();
  }

  @Override
  public PlanRecord save(PlanRecord plan) {
    ready();
    return plans.save(plan);
  }

  @Override
  public void delete(String plan, String version) {
    ready();
    plans.delete(plan, version);
  }

  /**
   * Takes some of a plan's steps out of the reach of the garbage collector, where they are in it.
   */
  void disown(String planUid) {
    steps.disown(planUid, DISOWNED_AT_ONCE);
  }

  @Override
  public List<StepRecord> steps(String plan) {
    return plan(plan).map(known -> state.steps(known.uid())).orElse(List.of());
  }

  @Override
  public Steps readable(String plan) {
    return plan(plan)
        .map(known -> state.readable(known.uid()))
        .orElseGet(() -> new Steps(List.of(), Set.of()));
  }

  @Override
  public Optional<StepRecord> step(String plan, StepKey key) {
    return plan(plan).map(known -> state.step(known.uid(), key));
  }

  @Override
  public StepRecord save(StepRecord step) {
    PlanRecord plan =
        plan(step.plan())
            .orElseThrow(() -> new StaleRecordException("plan " + step.plan() + " is gone"));
    return steps.save(plan, step);
  }

  @Override
  public OpeningsRecord openings() {
    return openings.read();
  }

  @Override
  public OpeningsRecord save(OpeningsRecord next) {
    return openings.save(next);
  }

  @Override
  public OpeningsRecord recentOpenings(Instant now) {
    if (!doubts.isShutdown() && openings.outdated(now)) {
      doubts.execute(this::learn);
    }
    return openings.recent();
  }

  private void learn() {
    try {
      OpeningsRecord unused = openings.read();
    } catch (UnavailableException e) {
      LOG.warnf("It is not known which namespaces have opened: %s", e.getMessage());
    }
  }

  @Override
  public Event append(Event event) {
    ready();
    CachedPlan plan = state.plan(event.plan());
    if (plan == null || !plan.active()) {
      return log.pass(event::withId);
    }
    String about =
        StepKey.parse(event.subject())
            .map(key -> LedgerObjects.stepName(event.plan(), key))
            .filter(step -> state.step(step) != null)
            .orElseGet(() -> LedgerState.planObject(event.plan()));
    Event kept = log.append(plan.uid(), about, event::withId);
    keeper.wake();
    return kept;
  }

  @Override
  public List<Event> events(String plan) {
    List<PlanRecord> of = plan.isEmpty() ? plans() : plan(plan).stream().toList();
    return log.of(of.stream().map(PlanRecord::uid).toList());
  }

  @Override
  public long lastEvent() {
    return log.newest();
  }

  @Override
  public AutoCloseable subscribe(Consumer<Event> listener) {
    return log.subscribe(listener);
  }

  /** Returns all plan objects, including those that have not been taken. */
  List<CachedPlan> objects() {
    ready();
    return state.plans();
  }

  @Nullable CachedPlan object(String name) {
    return state.plan(name);
  }

  @Nullable CachedStep stepObject(String name) {
    return state.step(name);
  }

  PlanStore store() {
    return plans;
  }

  /** Writes pending events once; for tests, and before closing. */
  void flush() {
    keeper.flush();
  }

  /** Stops following, after one last write of pending events. */
  @Override
  public void close() {
    keeper.close();
    planInformer.stop();
    stepInformer.stop();
    doubts.shutdownNow();
  }
}
