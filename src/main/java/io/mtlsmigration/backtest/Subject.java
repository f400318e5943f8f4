// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.backtest;

import io.mtlsmigration.mesh.WorkloadRef;
import io.mtlsmigration.traffic.PlaintextCalls;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** A namespace of a plan, and what is known of its history. */
public sealed interface Subject {

  /**
   * The history of a namespace.
   *
   * @param calls calls that count against the gate, alone
   * @param asOf hours that end later had not ended when the source answered
   * @param sampled servers of which a sample within the window is wanted; none where the plan takes
   *     a server without samples for idle
   * @param doubts times whose silence is not known for other reasons than that nobody watched
   */
  record Known(
      PlaintextCalls calls, Instant asOf, Set<WorkloadRef> sampled, List<UnknownTime> doubts)
      implements Subject {
    public Known {
      sampled = Set.copyOf(sampled);
      doubts = List.copyOf(doubts);
    }
  }

  /**
   * Nothing is known.
   *
   * @param holds whether later waves wait for the namespace
   */
  record Unknown(UnknownCause cause, String detail, boolean holds) implements Subject {}

  /** The plan leaves the namespace as it is, because a person said so. */
  record Left(String detail) implements Subject {}
}
