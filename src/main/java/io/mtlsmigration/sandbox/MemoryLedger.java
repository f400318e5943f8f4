// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.rollout.Event;
import io.mtlsmigration.rollout.History;
import io.mtlsmigration.rollout.OpeningsRecord;
import io.mtlsmigration.rollout.PlanRecord;
import io.mtlsmigration.rollout.RolloutLedger;
import io.mtlsmigration.rollout.StepKey;
import io.mtlsmigration.rollout.StepRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The ledger of the sandbox: in memory, with the version checks of an API server. Reads see one
 * immutable state and never wait for a writer; a save copies only the book of its own plan.
 */
public final class MemoryLedger implements RolloutLedger {

  private final Object writeLock = new Object();
  private final NavigableMap<String, Book> books = new TreeMap<>();
  private volatile List<PlanRecord> plans = List.of();
  private final List<Consumer<Event>> listeners = new CopyOnWriteArrayList<>();
  private OpeningsRecord openings = OpeningsRecord.NONE;
  private long lastVersion;
  private long lastEvent;

  /** The records of one plan. */
  private static final class Book {
    PlanRecord plan;
    final NavigableMap<StepKey, StepRecord> steps = new TreeMap<>();
    @Nullable List<StepRecord> stepList;
    final History events = new History();

    Book(PlanRecord plan) {
      this.plan = plan;
    }
  }

  @Override
  public List<PlanRecord> plans() {
    return plans;
  }

  @Override
  public Optional<PlanRecord> plan(String name) {
    synchronized (writeLock) {
      Book book = books.get(name);
      return book == null ? Optional.empty() : Optional.of(book.plan);
    }
  }

  @Override
  public PlanRecord save(PlanRecord plan) {
    synchronized (writeLock) {
      Book book = books.get(plan.name());
      expect(book == null ? "" : book.plan.version(), plan.version(), "plan " + plan.name());
      PlanRecord saved = plan.withVersion(nextVersion());
      if (book == null) {
        books.put(plan.name(), new Book(saved));
      } else {
        book.plan = saved;
      }
      publishPlans();
      return saved;
    }
  }

  @Override
  public void delete(String plan, String version) {
    synchronized (writeLock) {
      Book book = books.get(plan);
      expect(book == null ? "" : book.plan.version(), version, "plan " + plan);
      books.remove(plan);
      publishPlans();
    }
  }

  @Override
  public List<StepRecord> steps(String plan) {
    synchronized (writeLock) {
      Book book = books.get(plan);
      if (book == null) {
        return List.of();
      }
      List<StepRecord> list = book.stepList;
      if (list == null) {
        list = List.copyOf(book.steps.values());
        book.stepList = list;
      }
      return list;
    }
  }

  @Override
  public Optional<StepRecord> step(String plan, StepKey key) {
    synchronized (writeLock) {
      Book book = books.get(plan);
      return book == null ? Optional.empty() : Optional.ofNullable(book.steps.get(key));
    }
  }

  @Override
  public StepRecord save(StepRecord step) {
    synchronized (writeLock) {
      Book book = books.get(step.plan());
      if (book == null) {
        throw new StaleRecordException("plan " + step.plan() + " is gone");
      }
      StepRecord held = book.steps.get(step.key());
      expect(
          held == null ? "" : held.version(),
          step.version(),
          "step " + step.key() + " of plan " + step.plan());
      StepRecord saved = step.withVersion(nextVersion());
      book.steps.put(step.key(), saved);
      book.stepList = null;
      return saved;
    }
  }

  @Override
  public OpeningsRecord openings() {
    synchronized (writeLock) {
      return openings;
    }
  }

  @Override
  public OpeningsRecord save(OpeningsRecord next) {
    synchronized (writeLock) {
      expect(openings.version(), next.version(), "the record of openings");
      openings = next.withVersion(nextVersion());
      return openings;
    }
  }

  @Override
  public Event append(Event event) {
    synchronized (writeLock) {
      Event kept = event.withId(++lastEvent);
      Book book = books.get(event.plan());
      if (book != null) {
        book.events.add(kept);
      }
      // Under the lock, so that every listener sees events in the order of their ids.
      listeners.forEach(listener -> listener.accept(kept));
      return kept;
    }
  }

  @Override
  public long lastEvent() {
    synchronized (writeLock) {
      return lastEvent;
    }
  }

  @Override
  public List<Event> events(String plan) {
    synchronized (writeLock) {
      if (!plan.isEmpty()) {
        Book book = books.get(plan);
        return book == null ? List.of() : book.events.events();
      }
      List<Event> all = new ArrayList<>();
      books.values().forEach(book -> all.addAll(book.events.events()));
      all.sort((a, b) -> Long.compare(b.id(), a.id()));
      return List.copyOf(all);
    }
  }

  @Override
  public AutoCloseable subscribe(Consumer<Event> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  private void publishPlans() {
    plans = books.values().stream().map(book -> book.plan).toList();
  }

  private String nextVersion() {
    return Long.toString(++lastVersion);
  }

  private static void expect(String held, String given, String what) {
    if (!held.equals(given)) {
      throw new StaleRecordException(
          given.isEmpty()
              ? what + " exists already"
              : what + " is at version " + (held.isEmpty() ? "(gone)" : held) + ", not " + given);
    }
  }
}
