// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.istiod;

import java.time.Duration;
import java.util.Optional;

/**
 * Options for querying istiod.
 *
 * @param istioNamespace the namespace of istiod's pods, of all revisions
 * @param clusterId istiod's name for this cluster ({@code global.multiCluster.clusterName}). Needed
 *     only where one istiod serves proxies of several clusters: their pods may have the same names
 * @param every the interval between readings while there is demand; a longer reading is followed by
 *     a pause of its own length
 * @param timeout of one istiod's answer
 * @param maxAge for how long an observation that a proxy follows stays valid. Proxies move between
 *     istiods every half an hour, and for a moment no istiod has them
 * @param maxBytes of one istiod's answer; a proxy takes some 2.5 kB
 */
public record IstiodOptions(
    String istioNamespace,
    Optional<String> clusterId,
    Duration every,
    Duration timeout,
    Duration maxAge,
    long maxBytes) {

  public static final IstiodOptions DEFAULT =
      new IstiodOptions(
          "istio-system",
          Optional.empty(),
          Duration.ofSeconds(2),
          Duration.ofSeconds(10),
          Duration.ofSeconds(15),
          256L << 20);

  public IstiodOptions {
    if (istioNamespace.isBlank()) {
      throw new IllegalArgumentException("istioNamespace must be the name of a namespace");
    }
    if (every.isNegative() || every.isZero() || timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException(
          "every and timeout must be positive, but are " + every + " and " + timeout);
    }
    if (maxAge.compareTo(timeout.plus(every)) < 0) {
      throw new IllegalArgumentException(
          "maxAge must be at least timeout + every, or a slow answer counts for nothing: "
              + maxAge);
    }
    if (maxBytes < 1) {
      throw new IllegalArgumentException("maxBytes must be at least 1, but is " + maxBytes);
    }
  }
}
