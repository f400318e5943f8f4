package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.ObjectRef;
import java.util.List;

/**
 * What happens when a client calls an endpoint through a Service port.
 *
 * @param decidedBy the DestinationRules, Sidecars and PeerAuthentications that decide; empty =
 *     defaults
 * @param way how the client's proxy sends it
 */
public record Prediction(ClientTls clientTls, Reach reach, List<ObjectRef> decidedBy, Way way) {
  public Prediction {
    decidedBy = List.copyOf(decidedBy);
  }

  /** A call that goes to the endpoint's own port. */
  public Prediction(ClientTls clientTls, Reach reach, List<ObjectRef> decidedBy) {
    this(clientTls, reach, decidedBy, Way.DIRECT);
  }

  /** How a call leaves its client. */
  public enum Way {
    DIRECT,
    /** In HBONE, which a server takes in every mode. */
    TUNNEL,
    /** Not at all: the client's own proxy knows no such destination and passes nothing through. */
    WITHHELD
  }
}
