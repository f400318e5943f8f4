// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.prometheus;

import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Options for querying Prometheus.
 *
 * @param url base address; {@code /api/v1/query} is appended to its path
 * @param authorization returns the value of the header {@code Authorization}, for each request, so
 *     that a token in a file may change; null = none
 * @param headers sent with each request, such as {@code X-Scope-OrgID} for a tenant
 * @param tls null = the JVM's default
 * @param timeout for one request
 * @param retries of a request that got no answer, 429 or 5xx
 * @param refresh how long a reading is shared
 * @param clock this machine's, with which the server's has to agree
 */
public record PrometheusOptions(
    URI url,
    @Nullable Supplier<String> authorization,
    Map<String, String> headers,
    @Nullable SSLContext tls,
    Duration timeout,
    int retries,
    Duration refresh,
    InstantSource clock) {

  public PrometheusOptions {
    headers = Map.copyOf(headers);
  }
}
