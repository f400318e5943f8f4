// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Options of the connection to the API server.
 *
 * @param ownNamespace the namespace of the service's records; null for the service account's
 *     namespace, else {@value #DEFAULT_NAMESPACE}
 * @param connectTimeout the limit for establishing a connection
 * @param requestTimeout the limit for a call's answer; watches and execs are not bounded by it
 * @param version of this service, for the user agent that the API server's audit log shows
 */
public record ConnectionOptions(
    ClusterLocation location,
    @Nullable String ownNamespace,
    Duration connectTimeout,
    Duration requestTimeout,
    String version) {

  /** The namespace of the records when none is configured. */
  public static final String DEFAULT_NAMESPACE = "mtls-migration";
}
