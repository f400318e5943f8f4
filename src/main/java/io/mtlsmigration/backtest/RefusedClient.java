// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.backtest;

import io.mtlsmigration.traffic.Caller;
import java.time.Instant;
import java.util.List;

/**
 * A client that would have been refused.
 *
 * @param firstCall hour of its first call since the lock
 * @param calls since the lock
 * @param servers workloads that it called since ({@code namespace/name}), in order
 * @param mayFail whether the plan lets it fail
 */
public record RefusedClient(
    Caller client,
    Instant firstCall,
    Instant lastCall,
    long calls,
    List<String> servers,
    boolean mayFail) {
  public RefusedClient {
    servers = List.copyOf(servers);
  }
}
