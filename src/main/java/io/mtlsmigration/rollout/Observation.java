// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.rollout;

import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.probe.ConnectivityMatrix;
import io.mtlsmigration.traffic.Evidence;
import io.mtlsmigration.traffic.ShadowDenial;
import io.mtlsmigration.traffic.ShadowRecord;
import io.mtlsmigration.traffic.TrafficReading;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that one decision is based on. Immutable: asking twice gives the same answer, also for
 * proxies and dry runs.
 */
public interface Observation {

  /** The time for which readings are shared: for one tick, and the requests that come meanwhile. */
  Duration SHARED_FOR = Duration.ofMillis(500);

  Instant now();

  MeshModes modes();

  ConnectivityMatrix matrix();

  /** Returns evidence over the window that ends now; readings are shared within a tick. */
  TrafficReading traffic(Duration window);

  List<Finding> findings(String namespace);

  ProxySync.Status sync(String namespace);

  /** Returns, in words, how far {@link #now} is from the API server's time, where that is far. */
  default Optional<String> clocksApart() {
    return Optional.empty();
  }

  /** Returns the namespaces that the configuration names as trusted to probe other namespaces. */
  default Set<String> witnesses() {
    return Set.of();
  }

  /** Returns captured pods ({@code namespace/pod}) that no istiod knows; see {@link ProxySync}. */
  default Set<String> strangers(String namespace) {
    return Set.of();
  }

  /**
   * Returns the other clusters that policies govern as well, by namespace; see {@link ProxySync}.
   */
  default Map<String, Set<String>> elsewhere() {
    return Map.of();
  }

  /** Returns requests that a dry run would have refused since {@code from}, by server. */
  default Evidence<List<ShadowDenial>> denials(String namespace, Instant from) {
    return ShadowRecord.NOT_CONFIGURED.denials(namespace, from, now());
  }

  /** Returns since when every server has counted those without a break: {@code from} or later. */
  default Instant countedSince(String namespace, Instant from) {
    return from;
  }
}
