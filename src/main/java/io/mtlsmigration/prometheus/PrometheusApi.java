// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * The queries that a reading makes, by their names in {@code resources/promql}, so that a model of
 * a mesh that knows their meaning may answer them too. A server that is down is a result, never an
 * exception.
 */
public interface PrometheusApi {

  /** Runs a query over the window that ends {@code at}. */
  QueryResult query(PromQuery query, Duration window, Instant at);

  /** The same, asking only some targets for every sample. */
  default QueryResult query(PromQuery query, ScrapeTargets targets, Duration window, Instant at) {
    return query(query, window, at);
  }

  /** The same, taking a proxy for not scraped when its last sample is older than some time. */
  default QueryResult query(
      PromQuery query, ScrapeTargets targets, Duration lag, Duration window, Instant at) {
    return query(query, window, at);
  }

  /** A query about namespaces, with {@code |} in between, over the window that ends {@code at}. */
  default QueryResult query(PromQuery query, String namespaces, Duration window, Instant at) {
    return range(query, namespaces, at, at, window);
  }

  /** Runs a query over each step of a range; a sample is at the end of its step. */
  QueryResult range(PromQuery query, Instant from, Instant to, Duration step);

  /** A query about namespaces, with {@code |} in between, over each of the steps of a time. */
  default QueryResult range(
      PromQuery query, String namespaces, Instant from, Instant to, Duration step) {
    return range(query, from, to, step);
  }

  /**
   * Returns how long Prometheus keeps data; empty when it keeps by size, or when a compatible
   * server does not say.
   */
  Optional<Duration> retention();
}
