// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import java.time.Instant;
import java.util.Optional;

/**
 * Port: determines which of several replicas acts. A lease does not fence: a process that was
 * stopped may still believe that it leads. Therefore every write carries its own precondition (see
 * {@link IntentWriter}), and this port only keeps two replicas from doing the same work.
 */
public interface Leadership {

  /** Leadership of the only replica: a single term, because no other one can have acted. */
  Leadership ALONE =
      new Leadership() {
        @Override
        public boolean leads() {
          return true;
        }

        @Override
        public long term() {
          return 1;
        }

        @Override
        public Optional<String> address() {
          return Optional.empty();
        }
      };

  /** Returns true while this process may act; false as soon as its lease may have expired. */
  boolean leads();

  /**
   * Returns the number of the term in which this process leads, or last led: the lease's {@code
   * spec.leaseTransitions}, or more where the lease was made anew. No two terms of a process have
   * the same one.
   */
  long term();

  /**
   * Returns when whoever led before this term did so last, by its own clock: since then nobody has
   * looked. Empty when nobody led before, or that is not known.
   */
  default Optional<Instant> ledBefore() {
    return Optional.empty();
  }

  /**
   * Returns, in words, by how much this process's clock and the API server's differ, where that is
   * more than a minute. One dates what this process does and reads, the other one pods, policies
   * and plans.
   */
  default Optional<String> clocksApart() {
    return Optional.empty();
  }

  /** Returns the address, if known, that the leader has published for the other replicas. */
  Optional<String> address();
}
