/**
 * Evidence of traffic from Prometheus, or a server with its HTTP API (Thanos, Mimir,
 * VictoriaMetrics, managed ones). The queries are in {@code resources/promql}.
 */
@NullMarked
package io.mtlsmigration.prometheus;

import org.jspecify.annotations.NullMarked;
