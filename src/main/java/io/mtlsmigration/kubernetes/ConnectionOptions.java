package io.mtlsmigration.kubernetes;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How the API server is talked to.
 *
 * @param ownNamespace where the service keeps its records; null for the service account's
 *     namespace, else {@value #DEFAULT_NAMESPACE}
 * @param connectTimeout until a connection stands
 * @param requestTimeout until a call is answered; watches and execs are not bounded by it
 * @param version of this service, for the user agent that the API server's audit log shows
 */
public record ConnectionOptions(
    ClusterLocation location,
    @Nullable String ownNamespace,
    Duration connectTimeout,
    Duration requestTimeout,
    String version) {

  /** Where records are kept when nobody says otherwise. */
  public static final String DEFAULT_NAMESPACE = "mtls-migration";
}
