package io.mtlsmigration.traffic;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** One reading of a source over one window, for the whole mesh. */
public interface TrafficReading {

  Instant asOf();

  Duration window();

  /** Evidence for one server namespace. */
  Evidence<NamespaceTraffic> of(String namespace);

  /** Connections that servers of one namespace refused within the window. */
  default Refusals refusals(String namespace) {
    return new Refusals.Unreadable(
        List.of(), Refusals.Reason.NOT_CONFIGURED, "this source does not tell of refusals");
  }

  /** Calls past all Services by clients with sidecars, of the whole mesh. */
  default Evidence<List<DirectCall>> direct() {
    return new Evidence.Unavailable<>(
        Evidence.Reason.NOT_CONFIGURED, "this source does not tell of calls past Services");
  }
}
