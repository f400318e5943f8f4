// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mesh;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A {@code telemetry.istio.io} Telemetry, reduced to its changes to the server metrics that show
 * plaintext, as Prometheus gets them.
 *
 * @param selector {@code selector.matchLabels}; empty = all pods of the namespace
 * @param attached true when {@code targetRef} or {@code targetRefs} bind it to a gateway or a
 *     waypoint instead
 * @param changes in order: a later one takes precedence over an earlier one
 */
public record Telemetry(
    ObjectRef ref,
    Instant createdAt,
    Map<String, String> selector,
    boolean attached,
    List<Change> changes)
    implements OtherObject {

  public Telemetry {
    selector = Map.copyOf(selector);
    changes = List.copyOf(changes);
  }

  /**
   * A change of a metric.
   *
   * @param metric such as {@code REQUEST_COUNT}, or {@link #ALL}
   * @param disabled null when unchanged
   * @param untold true when it removes {@code connection_security_policy}; null when unchanged
   */
  public record Change(String metric, @Nullable Boolean disabled, @Nullable Boolean untold) {

    /** The value that stands for all metrics. */
    public static final String ALL = "ALL_METRICS";
  }
}
