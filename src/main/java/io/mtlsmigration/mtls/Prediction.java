package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.ObjectRef;
import java.util.List;

/**
 * What happens when a client calls an endpoint through a Service port.
 *
 * @param decidedBy the DestinationRules, Sidecars and PeerAuthentications that decide; empty =
 *     defaults
 */
public record Prediction(ClientTls clientTls, Reach reach, List<ObjectRef> decidedBy) {
  public Prediction {
    decidedBy = List.copyOf(decidedBy);
  }
}
