// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.mtlsmigration.contract.PlanSpecs;
import io.mtlsmigration.kubernetes.ledger.LedgerState.Source;
import io.mtlsmigration.kubernetes.ledger.ResourceApi.ConflictException;
import io.mtlsmigration.kubernetes.resource.MigrationPlan;
import io.mtlsmigration.kubernetes.resource.MigrationPlanStatus;
import io.mtlsmigration.kubernetes.resource.ResourceJson;
import io.mtlsmigration.plan.PlanSpec;
import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.PlanAction;
import io.mtlsmigration.rollout.PlanPhase;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger.StaleRecordException;
import io.mtlsmigration.rollout.RolloutLedger.UnavailableException;
import io.mtlsmigration.rollout.Words;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Stores plans, one MigrationPlan each. The spec is the desired plan, the status the one in force.
 * A change over REST writes both, the spec first, so that a change interrupted between the two
 * looks like one by kubectl and is taken as such.
 */
final class PlanStore {

  private final ResourceApi api;
  private final LedgerState state;
  private final EventLog log;
  private final WriteLocks locks;
  private final StepStore steps;

  PlanStore(ResourceApi api, LedgerState state, EventLog log, WriteLocks locks, StepStore steps) {
    this.api = api;
    this.state = state;
    this.log = log;
    this.locks = locks;
    this.steps = steps;
  }

  private Object lock(String name) {
    return locks.of(LedgerState.planObject(name));
  }

  PlanRecord save(PlanRecord plan) {
    String name = plan.name();
    synchronized (lock(name)) {
      CachedPlan held = state.plan(name);
      if (held != null && plan.equals(held.record()) && held.active()) {
        return plan; // unchanged
      }
      return Attempts.run("plan " + name, () -> write(plan), () -> settled(refresh(name), plan));
    }
  }

  private PlanRecord write(PlanRecord plan) throws ConflictException {
    CachedPlan held = state.plan(plan.name());
    CachedPlan based =
        plan.version().isEmpty() ? begun(held, plan) : wanted(expect(held, plan), plan);
    Long observed =
        based.reading().spec().equals(plan.spec())
            ? (Long) based.generation()
            : based.notes().observedGeneration();
    return record(
        put(based, plan, based.notes().withObservedGeneration(observed), based.revision() + 1));
  }

  private static PlanRecord record(CachedPlan plan) {
    PlanRecord record = plan.record();
    if (record == null) {
      throw new UnavailableException(
          plan.fault() == null ? "plan " + plan.name() + " lost its status" : plan.fault());
    }
    return record;
  }

  /** Returns a new object, or one that was made with kubectl and has the same spec. */
  private CachedPlan begun(@Nullable CachedPlan held, PlanRecord plan) throws ConflictException {
    if (held == null) {
      return take(api.create(LedgerObjects.plan(plan.name(), PlanSpecs.write(plan.spec()))));
    }
    boolean same = held.reading().problems().isEmpty() && held.reading().spec().equals(plan.spec());
    if (held.taken() || held.fault() != null || held.unwanted() || !same) {
      throw new StaleRecordException("plan " + plan.name() + " exists already");
    }
    return held.object().getMetadata().getFinalizers().contains(MigrationPlan.FINALIZER)
        ? held
        : take(api.update(edited(held, PlanStore::withFinalizer)));
  }

  private static void withFinalizer(GenericKubernetesResource object) {
    List<String> finalizers = new ArrayList<>(object.getMetadata().getFinalizers());
    finalizers.add(MigrationPlan.FINALIZER);
    object.getMetadata().setFinalizers(finalizers);
  }

  private static CachedPlan expect(@Nullable CachedPlan held, PlanRecord plan) {
    if (held != null && held.fault() != null) {
      throw new UnavailableException(held.fault());
    }
    return expect(held, plan.name(), plan.version());
  }

  private static CachedPlan expect(@Nullable CachedPlan held, String name, String version) {
    boolean there = held != null && held.active();
    if (held == null || !there || !held.version().equals(version)) {
      throw new StaleRecordException(
          "plan %s is at version %s, not %s"
              .formatted(name, held == null || !there ? "(gone)" : held.version(), version));
    }
    return held;
  }

