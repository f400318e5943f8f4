package io.mtlsmigration.traffic;

import io.mtlsmigration.mesh.WorkloadRef;

/**
 * What a server's proxy let through and would have refused, had the dry run of STRICT been real.
 * Proxies count it without the client.
 *
 * @param port container port; 0 when the source does not tell
 * @param count requests (connections for tcp), the service's own probes left out
 * @param ownProbes those of the service itself
 */
public record ShadowDenial(WorkloadRef server, int port, long count, long ownProbes) {}
