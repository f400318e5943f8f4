// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.access;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.access.Authorizer;
import io.mtlsmigration.access.TokenVerifier;
import io.mtlsmigration.kubernetes.ClusterConnection;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;

/** Access to the cluster's reviews, for callers that must not know its client. */
@Singleton
public final class ClusterAccess {

  private final KubernetesClient client;

  ClusterAccess(KubernetesClient client) {
    this.client = client;
  }

  /** Returns the access of a connection, which the caller still has to close. */
  public static ClusterAccess of(ClusterConnection connection) {
    return new ClusterAccess(connection.client());
  }

  /** See {@link TokenReviews}. */
  public TokenVerifier tokens(List<String> audiences, Duration timeout) {
    return new TokenReviews(client, audiences, timeout);
  }

  /** See {@link AccessReviews}. */
  public Authorizer permissions(Duration timeout) {
    return new AccessReviews(client, timeout);
  }
}
