// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.sandbox;

import io.mtlsmigration.mesh.Pod;
import io.mtlsmigration.traffic.Caller;

/**
 * The opener of a connection.
 *
 * @param ownProbe true for the service's own probes
 */
record CallSource(Caller caller, boolean ownProbe) {
  static CallSource of(Pod client, boolean ownProbe) {
    return new CallSource(new Caller(client.workload(), client.ip()), ownProbe);
  }
}