  /** Returns the object with the plan's spec in it, written if it differs from the last one. */
  private CachedPlan wanted(CachedPlan held, PlanRecord plan) throws ConflictException {
    PlanRecord known = record(held);
    if (!known.active() && plan.moving()) {
      readable(plan);
    }
    if (known.phase() == PlanPhase.DRAFT && plan.phase() != PlanPhase.DRAFT) {
      steps.spareAll(plan);
    }
    if (known.spec().equals(plan.spec()) || asks(held, plan)) {
      return held;
    }
    if (held.pending()) {
      throw new StaleRecordException("plan " + plan.name() + " has just been changed with kubectl");
    }
    return take(
        api.update(
            edited(
                held,
                object -> {
                  object.setAdditionalProperty(
                      "spec",
                      spec(LedgerObjects.part(held.object(), "spec"), known.spec(), plan.spec()));
                  if (!asks(held, known)) {
                    withoutStart(object);
                  }
                })));
  }

  private static boolean asks(CachedPlan held, PlanRecord plan) {
    return held.reading().problems().isEmpty() && held.reading().spec().equals(plan.spec());
  }

  /** A start that waits for a spec to be accepted is of no other one. */
  private static void withoutStart(GenericKubernetesResource object) {
    Map<String, String> annotations = object.getMetadata().getAnnotations();
    String start = Words.of(PlanAction.START);
    if (annotations != null && start.equals(annotations.get(MigrationPlan.ACTION_ANNOTATION))) {
      without(object, Map.of(MigrationPlan.ACTION_ANNOTATION, start));
    }
  }

  /** Fails while another plan is unreadable: it may own any namespace, so nothing may start. */
  private void readable(PlanRecord plan) {
    for (CachedPlan other : state.plans()) {
      if (other.fault() != null && !other.name().equals(plan.name())) {
        throw new UnavailableException(
            "nobody knows which namespaces another plan has: " + other.fault());
      }
    }
  }

  /** Returns the spec to write; unchanged parts stay as their author wrote them. */
  private static Map<String, Object> spec(
      @Nullable Object written, PlanSpec before, PlanSpec after) {
    Map<String, Object> old = ResourceJson.tree(PlanSpecs.write(before));
    Map<String, Object> next = ResourceJson.tree(PlanSpecs.write(after));
    Map<String, Object> result = new HashMap<>();
    if (written instanceof Map<?, ?> fields) {
      fields.forEach((field, value) -> result.put(String.valueOf(field), value));
    }
    for (String field : List.copyOf(result.keySet())) {
      if (!next.containsKey(field) && old.containsKey(field)) {
        result.remove(field);
      }
    }
    next.forEach(
        (field, value) -> {
          if (!Objects.equals(value, old.get(field)) || !result.containsKey(field)) {
            result.put(field, value);
          }
        });
    return result;
  }

  private static GenericKubernetesResource edited(
      CachedPlan plan, java.util.function.Consumer<GenericKubernetesResource> edit) {
    ObjectMeta meta = new ObjectMetaBuilder(plan.object().getMetadata()).build();
    // The API server maintains them itself; those sent back may be outdated.
    meta.setManagedFields(List.of());
    GenericKubernetesResource copy =
        LedgerObjects.object(
            MigrationPlan.KIND, meta, "spec", LedgerObjects.part(plan.object(), "spec"));
    edit.accept(copy);
    return copy;
  }

  private CachedPlan put(CachedPlan held, PlanRecord plan, PlanStatusSummary notes, long revision)
      throws ConflictException {
    MigrationPlanStatus bare = PlanStatuses.write(plan, notes.withEvents(List.of()), revision);
    return put(held, PlanStatuses.write(plan, withEvents(held, notes, bare), revision));
  }

  private CachedPlan put(CachedPlan held, MigrationPlanStatus status) throws ConflictException {
    return take(
        api.updateStatus(
            LedgerObjects.withStatus(
                MigrationPlan.KIND, held.object().getMetadata(), held.resourceVersion(), status)));
  }

  private PlanStatusSummary withEvents(
      CachedPlan held, PlanStatusSummary notes, MigrationPlanStatus bare) {
    List<Event> kept = EventEntries.read(held.notes().events(), held.name(), "");
    long rest = (long) ResourceJson.size(bare) + held.sizeWithoutStatus();
    List<Event> merged = log.merged(held.uid(), LedgerState.planObject(held.name()), kept, rest);
    return notes.withEvents(EventEntries.write(merged, ""));
  }

  private CachedPlan take(GenericKubernetesResource answer) {
    return state.accept(CachedPlan.of(answer), Source.CALL);
  }

  /** Takes in what the API server has; that it has nothing yet is no news of what comes later. */
  void look(String name) {
    api.get(name).ifPresent(this::take);
  }

  /** Asks the API server what it has. */
  @Nullable CachedPlan refresh(String name) {
    CachedPlan before = state.plan(name);
    Optional<GenericKubernetesResource> live = api.get(name);
    if (live.isEmpty()) {
      state.drop(before);
      return null;
    }
    return take(live.get());
  }

