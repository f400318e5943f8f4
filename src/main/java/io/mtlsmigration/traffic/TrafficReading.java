// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** One reading of a source over one window, for the whole mesh. */
public interface TrafficReading {

  Instant asOf();

  Duration window();

  /** Returns evidence for one server namespace. */
  Evidence<NamespaceTraffic> of(String namespace);

  /** Returns connections that servers of one namespace refused within the window. */
  default Refusals refusals(String namespace) {
    return new Refusals.Unreadable(
        List.of(), Refusals.Reason.NOT_CONFIGURED, "this source does not tell of refusals");
  }

  /** Returns connections that are open at servers of one namespace. */
  default ConnectionRecord.Connections connections(String namespace) {
    return ConnectionRecord.Connections.NONE;
  }

  /** See {@link ConnectionRecord.Reading#wanted}. */
  default void connectionsWanted(String namespace, boolean soon) {}

  /** Returns calls of the whole mesh that bypass all Services, by clients with sidecars. */
  default Evidence<List<DirectCall>> direct() {
    return new Evidence.Unavailable<>(
        Evidence.Reason.NOT_CONFIGURED, "this source does not tell of calls past Services");
  }
}
