package io.mtlsmigration.rollout;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Port: where plans, steps and events are kept. Reads come from memory and are cheap; saves are
 * conditional on the record's {@code version} and throw {@link StaleRecordException} when another
 * writer was first. Every method throws {@link UnavailableException} when nobody can tell: the loop
 * and the desk have then changed nothing that they know of, and try again.
 */
public interface RolloutLedger {

  /** In name order. */
  List<PlanRecord> plans();

  Optional<PlanRecord> plan(String name);

  /** Creates ({@code version} empty) or replaces; returns the record with its new version. */
  PlanRecord save(PlanRecord plan);

  /** Deletes the plan with all its steps and events. */
  void delete(String plan, String version);

  /** Steps of a plan, in key order (the mesh step first). */
  List<StepRecord> steps(String plan);

  Optional<StepRecord> step(String plan, StepKey key);

  /** Creates ({@code version} empty) or replaces; returns the record with its new version. */
  StepRecord save(StepRecord step);

  /** Assigns the id, keeps it (at least the last 200 a plan) and tells subscribers. */
  Event append(Event event);

  /** Newest first; of all plans when {@code plan} is empty. */
  List<Event> events(String plan);

  /** Calls {@code listener} for each event appended from now on; close to stop. */
  AutoCloseable subscribe(Consumer<Event> listener);

  /**
   * The ledger cannot answer: it has not been read yet, what is kept cannot be understood, or its
   * server is away. Whether a save was kept is then unknown; the next save of the same record finds
   * out, for it is conditional on the version.
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

  /** Another writer was first: read again and decide anew. */
  final class StaleRecordException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StaleRecordException(String message) {
      super(message);
    }
  }
}
