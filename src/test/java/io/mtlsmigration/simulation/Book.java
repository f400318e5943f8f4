package io.mtlsmigration.simulation;

import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** The ledger that all replicas share: saves are conditional, and may fail or lose their answer. */
final class Book {

  /** As many as are kept of a plan on a real cluster. */
  private static final int KEPT = 200;

  private final World world;
  final NavigableMap<String, PlanRecord> plans = new TreeMap<>();
  final NavigableMap<String, NavigableMap<StepKey, StepRecord>> steps = new TreeMap<>();
  private final NavigableMap<String, Deque<Event>> events = new TreeMap<>();
  private long version;
  private long ids;

  /** No save is answered until then; the store is read-only. */
  long readOnlyUntil;

  /** The next save is stored, and its answer lost. */
  int loseAnswers;

  /** The next save is lost on the way. */
  int loseRequests;

  Book(World world) {
    this.world = world;
  }

  void heal() {
    readOnlyUntil = 0;
    loseAnswers = 0;
    loseRequests = 0;
  }

  RolloutLedger of(Replica replica) {
    return new Access(replica);
  }

  Optional<StepRecord> step(String plan, StepKey key) {
    return Optional.ofNullable(steps.getOrDefault(plan, new TreeMap<>()).get(key));
  }

  List<StepRecord> steps(String plan) {
    return List.copyOf(steps.getOrDefault(plan, new TreeMap<>()).values());
  }

  List<Event> events(String plan) {
    List<Event> all = new ArrayList<>();
    events.forEach(
        (name, kept) -> {
          if (plan.isEmpty() || plan.equals(name)) {
            all.addAll(kept);
          }
        });
    all.sort((a, b) -> Long.compare(b.id(), a.id()));
    return all;
  }

  private static void check(String held, String given, String what) {
    if (!held.equals(given)) {
      throw new RolloutLedger.StaleRecordException(what + " is at " + held + ", not " + given);
    }
  }

  /** As one replica reaches it. */
  private final class Access implements RolloutLedger {
    private final Replica replica;

    Access(Replica replica) {
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
    public List<PlanRecord> plans() {
      return List.copyOf(plans.values());
    }

    @Override
    public Optional<PlanRecord> plan(String name) {
      return Optional.ofNullable(plans.get(name));
    }

    @Override
    public PlanRecord save(PlanRecord plan) {
      boolean lose = before("plan " + plan.name());
      PlanRecord held = plans.get(plan.name());
      check(held == null ? "" : held.version(), plan.version(), "plan " + plan.name());
      PlanRecord saved = plan.withVersion(Long.toString(++version));
      plans.put(plan.name(), saved);
      world.judge.saved(replica, held, saved);
      after("plan " + plan.name(), lose);
      return saved;
    }

    @Override
    public void delete(String plan, String given) {
      PlanRecord held = plans.get(plan);
      check(held == null ? "" : held.version(), given, "plan " + plan);
      world.judge.deleted(held);
      plans.remove(plan);
      steps.remove(plan);
      events.remove(plan);
    }

    @Override
    public List<StepRecord> steps(String plan) {
      return Book.this.steps(plan);
    }

    @Override
    public Optional<StepRecord> step(String plan, StepKey key) {
      return Book.this.step(plan, key);
    }

    @Override
    public StepRecord save(StepRecord step) {
      // What people ask while the save is on its way races it.
      PlanRecord known = plans.get(step.plan());
      boolean lose = before(step.key().toString());
      NavigableMap<StepKey, StepRecord> book =
          steps.computeIfAbsent(step.plan(), p -> new TreeMap<>());
      StepRecord held = book.get(step.key());
      check(held == null ? "" : held.version(), step.version(), "step " + step.key());
      world.judge.saves(step, known);
      StepRecord saved = step.withVersion(Long.toString(++version));
      book.put(step.key(), saved);
      after(step.key().toString(), lose);
      return saved;
    }

    @Override
    public Event append(Event e) {
      if (replica.ticking) {
        world.point(replica, "before an event", false);
      }
      Event kept =
          new Event(
              ++ids,
              e.at(),
              e.plan(),
              e.subject(),
              e.type(),
              e.from(),
              e.to(),
              e.reason(),
              e.message(),
              e.actor(),
              e.evidence());
      Deque<Event> all = events.computeIfAbsent(e.plan(), p -> new ArrayDeque<>());
      all.add(kept);
      if (all.size() > KEPT) {
        all.removeFirst();
      }
      world.story.event(world.now(), replica.name, kept);
      world.judge.told(replica, kept);
      world.reached(kept);
      if (replica.ticking) {
        world.point(replica, "after an event", false);
      }
      return kept;
    }

    @Override
    public List<Event> events(String plan) {
      return Book.this.events(plan);
    }

    @Override
    public AutoCloseable subscribe(Consumer<Event> listener) {
      return () -> {};
    }
  }
}
