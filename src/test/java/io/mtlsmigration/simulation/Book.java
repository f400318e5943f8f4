// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.simulation;

import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.OpeningsRecord;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import io.mtlsmigration.sandbox.MemoryLedger;
import io.mtlsmigration.testing.AroundLedger;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** The ledger that all replicas share: saves are conditional, and may fail or lose their answer. */
final class Book {

  private final World world;
  private final MemoryLedger kept = new MemoryLedger();

  /** What leaders have left of closed namespaces, by when it was stored. */
  private final NavigableMap<Long, OpeningsRecord> openings = new TreeMap<>();

  /** No save is answered until then; the store is read-only. */
  long readOnlyUntil;

  /** The next save is stored, and its answer lost. */
  int loseAnswers;

  /** Somebody else has written the record of the next save, so that it is refused. */
  int conflicts;

  /** The next save is lost on the way. */
  int loseRequests;

  Book(World world) {
    this.world = world;
  }

  void heal() {
    readOnlyUntil = 0;
    loseAnswers = 0;
    loseRequests = 0;
    conflicts = 0;
  }

  RolloutLedger of(Replica replica) {
    return new Access(replica);
  }

  /** By name. */
  NavigableMap<String, PlanRecord> plans() {
    NavigableMap<String, PlanRecord> plans = new TreeMap<>();
    kept.plans().forEach(plan -> plans.put(plan.name(), plan));
    return plans;
  }

  Optional<StepRecord> step(String plan, StepKey key) {
    return kept.step(plan, key);
  }

  List<StepRecord> steps(String plan) {
    return kept.steps(plan);
  }

  /** Whether it was on record at some time of a stretch that somebody there was refused. */
  boolean closing(String namespace, long from, long to) {
    Long before = openings.floorKey(from);
    return openings.subMap(before == null ? from : before, true, to, true).values().stream()
        .map(OpeningsRecord::closing)
        .anyMatch(closed -> closed.containsKey(namespace) || closed.containsKey(Cluster.ROOT));
  }

  List<Event> events(String plan) {
    return kept.events(plan);
  }

  /** As one replica reaches it. */
  private final class Access extends AroundLedger {
    private final Replica replica;

    Access(Replica replica) {
      super(kept);
      this.replica = replica;
    }

    /** Whether the answer is to be lost. */
    private boolean before(String what) {
      if (replica.ticking) {
        world.point(replica, "before the save of " + what, false);
      }
      if (world.now() < readOnlyUntil) {
        throw new UnavailableException("the store is read-only");
      }
      if (replica.ticking && loseRequests > 0) {
        loseRequests--;
        throw new UnavailableException("connection reset");
      }
      if (replica.ticking && conflicts > 0) {
        conflicts--;
        throw new StaleRecordException("the object has been modified");
      }
      boolean lose = replica.ticking && loseAnswers > 0;
      loseAnswers -= lose ? 1 : 0;
      return lose;
    }

    private void after(String what, boolean lose) {
      if (lose) {
        throw new UnavailableException("timed out");
      }
      if (replica.ticking) {
        world.point(replica, "after the save of " + what, false);
      }
    }

    @Override
    public PlanRecord save(PlanRecord plan) {
      boolean lose = before("plan " + plan.name());
      PlanRecord held = kept.plan(plan.name()).orElse(null);
      PlanRecord saved = super.save(plan);
      world.judge.saved(replica, held, saved);
      after("plan " + plan.name(), lose);
      return saved;
    }

    @Override
    public void delete(String plan, String given) {
      Optional<PlanRecord> held = kept.plan(plan);
      super.delete(plan, given);
      held.ifPresent(world.judge::deleted);
    }

    @Override
    public StepRecord save(StepRecord step) {
      // What people ask while the save is on its way races it.
      PlanRecord known = kept.plan(step.plan()).orElse(null);
      boolean lose = before(step.key().toString());
      String held = kept.step(step.plan(), step.key()).map(StepRecord::version).orElse("");
      if (held.equals(step.version())) {
        world.judge.saves(replica, step, known);
      }
      StepRecord saved = super.save(step);
      after(step.key().toString(), lose);
      return saved;
    }

    @Override
    public OpeningsRecord openings() {
      if (world.now() < readOnlyUntil) {
        throw new UnavailableException("the store is away");
      }
      return super.openings();
    }

    @Override
    public OpeningsRecord save(OpeningsRecord next) {
      // No effect that histories count, and none of the accidents that they have for others.
      if (world.now() < readOnlyUntil) {
        throw new UnavailableException("the store is read-only");
      }
      OpeningsRecord saved = super.save(next);
      openings.put(world.now(), saved);
      return saved;
    }

    @Override
    public Event append(Event event) {
      if (replica.ticking) {
        world.point(replica, "before an event", false);
      }
      Event told = super.append(event);
      world.story.event(world.now(), replica.name, told);
      world.judge.told(replica, told);
      world.reached(told);
      if (replica.ticking) {
        world.point(replica, "after an event", false);
      }
      return told;
    }
  }
}
