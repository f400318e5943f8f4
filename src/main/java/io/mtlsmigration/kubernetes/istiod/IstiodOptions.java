package io.mtlsmigration.kubernetes.istiod;

import java.time.Duration;
import java.util.Optional;

/**
 * How istiod is asked.
 *
 * @param istioNamespace where istiod's pods are, of all revisions
 * @param clusterId by which istiod knows this cluster ({@code global.multiCluster.clusterName}).
 *     Needed only where one istiod serves proxies of several clusters: their pods may have the same
 *     names
 * @param every from one reading to the next, while somebody wants to know; a reading that takes
 *     longer is followed by a pause as long as itself
 * @param timeout of one istiod's answer
 * @param maxAge for how long it counts that a proxy was seen to follow. Proxies leave one istiod
 *     for another every half an hour, and for a moment no istiod has them
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
