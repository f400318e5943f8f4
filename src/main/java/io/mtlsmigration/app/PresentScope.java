// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.probe.Expectation;
import io.mtlsmigration.probe.ProbeTarget;
import io.mtlsmigration.rollout.ProbeScope;
import io.mtlsmigration.rollout.RolloutLedger;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * The expectation of a probe, as of when it begins. A round may take long, and what is late of it
 * longer: that a client gets through is right before a lock, and is what must be seen after it.
 */
final class PresentScope implements ProbeRounds.Expecting {

  private static final long READ_ANEW = Duration.ofSeconds(1).toNanos();

  private final Supplier<ProbeScope> scopes;
  private Read last;

  private record Read(ProbeScope scope, long at) {}

  /**
   * Expects what the latest scope says.
   *
   * @param first counts as long as the ledger is not available
   */
  PresentScope(ProbeScope first, Supplier<ProbeScope> scopes) {
    this.scopes = scopes;
    this.last = new Read(first, System.nanoTime() - READ_ANEW);
  }

  @Override
  public Expectation apply(ProbeTarget target) {
    return present().expected(target);
  }

  /** Reads for all probes that begin at once: a scope is as long to read as there are steps. */
  private synchronized ProbeScope present() {
    long now = System.nanoTime();
    if (now - last.at() >= READ_ANEW) {
      last = new Read(next(last.scope()), now);
    }
    return last.scope();
  }

  private ProbeScope next(ProbeScope known) {
    try {
      return scopes.get();
    } catch (RolloutLedger.UnavailableException e) {
      return known;
    }
  }
}
