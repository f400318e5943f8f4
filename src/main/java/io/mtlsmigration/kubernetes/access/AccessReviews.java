// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.access;

import com.github.benmanes.caffeine.cache.Ticker;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.access.Authorizer;
import io.mtlsmigration.access.Identity;
import io.mtlsmigration.access.Permission;
import java.time.Duration;

/**
 * Authorizes callers by SubjectAccessReview (authorization.k8s.io/v1): the cluster's authorizers,
 * RBAC or a webhook, decide here too. A withdrawn permission stays effective for at most {@link
 * #KEPT}.
 */
public final class AccessReviews implements Authorizer {

  private static final Duration KEPT = Duration.ofSeconds(30);

  private final KubernetesClient client;
  private final Reviews<Question, Decision> reviews;

  private record Question(Identity who, Permission what) {}

  /**
   * Creates an authorizer.
   *
   * @param timeout after which a caller is told that there is no answer
   */
  public AccessReviews(KubernetesClient client, Duration timeout) {
    this(client, timeout, Ticker.systemTicker());
  }

  AccessReviews(KubernetesClient client, Duration timeout, Ticker ticker) {
    this.client = client;
    this.reviews =
        new Reviews<>(
            new Reviews.Kind<>("subjectaccessreviews", Allowed.class::isInstance, KEPT),
            timeout,
            ticker);
  }

  @Override
  public Decision decide(Identity who, Permission what) {
    try {
      return reviews.of(new Question(who, what), () -> ask(who, what));
    } catch (ReviewException e) {
      return new Unavailable(String.valueOf(e.getMessage()));
    }
  }

  private Decision ask(Identity who, Permission what) {
    SubjectAccessReview answer =
        client
            .authorization()
            .v1()
            .subjectAccessReview()
            .create(
                new SubjectAccessReviewBuilder()
                    .withNewSpec()
                    .withUser(who.name())
                    .withUid(who.uid())
                    .withGroups(who.groups())
                    .withExtra(who.extra())
                    .withNewResourceAttributes()
                    .withGroup(Permission.GROUP)
                    .withResource(Permission.RESOURCE)
                    .withVerb(what.verb().text())
                    .withName(what.plan())
                    .endResourceAttributes()
                    .endSpec()
                    .build());
    boolean allowed =
        answer.getStatus() != null && Boolean.TRUE.equals(answer.getStatus().getAllowed());
    return allowed ? new Allowed() : new Denied(remedy(what));
  }

  /** Returns the rule that would allow the call, in a form that fits into a ClusterRole. */
  private static String remedy(Permission what) {
    String names = what.plan().isEmpty() ? "" : ", resourceNames: [\"" + what.plan() + "\"]";
    return ("needed is a ClusterRole with the rule {apiGroups: [\"%s\"], resources: [\"%s\"],"
            + " verbs: [\"%s\"]%s}, bound to the caller by a ClusterRoleBinding")
        .formatted(Permission.GROUP, Permission.RESOURCE, what.verb().text(), names);
  }
}
