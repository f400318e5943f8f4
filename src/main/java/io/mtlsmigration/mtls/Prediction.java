// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.ObjectRef;
import java.util.List;

/**
 * The predicted result of a client's call to an endpoint through a Service port.
 *
 * @param decidedBy the DestinationRules, Sidecars and PeerAuthentications that decide; empty =
 *     defaults
 * @param way how the client's proxy sends it
 */
public record Prediction(ClientTls clientTls, Reach reach, List<ObjectRef> decidedBy, Way way) {
  public Prediction {
    decidedBy = List.copyOf(decidedBy);
  }

  /** A call to the endpoint's own port. */
  public Prediction(ClientTls clientTls, Reach reach, List<ObjectRef> decidedBy) {
    this(clientTls, reach, decidedBy, Way.DIRECT);
  }

  /** The way in which a call leaves its client. */
  public enum Way {
    DIRECT,
    /** In HBONE, which a server accepts in every mode. */
    TUNNEL,
    /**
     * As it is: the client's own proxy knows no such destination and lets all through, or the call
     * bypasses it.
     */
    PASSTHROUGH,
    /** Not at all: the client's own proxy knows no such destination and lets nothing through. */
    WITHHELD
  }
}
