// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.traffic;

import io.mtlsmigration.mesh.WorkloadRef;
import java.time.Instant;

/**
 * A connection that a server's proxy refused because of its mode ({@code NR filter_chain_not_found}
 * in Envoy's access log), or several of one client where there were too many to keep each.
 *
 * @param at when the last of them was refused
 * @param claim whether it was one of the service's own probes, which never count
 * @param count how many there were, at least one
 */
public record Refusal(
    Instant at, Caller client, WorkloadRef server, int port, OwnProbes.Claim claim, int count) {

  /** A single refusal. */
  public Refusal(Instant at, Caller client, WorkloadRef server, int port, OwnProbes.Claim claim) {
    this(at, client, server, port, claim, 1);
  }

  /** A refusal from a source that identifies its own probes for certain. */
  public Refusal(Instant at, Caller client, WorkloadRef server, int port, boolean ownProbe) {
    this(at, client, server, port, ownProbe ? OwnProbes.Claim.OURS : OwnProbes.Claim.NOT_OURS);
  }

  public boolean ownProbe() {
    return claim == OwnProbes.Claim.OURS;
  }
}
