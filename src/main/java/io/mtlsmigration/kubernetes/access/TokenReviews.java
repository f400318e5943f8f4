// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.kubernetes.access;

import com.github.benmanes.caffeine.cache.Ticker;
import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.mtlsmigration.access.Identity;
import io.mtlsmigration.access.TokenVerifier;
import io.mtlsmigration.plan.Digest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Authenticates tokens by TokenReview (authentication.k8s.io/v1). Answers are cached under the
 * token's digest, so that a heap dump contains no tokens of earlier callers. A revoked token stays
 * valid for at most {@link #KEPT}.
 */
public final class TokenReviews implements TokenVerifier {

  private static final Duration KEPT = Duration.ofSeconds(60);

  /** The syntax of RFC 6750 §2.1; anything else after "Bearer" is rejected without a review. */
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9._~+/-]{1,16384}=*");

  private final KubernetesClient client;
  private final List<String> audiences;
  private final Reviews<String, Verdict> reviews;

  /**
   * Creates a verifier.
   *
   * @param audiences of which a token must name one; empty for those of the API server
   * @param timeout after which a caller is told that there is no answer
   */
  public TokenReviews(KubernetesClient client, List<String> audiences, Duration timeout) {
    this(client, audiences, timeout, Ticker.systemTicker());
  }

  TokenReviews(KubernetesClient client, List<String> audiences, Duration timeout, Ticker ticker) {
    this.client = client;
    this.audiences = List.copyOf(audiences);
    this.reviews =
        new Reviews<>(
            new Reviews.Kind<>("tokenreviews", Known.class::isInstance, KEPT), timeout, ticker);
  }

  @Override
  public Verdict verify(String token) {
    if (!TOKEN.matcher(token).matches()) {
      return new Refused();
    }
    try {
      return reviews.of(Digest.of(token.getBytes(StandardCharsets.UTF_8)), () -> ask(token));
    } catch (ReviewException e) {
      return new Unavailable(String.valueOf(e.getMessage()));
    }
  }

  private Verdict ask(String token) {
    TokenReview answer =
        client
            .authentication()
            .v1()
            .tokenReviews()
            .create(
                new TokenReviewBuilder()
                    .withNewSpec()
                    .withToken(token)
                    .withAudiences(audiences)
                    .endSpec()
                    .build());
    return verdict(answer.getStatus());
  }

  /**
   * Returns the verdict of a status. {@code authenticated} must be true, not merely present: it is
   * left out for a token of another audience. An API server that ignores audiences leaves {@code
   * audiences} out; it has then checked the token for its own audience, not for the requested ones.
   */
  private Verdict verdict(@Nullable TokenReviewStatus status) {
    if (status == null || !Boolean.TRUE.equals(status.getAuthenticated())) {
      return new Refused();
    }
    if (!audiences.isEmpty()
        && (status.getAudiences() == null
            || Collections.disjoint(status.getAudiences(), audiences))) {
      return new Refused();
    }
    UserInfo user = status.getUser();
    if (user == null || user.getUsername() == null || user.getUsername().isBlank()) {
      return new Refused();
    }
    return new Known(
        new Identity(
            user.getUsername(),
            user.getUid() == null ? "" : user.getUid(),
            user.getGroups() == null ? List.of() : user.getGroups(),
            user.getExtra() == null ? Map.of() : user.getExtra()));
  }
}