  /** Returns the stored record if it is the one to save; the UID is the API server's. */
  private static @Nullable PlanRecord settled(@Nullable CachedPlan held, PlanRecord plan) {
    PlanRecord known = held == null || !held.active() ? null : held.record();
    return known != null
            && !known.version().equals(plan.version())
            && known.withVersion("").equals(plan.withUid(known.uid()).withVersion(""))
        ? known
        : null;
  }

  /**
   * Changes the part of the status beside the record.
   *
   * @return false when it could not be written now; it is retried later
   */
  boolean note(String name, UnaryOperator<PlanStatusSummary> change) {
    synchronized (lock(name)) {
      CachedPlan held = state.plan(name);
      if (held == null || held.fault() != null) {
        return false;
      }
      PlanStatusSummary next = change.apply(held.notes());
      if (next.equals(held.notes())) {
        return true;
      }
      try {
        PlanRecord record = held.record();
        if (record == null) {
          put(held, PlanStatuses.untaken(next));
        } else {
          put(held, record, next, held.revision());
        }
        return true;
      } catch (ConflictException e) {
        refresh(name);
        return false;
      }
    }
  }

  /**
   * Removes annotations that have been carried out, unless somebody has changed them meanwhile.
   *
   * @param carriedOut annotations with the values that were read
   * @return true when this call has removed them
   */
  boolean consume(String name, Map<String, String> carriedOut) {
    synchronized (lock(name)) {
      CachedPlan held = state.plan(name);
      for (int i = 0; held != null && i < 5; i++) {
        if (!holds(held, carriedOut)) {
          return false;
        }
        try {
          take(api.update(edited(held, object -> without(object, carriedOut))));
          return true;
        } catch (ConflictException e) {
          held = refresh(name);
        }
      }
      return false;
    }
  }

  private static boolean holds(CachedPlan plan, Map<String, String> annotations) {
    Map<String, String> held = plan.object().getMetadata().getAnnotations();
    return held != null && held.entrySet().containsAll(annotations.entrySet());
  }

  private static void without(GenericKubernetesResource object, Map<String, String> annotations) {
    Map<String, String> left = new HashMap<>(object.getMetadata().getAnnotations());
    left.keySet().removeAll(annotations.keySet());
    object.getMetadata().setAnnotations(left);
  }

  void delete(String name, String version) {
    synchronized (lock(name)) {
      Attempts.run(
          "plan " + name,
          () -> {
            CachedPlan held = expect(state.plan(name), name, version);
            // First, and for good: nothing may start a plan whose steps are being removed.
            return put(held, record(held), held.notes().going(), held.revision());
          },
          () -> {
            CachedPlan held = refresh(name);
            return held != null && held.notes().deleting() ? held : null;
          });
      finish(name);
    }
  }

  /** Resumes a deletion, wherever it was interrupted. */
  void finish(String name) {
    synchronized (lock(name)) {
      CachedPlan held = refresh(name);
      if (held == null || !held.notes().deleting()) {
        return;
      }
      if (!held.unwanted()) {
        api.delete(name, held.uid());
      }
      steps.deleteAll(held.uid());
      release(name, held.uid());
    }
  }

  private void release(String name, String uid) {
    for (int i = 0; i < 5; i++) {
      CachedPlan held = refresh(name);
      if (held == null || !held.uid().equals(uid)) {
        return;
      }
      if (freed(held)) {
        return;
      }
    }
    throw new UnavailableException("plan " + name + " is being changed by others all the time");
  }

  private boolean freed(CachedPlan held) {
    GenericKubernetesResource free = edited(held, PlanStore::withoutFinalizer);
    try {
      api.update(free);
    } catch (ConflictException e) {
      return false;
    }
    if (free.getMetadata().getFinalizers().isEmpty()) {
      state.drop(held);
    }
    return true;
  }

  private static void withoutFinalizer(GenericKubernetesResource object) {
    List<String> finalizers = new ArrayList<>(object.getMetadata().getFinalizers());
    finalizers.remove(MigrationPlan.FINALIZER);
    object.getMetadata().setFinalizers(finalizers);
  }

  /** Writes pending events of this plan; the record stays unchanged. */
  void flush(String name) throws ConflictException {
    synchronized (lock(name)) {
      CachedPlan held = state.plan(name);
      PlanRecord record = held == null ? null : held.record();
      if (held == null || record == null || !log.waits(LedgerState.planObject(name))) {
        return;
      }
      try {
        put(held, record, held.notes(), held.revision());
      } catch (ConflictException e) {
        refresh(name);
        throw e;
      }
    }
  }
}
