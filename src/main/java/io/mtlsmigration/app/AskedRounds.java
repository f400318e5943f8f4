// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.app;

import io.mtlsmigration.probe.ProbeRequests;
import io.mtlsmigration.probe.ProbeRun;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Rounds of probes requested by people, in memory. */
final class AskedRounds {

  /** The number of rounds remembered; the oldest are dropped first, but none that is running. */
  private static final int REMEMBERED = 100;

  private static final int AT_ONCE = 2;

  private final Map<String, ProbeRun> runs = new LinkedHashMap<>();

  /**
   * Admits a round that is about to begin.
   *
   * @throws ProbeRequests.BusyException when it may not begin
   */
  void admit(ProbeRun run) {
    synchronized (runs) {
      long running = runs.values().stream().filter(r -> !r.done()).count();
      if (running >= AT_ONCE) {
        throw new ProbeRequests.BusyException(
            running + " rounds of probes are under way; wait until one has ended");
      }
      runs.put(run.id(), run);
      if (runs.size() > REMEMBERED) {
        runs.values().stream()
            .filter(ProbeRun::done)
            .findFirst()
            .ifPresent(oldest -> runs.remove(oldest.id()));
      }
    }
  }

  void ended(ProbeRun run) {
    synchronized (runs) {
      runs.replace(run.id(), run);
    }
  }

  Optional<ProbeRun> run(String id) {
    synchronized (runs) {
      return Optional.ofNullable(runs.get(id));
    }
  }
}
