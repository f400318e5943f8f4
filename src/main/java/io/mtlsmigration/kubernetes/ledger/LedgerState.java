// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger.Steps;
import io.mtlsmigration.rollout.RolloutLedger.UnavailableException;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The API server's state as this replica knows it, fed by watches and by the answers to its own
 * writes. An answer is visible at once, and no older watch event reverts it.
 */
final class LedgerState {

  private static final Logger LOG = Logger.getLogger(LedgerState.class);

  private static final String PLAN = "plan ";

  /** The number of deleted objects remembered, so that a late event does not restore them. */
  private static final int REMEMBERED_DELETIONS = 1_000;

  private final EventLog log;
  private final NavigableMap<String, CachedPlan> plans = new TreeMap<>();
  private final Map<String, CachedStep> steps = new HashMap<>();
  private final Map<String, NavigableMap<StepKey, CachedStep>> byPlan = new HashMap<>();
  private final Map<String, List<StepRecord>> stepLists = new HashMap<>();
  private final Set<String> ownPlans = new HashSet<>();
  private final Set<String> ownSteps = new HashSet<>();
  private final Map<String, String> faults = new TreeMap<>();
  private final Set<String> gone =
      Collections.newSetFromMap(
          new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
              return size() > REMEMBERED_DELETIONS;
            }
          });
  private volatile BooleanSupplier telling = () -> false;
  private volatile List<PlanRecord> active = List.of();

  LedgerState(EventLog log) {
    this.log = log;
  }

  /** The origin of an object's state. */
  enum Source {
    /** A list or a watch: in order, but delayed. */
    WATCH,
    /** The answer to this replica's own call: not yet in its watch. */
    CALL
  }

  /**
   * Publishes new events of other replicas from a time on.
   *
   * @param read whether everything has been read: what is new then has come since
   */
  void tellOnce(BooleanSupplier read) {
    telling = read;
  }

  /** Stores a state unless a newer one is known; returns the newest. */
  synchronized CachedPlan accept(CachedPlan next, Source source) {
    if (gone.contains(next.uid())) {
      return next;
    }
    CachedPlan held = plans.get(next.name());
    if (held != null && LedgerObjects.older(next.resourceVersion(), held.resourceVersion())) {
      return held;
    }
    own(ownPlans, next.name(), source);
    plans.put(next.name(), next);
    fault(PLAN + next.name(), next.fault());
    List<Event> before = held != null && held.uid().equals(next.uid()) ? events(held) : List.of();
    log.seen(next.uid(), planObject(next.name()), before, events(next), telling.getAsBoolean());
    publish();
    return next;
  }

  private static List<Event> events(CachedPlan plan) {
    return EventEntries.read(plan.notes().events(), plan.name(), "");
  }

  /** Returns a key that tells plans from steps: the mesh step has its plan's name. */
  static String planObject(String name) {
    return PLAN + name;
  }

  /** Returns the plan of a plan object's key; null for a step's key. */
  static @Nullable String planOf(String object) {
    return object.startsWith(PLAN) ? object.substring(PLAN.length()) : null;
  }

  synchronized CachedStep accept(CachedStep next, Source source) {
    if (gone.contains(next.uid()) || gone.contains(next.planUid())) {
      return next;
    }
    CachedStep held = steps.get(next.name());
    if (held != null && LedgerObjects.older(next.resourceVersion(), held.resourceVersion())) {
      return held;
    }
    own(ownSteps, next.name(), source);
    if (held != null) {
      unlink(held);
    }
    steps.put(next.name(), next);
    byPlan.computeIfAbsent(next.planUid(), p -> new TreeMap<>()).put(next.key(), next);
    stepLists.remove(next.planUid());
    fault("step " + next.name(), next.fault());
    List<Event> before = held != null && held.uid().equals(next.uid()) ? held.events() : List.of();
    log.seen(next.planUid(), next.name(), before, next.events(), telling.getAsBoolean());
    return next;
  }

  private void unlink(CachedStep step) {
    NavigableMap<StepKey, CachedStep> siblings = byPlan.get(step.planUid());
    if (siblings != null) {
      siblings.remove(step.key());
      if (siblings.isEmpty()) {
        byPlan.remove(step.planUid());
      }
    }
    stepLists.remove(step.planUid());
  }

  private static void own(Set<String> own, String name, Source source) {
    if (source == Source.CALL) {
      own.add(name);
    } else {
      own.remove(name);
    }
  }

  private void fault(String object, @Nullable String fault) {
    String known = fault == null ? faults.remove(object) : faults.put(object, fault);
    if (fault != null && !fault.equals(known)) {
      LOG.errorf(
          "An object of the ledger is held because it cannot be read object=%s: %s", object, fault);
    }
  }

  private void publish() {
    active = plans.values().stream().filter(CachedPlan::active).map(LedgerState::record).toList();
  }

  private static PlanRecord record(CachedPlan plan) {
    PlanRecord record = plan.record();
    if (record == null) {
      throw new IllegalStateException("not taken: " + plan.name());
    }
    return record;
  }

  /**
   * Handles a watch event that an object has gone.
   *
   * @return false when an older object of that name may have gone: ask the API server
   */
  synchronized boolean gone(boolean plan, String name) {
    if ((plan ? ownPlans : ownSteps).contains(name)) {
      return false;
    }
    if (plan) {
      drop(plans.get(name));
    } else {
      drop(steps.get(name));
    }
    return true;
  }

  /**
   * Forgets a plan that is known to have gone; not one of its name that has come meanwhile.
   *
   * @param known null when there is nothing to forget
   */
  synchronized void drop(@Nullable CachedPlan known) {
    CachedPlan held = known == null ? null : plans.get(known.name());
    if (known == null || held == null || !held.uid().equals(known.uid())) {
      return;
    }
    String name = held.name();
    plans.remove(name);
    ownPlans.remove(name);
    gone.add(held.uid());
    fault(PLAN + name, null);
    List<CachedStep> orphans =
        List.copyOf(byPlan.getOrDefault(held.uid(), new TreeMap<>()).values());
    orphans.forEach(this::drop);
    List<String> objects = new ArrayList<>(orphans.stream().map(CachedStep::name).toList());
    objects.add(planObject(name));
    log.forget(held.uid(), objects);
    publish();
  }

  /** The same of a step. */
  synchronized void drop(@Nullable CachedStep known) {
    CachedStep held = known == null ? null : steps.get(known.name());
    if (known != null && held != null && held.uid().equals(known.uid())) {
      steps.remove(held.name());
      ownSteps.remove(held.name());
      unlink(held);
      fault("step " + held.name(), null);
    }
  }

  List<PlanRecord> active() {
    return active;
  }

  synchronized List<CachedPlan> plans() {
    return List.copyOf(plans.values());
  }

  synchronized @Nullable CachedPlan plan(String name) {
    return plans.get(name);
  }

  synchronized @Nullable CachedStep step(String objectName) {
    return steps.get(objectName);
  }

  /** Returns the objects of a plan's steps. */
  synchronized List<CachedStep> objects(String planUid) {
    return List.copyOf(byPlan.getOrDefault(planUid, new TreeMap<>()).values());
  }

  /**
   * Returns the steps of a plan.
   *
   * @throws UnavailableException when one of them cannot be read: it is then unknown what the plan
   *     has written
   */
  synchronized List<StepRecord> steps(String planUid) {
    List<StepRecord> list = stepLists.get(planUid);
    if (list == null) {
      list = new ArrayList<>();
      for (CachedStep step : byPlan.getOrDefault(planUid, new TreeMap<>()).values()) {
        StepRecord record = readable(step);
        if (record != null) {
          list.add(record);
        }
      }
      list = List.copyOf(list);
      stepLists.put(planUid, list);
    }
    return list;
  }

  /** Returns those of them that can be read, and which cannot. */
  synchronized Steps readable(String planUid) {
    Set<StepKey> unread = new HashSet<>();
    for (CachedStep step : objects(planUid)) {
      if (step.fault() != null) {
        unread.add(step.key());
      }
    }
    return new Steps(
        unread.isEmpty()
            ? steps(planUid)
            : objects(planUid).stream()
                .filter(step -> step.fault() == null)
                .map(CachedStep::record)
                .filter(Objects::nonNull)
                .toList(),
        unread);
  }

  synchronized @Nullable StepRecord step(String planUid, StepKey key) {
    CachedStep step = byPlan.getOrDefault(planUid, new TreeMap<>()).get(key);
    return step == null ? null : readable(step);
  }

  private static @Nullable StepRecord readable(CachedStep step) {
    if (step.fault() != null) {
      throw new UnavailableException(step.fault());
    }
    return step.record();
  }

  /** Returns one sentence for each object that cannot be read. */
  synchronized List<String> faults() {
    return List.copyOf(faults.values());
  }
}
