// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** Port: which clients sent plaintext to a namespace, and when. */
public interface CallHistory {

  /** The length of a step. */
  Duration STEP = Duration.ofHours(1);

  /** The port where nothing is measured. */
  CallHistory NOT_CONFIGURED =
      (namespace, from, steps) ->
          new Evidence.Unavailable<>(
              Evidence.Reason.NOT_CONFIGURED,
              "no source of traffic evidence is configured: set mtls-migration.prometheus.url");

  /**
   * Returns what the source remembers; NoSamples is not among the answers. Never throws for a
   * source that is down. Waits for a few seconds at most: an answer that takes longer is there for
   * who asks next. The last step is missing where an answer is from minutes ago, before it began.
   *
   * @param namespace of the servers
   * @param from beginning of the first step, at a whole hour
   * @param steps number of hours, at least one; the last may still run
   */
  Evidence<PlaintextCalls> read(String namespace, Instant from, int steps);

  /**
   * Returns what the source remembers of several namespaces, an answer for each, in a few questions
   * together; with the samples of servers ({@link PlaintextCalls#sampled}). Otherwise as {@link
   * #read}.
   */
  default Map<String, Evidence<PlaintextCalls>> readAll(
      Collection<String> namespaces, Instant from, int steps) {
    Map<String, Evidence<PlaintextCalls>> all = new LinkedHashMap<>();
    namespaces.forEach(namespace -> all.put(namespace, read(namespace, from, steps)));
    return all;
  }

  /**
   * As {@link #read}, for who can do without: waits for nothing, and is Unavailable until an answer
   * is there.
   */
  default Evidence<PlaintextCalls> lately(String namespace, Instant from, int steps) {
    return read(namespace, from, steps);
  }
}
