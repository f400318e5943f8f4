// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.mtlsmigration.kubernetes.ledger.LedgerState.Source;
import io.mtlsmigration.kubernetes.ledger.ResourceApi.ConflictException;
import io.mtlsmigration.kubernetes.resource.NamespaceMigration;
import io.mtlsmigration.kubernetes.resource.NamespaceMigrationStatus;
import io.mtlsmigration.kubernetes.resource.ResourceJson;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger.StaleRecordException;
import io.mtlsmigration.rollout.RolloutLedger.UnavailableException;
import io.mtlsmigration.rollout.StepRecord;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** Stores steps, one NamespaceMigration each. */
final class StepStore {

  private static final int DELETES_AT_ONCE = 8;

  private final ResourceApi api;
  private final LedgerState state;
  private final EventLog log;
  private final WriteLocks locks;
  private final String namespace;

  StepStore(ResourceApi api, LedgerState state, EventLog log, WriteLocks locks, String namespace) {
    this.api = api;
    this.state = state;
    this.log = log;
    this.locks = locks;
    this.namespace = namespace;
  }

  StepRecord save(PlanRecord plan, StepRecord step) {
    String name = LedgerObjects.stepName(step.plan(), step.key());
    synchronized (locks.of(name)) {
      CachedStep held = own(state.step(name), plan);
      StepRecord known = expect(held, step);
      if (known != null && known.equals(step)) {
        return known; // unchanged
      }
      return Attempts.run(
          "step " + step.key() + " of plan " + step.plan(),
          () -> write(plan, step, name),
          () -> settled(refresh(name), step));
    }
  }

  /** Returns the step if it belongs to this plan, not to an earlier one of the same name. */
  private static @Nullable CachedStep own(@Nullable CachedStep held, PlanRecord plan) {
    return held != null && held.planUid().equals(plan.uid()) ? held : null;
  }

  private static @Nullable StepRecord expect(@Nullable CachedStep held, StepRecord step) {
    if (held != null && held.fault() != null) {
      throw new UnavailableException(held.fault());
    }
    StepRecord known = held == null ? null : held.record();
    String version = known == null ? "" : known.version();
    if (!version.equals(step.version())) {
      throw new StaleRecordException(
          "step "
              + step.key()
              + " of plan "
              + step.plan()
              + (step.version().isEmpty()
                  ? " exists already"
                  : " is at version %s, not %s"
                      .formatted(version.isEmpty() ? "(gone)" : version, step.version())));
    }
    return known;
  }

  private StepRecord write(PlanRecord plan, StepRecord step, String name) throws ConflictException {
    CachedStep held = own(state.step(name), plan);
    expect(held, step);
    if (held == null) {
      clear(state.step(name), plan);
      held = take(created(plan, step, name));
    }
    CachedStep saved = put(held, step, held.revision() + 1);
    StepRecord record = saved.record();
    if (record == null) {
      throw new UnavailableException(
          saved.fault() == null ? "step " + step.key() + " lost its status" : saved.fault());
    }
    return record;
  }

  private GenericKubernetesResource created(PlanRecord plan, StepRecord step, String name)
      throws ConflictException {
    try {
      return api.create(LedgerObjects.step(namespace, plan, step.key()));
    } catch (ConflictException e) {
      // Of a plan that has gone here, its steps are forgotten; they may be there.
      api.get(name)
          .map(CachedStep::of)
          .filter(there -> !there.planUid().equals(plan.uid()))
          .ifPresent(there -> clear(there, plan));
      throw e;
    }
  }

  /**
   * Removes the step of an earlier plan of that name; that plan must be gone, or this one could not
   * exist.
   *
   * @throws UnavailableException when nobody can tell whose it is, since it may be this plan's undo
   *     record; or when it is one of the earlier plan, whose finalizer somebody has removed
   */
  private void clear(@Nullable CachedStep leftover, PlanRecord plan) {
    if (leftover != null && leftover.fault() != null && leftover.planUid().isEmpty()) {
      throw new UnavailableException(leftover.fault());
    }
    if (leftover != null && !leftover.planUid().equals(plan.uid())) {
      spare(leftover, plan);
      api.delete(leftover.name(), leftover.uid());
      state.drop(leftover);
    }
  }

