package io.mtlsmigration.mtls;

import java.util.List;
import java.util.function.Supplier;

/**
 * What a client's cluster is made for: a port of a Service, or of a ServiceEntry's host.
 *
 * @param owner the namespace of the Service or ServiceEntry
 * @param external MESH_EXTERNAL: clients never send mutual TLS by themselves
 * @param asAddressed headless, or resolution NONE: calls go to the address that the client asked
 *     for
 * @param endpoints all of the port; seldom asked for
 */
record Destination(
    String owner,
    String host,
    int port,
    boolean external,
    boolean asAddressed,
    Supplier<List<EndpointMark>> endpoints) {}
