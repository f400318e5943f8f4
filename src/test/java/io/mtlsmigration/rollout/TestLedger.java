package io.mtlsmigration.rollout;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/** A ledger in memory that checks versions as an API server would, and counts saves. */
final class TestLedger implements RolloutLedger {

  private final NavigableMap<String, PlanRecord> plans = new TreeMap<>();
  private final NavigableMap<String, NavigableMap<StepKey, StepRecord>> steps = new TreeMap<>();
  private final List<Event> events = new ArrayList<>();
  private long version;
  int stepSaves;
  Runnable onStepSave = () -> {};
  private int saves;

  /** Dies right after this many saves; 0 = never. */
  int haltAfter;

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
    PlanRecord held = plans.get(plan.name());
    check(held == null ? "" : held.version(), plan.version(), "plan " + plan.name());
    PlanRecord saved = plan.withVersion(Long.toString(++version));
    plans.put(plan.name(), saved);
    saved();
    return saved;
  }

  @Override
  public void delete(String plan, String given) {
    PlanRecord held = plans.get(plan);
    check(held == null ? "" : held.version(), given, "plan " + plan);
    plans.remove(plan);
    steps.remove(plan);
  }

  @Override
  public List<StepRecord> steps(String plan) {
    return List.copyOf(steps.getOrDefault(plan, new TreeMap<>()).values());
  }

  @Override
  public Optional<StepRecord> step(String plan, StepKey key) {
    return Optional.ofNullable(steps.getOrDefault(plan, new TreeMap<>()).get(key));
  }

  @Override
  public StepRecord save(StepRecord step) {
    NavigableMap<StepKey, StepRecord> book =
        steps.computeIfAbsent(step.plan(), p -> new TreeMap<>());
    StepRecord held = book.get(step.key());
    check(held == null ? "" : held.version(), step.version(), "step " + step.key());
    StepRecord saved = step.withVersion(Long.toString(++version));
    book.put(step.key(), saved);
    onStepSave.run();
    stepSaves++;
    saved();
    return saved;
  }

  int saves() {
    return saves;
  }

  private void saved() {
    saves++;
    if (saves == haltAfter) {
      throw new Halted("after save " + saves);
    }
  }

  private static void check(String held, String given, String what) {
    if (!held.equals(given)) {
      throw new StaleRecordException(what + " is at " + held + ", not " + given);
    }
  }

  @Override
  public Event append(Event e) {
    Event kept =
        new Event(
            events.size() + 1,
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
    events.add(kept);
    return kept;
  }

  @Override
  public List<Event> events(String plan) {
    return events.stream().filter(e -> plan.isEmpty() || e.plan().equals(plan)).toList().reversed();
  }

  @Override
  public AutoCloseable subscribe(Consumer<Event> listener) {
    return () -> {};
  }
}