  private static void spare(CachedStep leftover, PlanRecord plan) {
    String known = leftover.undoes();
    if (!known.isEmpty()) {
      throw new UnavailableException(
          "NamespaceMigration "
              + leftover.namespace()
              + "/"
              + leftover.name()
              + " is of an earlier plan of that name, and "
              + known
              + "; give it to this plan by its label "
              + LedgerObjects.PLAN_UID_LABEL
              + "="
              + plan.uid()
              + ", or delete it, and what is needed to undo that plan with it");
    }
  }

  /**
   * Fails when a step of an earlier plan of that name would be in the way of one of this plan, and
   * is needed to undo the earlier one.
   */
  void spareAll(PlanRecord plan) {
    api.labelled(NamespaceMigration.PLAN_LABEL, plan.name()).stream()
        .map(CachedStep::of)
        .filter(there -> !there.planUid().equals(plan.uid()))
        .forEach(there -> spare(there, plan));
  }

  private CachedStep put(CachedStep held, StepRecord record, long revision)
      throws ConflictException {
    long rest = ResourceJson.size(StepStatuses.write(record, List.of(), revision));
    List<Event> events = log.merged(held.planUid(), held.name(), held.events(), rest);
    NamespaceMigrationStatus status =
        StepStatuses.write(record, EventEntries.write(events, record.key().toString()), revision);
    return take(
        api.updateStatus(
            LedgerObjects.withStatus(
                NamespaceMigration.KIND, held.meta(), held.resourceVersion(), status)));
  }

  private CachedStep take(GenericKubernetesResource answer) {
    return state.accept(CachedStep.of(answer), Source.CALL);
  }

  /** Takes in what the API server has; that it has nothing yet is no news of what comes later. */
  void look(String name) {
    api.get(name).ifPresent(this::take);
  }

  /** Asks the API server what it has. */
  @Nullable CachedStep refresh(String name) {
    CachedStep before = state.step(name);
    Optional<GenericKubernetesResource> live = api.get(name);
    if (live.isEmpty()) {
      state.drop(before);
      return null;
    }
    return take(live.get());
  }

  /** Returns the stored record if it is the one to save: the call with the lost answer worked. */
  private static @Nullable StepRecord settled(@Nullable CachedStep held, StepRecord step) {
    StepRecord known = held == null ? null : held.record();
    return known != null
            && !known.version().equals(step.version())
            && known.withVersion("").equals(step.withVersion(""))
        ? known
        : null;
  }

  /**
   * Writes pending events of this step; the record stays unchanged.
   *
   * @throws ConflictException when another write was first; try again
   */
  void flush(String name) throws ConflictException {
    synchronized (locks.of(name)) {
      CachedStep held = state.step(name);
      StepRecord record = held == null ? null : held.record();
      if (held == null || record == null || !log.waits(name)) {
        return;
      }
      try {
        put(held, record, held.revision());
      } catch (ConflictException e) {
        refresh(name);
        throw e;
      }
    }
  }

  /** Returns the names of all steps of a plan by UID, those that no watch has told yet, too. */
  private Map<String, String> all(String planUid) {
    Map<String, String> all = new HashMap<>();
    state.objects(planUid).forEach(step -> all.put(step.uid(), step.name()));
    api.labelled(LedgerObjects.PLAN_UID_LABEL, planUid).stream()
        .map(GenericKubernetesResource::getMetadata)
        .forEach(step -> all.put(step.getUid(), step.getName()));
    return all;
  }

  /**
   * Takes steps that an earlier release has made out of the reach of the garbage collector.
   *
   * @param most of them at once
   */
  void disown(String planUid, int most) {
    state.objects(planUid).stream()
        .filter(CachedStep::collectable)
        .limit(most)
        .forEach(
            step ->
                api.disown(step.name(), LedgerObjects.PLAN_UID_LABEL, planUid)
                    .ifPresent(this::take));
  }

  /**
   * Deletes the steps one by one, some at a time: the service may not delete a whole collection.
   */
  void deleteAll(String planUid) {
    try (ExecutorService some =
        Executors.newFixedThreadPool(
            DELETES_AT_ONCE, Thread.ofVirtual().name("ledger-deletes-", 0).factory())) {
      CompletableFuture.allOf(
              all(planUid).entrySet().stream()
                  .map(
                      step ->
                          CompletableFuture.runAsync(
                              () -> api.delete(step.getValue(), step.getKey()), some))
                  .toArray(CompletableFuture<?>[]::new))
          .join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof UnavailableException unavailable) {
        throw unavailable;
      }
      throw e;
    }
  }
}
