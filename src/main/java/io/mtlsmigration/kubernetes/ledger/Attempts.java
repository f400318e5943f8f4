package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.kubernetes.ledger.ResourceApi.ConflictException;
import io.mtlsmigration.rollout.RolloutLedger.StaleRecordException;
import io.mtlsmigration.rollout.RolloutLedger.UnavailableException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Conditional writes. A conflict is often none: counts, events and annotations move an object's
 * resourceVersion while the record stays what it was, and a call that was repeated because its
 * answer was lost conflicts with itself. So after a conflict the object is read again; the write
 * itself then says whether its record is stale.
 */
final class Attempts {

  private static final int TRIES = 5;

  private Attempts() {}

  /** One try, on what is known by then. */
  @FunctionalInterface
  interface Write<T> {
    /**
     * Makes the write.
     *
     * @throws StaleRecordException when the record has changed
     * @throws ConflictException when only the object has
     */
    T once() throws ConflictException;
  }

  /**
   * @param settled reads the object again; not null when it shows that the write has been made
   * @throws UnavailableException when nobody knows whether it was made
   */
  static <T> T run(String what, Write<T> write, Supplier<@Nullable T> settled) {
    for (int i = 0; i < TRIES; i++) {
      try {
        return write.once();
      } catch (ConflictException e) {
        T made = settled.get();
        if (made != null) {
          return made;
        }
      } catch (UnavailableException e) {
        T made = lookAgain(settled, e);
        if (made != null) {
          return made;
        }
        throw e;
      }
    }
    throw new StaleRecordException(what + " is being changed by others all the time");
  }

  private static <T> @Nullable T lookAgain(
      Supplier<@Nullable T> settled, UnavailableException cause) {
    try {
      return settled.get();
    } catch (UnavailableException e) {
      cause.addSuppressed(e);
      return null;
    }
  }
}
