package io.mtlsmigration.prometheus;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What a reading asks Prometheus: queries of {@code resources/promql} by their names, so that what
 * answers may also be a model of a mesh that knows what each of them means. Never throws for a
 * server that is down.
 */
public interface PrometheusApi {

  /** A query over the window that ends {@code at}. */
  QueryResult query(PromQuery query, Duration window, Instant at);

  /** A query over each of the steps of a time; a sample is at the end of its step. */
  QueryResult range(PromQuery query, Instant from, Instant to, Duration step);

  /**
   * For how long Prometheus keeps data; empty when it keeps by size, or is another server that does
   * not tell.
   */
  Optional<Duration> retention();
}
