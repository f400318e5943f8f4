// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.hook;

import io.mtlsmigration.plan.HookTargets;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Options for calling hooks.
 *
 * @param targets addresses that may be called
 * @param receivers receivers that get credentials; of two that cover a URL the first
 * @param trust trusted TLS certificates; null = the JVM's certificate authorities
 * @param identity the client's certificate; null = none
 * @param connectTimeout until a connection is established
 * @param timeout for one call in total
 * @param concurrency maximum number of running calls, of all plans together
 */
public record HookOptions(
    HookTargets targets,
    List<HookReceiver> receivers,
    @Nullable TrustOptions trust,
    @Nullable KeyCertOptions identity,
    String userAgent,
    Duration connectTimeout,
    Duration timeout,
    int concurrency,
    HookPace pace) {

  public HookOptions {
    receivers = List.copyOf(receivers);
  }
}
