/**
 * Evidence of traffic from Prometheus, or anything that answers its HTTP API (Thanos, Mimir,
 * VictoriaMetrics, managed ones). The queries lie in {@code resources/promql}.
 */
@NullMarked
package io.mtlsmigration.prometheus;

import org.jspecify.annotations.NullMarked;
