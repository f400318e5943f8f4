// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import java.time.Instant;
import java.util.List;

/** Port: requests that proxies would have refused under a dry run of STRICT. */
public interface ShadowRecord {

  /** The port where nothing counts them. */
  ShadowRecord NOT_CONFIGURED =
      (namespace, from, now) ->
          new Evidence.Unavailable<>(
              Evidence.Reason.NOT_CONFIGURED,
              "nobody counts it here; take audit out of the plan or override it");

  /**
   * Returns denials by servers of one namespace. Never throws for a source that is down. NoSamples
   * means that no proxy of the namespace has judged a single request.
   *
   * @param from inclusive
   */
  Evidence<List<ShadowDenial>> denials(String namespace, Instant from, Instant now);

  /**
   * Returns since when every server of the namespace has counted without a break, as the source
   * itself shows: {@code from}, or later. What was denied before, nobody knows. Of a proxy that has
   * counted a dry run of before, it may show nothing.
   */
  default Instant countedSince(String namespace, Instant from, Instant now) {
    return from;
  }
}
