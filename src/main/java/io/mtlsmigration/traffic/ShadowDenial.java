// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import io.mtlsmigration.mesh.WorkloadRef;

/**
 * Requests that a server's proxy let through and would have refused if the dry run of STRICT had
 * been enforced. Proxies count them without the client.
 *
 * @param port container port; 0 when the source does not have it
 * @param count requests (connections for tcp), without the service's own probes
 * @param ownProbes the service's own probes
 */
public record ShadowDenial(WorkloadRef server, int port, long count, long ownProbes) {}
