package io.mtlsmigration.rollout;

import io.mtlsmigration.hazard.Finding;
import io.mtlsmigration.mtls.MeshModes;
import io.mtlsmigration.probe.ConnectivityMatrix;
import io.mtlsmigration.traffic.TrafficReading;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Everything one decision is made on. Consistent: taken once a tick, then only read. */
public interface Observation {

  Instant now();

  MeshModes modes();

  ConnectivityMatrix matrix();

  /** Evidence over the window that ends now; readings are shared within a tick. */
  TrafficReading traffic(Duration window);

  List<Finding> findings(String namespace);

  ProxySync.Status sync(String namespace);
}
