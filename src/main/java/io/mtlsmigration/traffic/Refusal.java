package io.mtlsmigration.traffic;

import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Instant;

/**
 * A connection that a server's proxy refused because of its mode ({@code NR filter_chain_not_found}
 * in Envoy's access log).
 *
 * @param ownProbe true for the service's own probes, which never count
 */
public record Refusal(Instant at, Caller client, WorkloadRef server, int port, boolean ownProbe) {}
