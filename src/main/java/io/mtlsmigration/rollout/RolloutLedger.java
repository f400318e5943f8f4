// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Port: stores plans, steps and events. Reads come from memory and are cheap; saves are conditional
 * on the record's {@code version} and throw {@link StaleRecordException} when another writer was
 * first. Every method throws {@link UnavailableException} when the ledger is not available: the
 * loop and the commands then assume that nothing has changed, and retry.
 */
public interface RolloutLedger {

  /** Returns all plans in name order. */
  List<PlanRecord> plans();

  Optional<PlanRecord> plan(String name);

  /**
   * The same for who asks by a name that somebody may just have made elsewhere: what is not known
   * here is looked for where it is kept, within bounds. May block, for seconds where that does not
   * answer; what cannot be found out is as if it were not there.
   */
  default Optional<PlanRecord> seek(String plan) {
    return plan(plan);
  }

  /** {@link #seek(String)} for a step. */
  default Optional<StepRecord> seek(String plan, StepKey key) {
    return step(plan, key);
  }

  /** Returns the plan as it is kept, and not as a cache has it. May block. */
  default Optional<PlanRecord> live(String plan) {
    return plan(plan);
  }

  /** {@link #live(String)} for a step. */
  default Optional<StepRecord> live(String plan, StepKey key) {
    return step(plan, key);
  }

  /**
   * Returns whether a plan's record is what its author asks for now, so that it may start by
   * itself, or go on after its end: its object may have been changed since in a way that is not
   * accepted, or be about to be deleted.
   */
  default boolean startable(PlanRecord plan) {
    return true;
  }

  /**
   * Returns whether somebody has asked for something else by the plan's object, such as a pause or
   * another spec, that has been neither taken nor refused yet. {@link #live(String)} looks anew.
   */
  default boolean unanswered(PlanRecord plan) {
    return false;
  }

  /** Returns a sentence for each record that cannot be read; the plans of these are held. */
  default List<String> faults() {
    return List.of();
  }

  /** Creates ({@code version} empty) or replaces; returns the record with its new version. */
  PlanRecord save(PlanRecord plan);

  /** Deletes the plan with all its steps and events. */
  void delete(String plan, String version);

  /** Returns the steps of a plan, in key order (the mesh step first). */
  List<StepRecord> steps(String plan);

  /**
   * The steps of a plan that can be read, and the keys of those that cannot.
   *
   * @param read in key order
   */
  record Steps(List<StepRecord> read, Set<StepKey> unread) {
    public Steps {
      read = List.copyOf(read);
      unread = Set.copyOf(unread);
    }
  }

  /**
   * Returns {@link #steps} for who looks at many plans: one whose record cannot be read is held,
   * and holds up no other one.
   */
  default Steps readable(String plan) {
    return new Steps(steps(plan), Set.of());
  }

  default Map<StepKey, StepRecord> stepsByKey(String plan) {
    return steps(plan).stream().collect(Collectors.toMap(StepRecord::key, Function.identity()));
  }

  Optional<StepRecord> step(String plan, StepKey key);

  /** Creates ({@code version} empty) or replaces; returns the record with its new version. */
  StepRecord save(StepRecord step);

  /** Returns what leaders before have left of times without counting; never from a cache. */
  OpeningsRecord openings();

  /** Creates ({@code version} empty) or replaces; returns the record with its new version. */
  OpeningsRecord save(OpeningsRecord openings);

  /**
   * Returns {@link #openings}, seconds old and without waiting: for those who ask of many
   * namespaces, before there is a step.
   */
  default OpeningsRecord recentOpenings(Instant now) {
    return openings();
  }

  /** Assigns the id, stores the event (at least the last 200 per plan), notifies subscribers. */
  Event append(Event event);

  /** Returns events, newest first; of all plans when {@code plan} is empty. */
  List<Event> events(String plan);

  /** Returns the highest id that an event may have by now, also one whose plan is deleted. */
  long lastEvent();

  /** Calls {@code listener} for each event appended from now on; close to stop. */
  AutoCloseable subscribe(Consumer<Event> listener);

  /**
   * The ledger is not available: it has not been read yet, its contents cannot be parsed, or its
   * server is away. Whether a save was stored is then unknown; the next save of the same record
   * finds out, because it is conditional on the version.
   */
  final class UnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UnavailableException(String message) {
      super(message);
    }

    public UnavailableException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Another writer was first: read again and decide again. */
  final class StaleRecordException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StaleRecordException(String message) {
      super(message);
    }
  }
}
