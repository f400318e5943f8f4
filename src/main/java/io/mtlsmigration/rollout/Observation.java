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
import java.util.Set;

/**
 * Everything one decision is made on. A value: whoever asks twice is told the same, proxies and dry
 * runs included.
 */
public interface Observation {

  Instant now();

  MeshModes modes();

  ConnectivityMatrix matrix();

  /** Evidence over the window that ends now; readings are shared within a tick. */
  TrafficReading traffic(Duration window);

  List<Finding> findings(String namespace);

  ProxySync.Status sync(String namespace);

  /**
   * Namespaces whose probe clients are believed about other namespaces, for whoever runs this
   * service has named them.
   */
  default Set<String> witnesses() {
    return Set.of();
  }

  /** Captured pods ({@code namespace/pod}) that no istiod knows; see {@link ProxySync}. */
  default Set<String> strangers(String namespace) {
    return Set.of();
  }

  /** What a dry run of STRICT would have refused since {@code from}, by servers of a namespace. */
  default Evidence<List<ShadowDenial>> denials(String namespace, Instant from) {
    return ShadowRecord.NOT_CONFIGURED.denials(namespace, from, now());
  }
}
