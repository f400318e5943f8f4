package io.mtlsmigration.rollout;

import java.util.Optional;

/**
 * Port: which of several replicas acts. A lease does not fence: a process that was stopped may
 * still believe that it leads. That is why every write carries its own precondition (see {@link
 * IntentWriter}), and this port only keeps two replicas from doing the same work.
 */
public interface Leadership {

  /** One replica, so one term: nobody else can have acted in between. */
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
        public Optional<String> leader() {
          return Optional.empty();
        }

        @Override
        public Optional<String> address() {
          return Optional.empty();
        }
      };

  /** True while this process may act; false as soon as its lease may have run out. */
  boolean leads();

  /** {@code spec.leaseTransitions} of the lease under which this process leads, or last led. */
  long term();

  /** Identity of the leader as far as known; empty when there is none, or only one replica. */
  Optional<String> leader();

  /** Where the leader answers the other replicas, as it has published it, as far as known. */
  Optional<String> address();
}
