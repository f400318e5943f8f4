// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.ledger;

import io.mtlsmigration.kubernetes.ledger.ResourceApi.ConflictException;
import io.mtlsmigration.rollout.RolloutLedger.StaleRecordException;
import io.mtlsmigration.rollout.RolloutLedger.UnavailableException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Conditional writes with retries. A conflict is often spurious: counts, events and annotations
 * change an object's resourceVersion while the record stays the same, and a call repeated because
 * its answer was lost conflicts with itself. So after a conflict the object is read again, and the
 * write itself decides whether its record is stale.
 */
final class Attempts {

  private static final int TRIES = 5;

  private Attempts() {}

  /** One attempt, based on the state known by then. */
  @FunctionalInterface
  interface Write<T> {
    /**
     * Makes the write.
     *
     * @throws StaleRecordException when the record has changed
     * @throws ConflictException when only the object has changed
     */
    T once() throws ConflictException;
  }

  /**
   * Runs a write, a few times over while only the object has changed.
   *
   * @param settled reads the object again; not null when it shows that the write was made
   * @throws UnavailableException when it is unknown whether the write was made
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
