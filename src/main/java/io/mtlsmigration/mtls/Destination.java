// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.mtls;

import java.util.List;
import java.util.function.Supplier;

/**
 * The destination of a client's cluster: a port of a Service, or of a ServiceEntry's host.
 *
 * @param owner the namespace of the Service or ServiceEntry
 * @param external MESH_EXTERNAL: clients never send mutual TLS by themselves
 * @param asAddressed headless, or resolution NONE: calls go to the address that the client asked
 *     for
 * @param endpoints all endpoints of the port; seldom needed
 */
record Destination(
    String owner,
    String host,
    int port,
    boolean external,
    boolean asAddressed,
    Supplier<List<EndpointMark>> endpoints) {}
