package io.mtlsmigration.traffic;

import java.time.Duration;
import java.time.Instant;

/** One reading of a source over one window, for the whole mesh. */
public interface TrafficReading {

  Instant asOf();

  Duration window();

  /** Evidence for one server namespace. */
  Evidence<NamespaceTraffic> of(String namespace);
}
