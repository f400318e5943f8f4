package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.traffic.Caller;

/**
 * Who opened a connection.
 *
 * @param ownProbe true for the service's own probes
 */
record Source(Caller caller, boolean ownProbe) {
  static Source of(Pod client, boolean ownProbe) {
    return new Source(new Caller(client.workload(), client.ip()), ownProbe);
  }
}
