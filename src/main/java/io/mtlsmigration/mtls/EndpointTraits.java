// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import io.mtlsmigration.mesh.DataPlane;
import io.mtlsmigration.mesh.MtlsMode;

/**
 * The traits that decide how an endpoint is called and what it answers.
 *
 * @param bypassed whether its port is not behind its proxy
 * @param mode the mode in force for its port
 * @param tlsMode what it announces to clients, as in {@link EndpointMark}
 * @param tunnel whether clients may send it HBONE
 */
public record EndpointTraits(
    DataPlane dataPlane, boolean bypassed, MtlsMode mode, String tlsMode, boolean tunnel) {

  static final EndpointTraits NO_POD =
      new EndpointTraits(DataPlane.NONE, true, MtlsMode.DISABLE, EndpointMark.DISABLED, false);
}
