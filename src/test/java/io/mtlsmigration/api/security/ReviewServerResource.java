// SPDX-License-Identifier: Apache-2.0
package io.mtlsmigration.api.security;

import io.mtlsmigration.access.Role;
import io.mtlsmigration.access.Verb;
import io.mtlsmigration.kubernetes.access.ReviewServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.util.Arrays;
import java.util.Map;

/**
 * An API server that knows a user for each role, for each verb one who has that alone ({@code
 * only-VERB}), and one who has all others ({@code all-but-VERB}). A user's token is their name.
 */
public final class ReviewServerResource implements QuarkusTestResourceLifecycleManager {

  private final ReviewServer server = ReviewServer.start();

  @Override
  public Map<String, String> start() {
    for (Role role : Role.values()) {
      user(role.text(), role.verbs().stream().map(Verb::text).toArray(String[]::new));
    }
    for (Verb verb : Verb.values()) {
      user("only-" + verb.text(), verb.text());
      user(
          "all-but-" + verb.text(),
          Arrays.stream(Verb.values())
              .filter(other -> other != verb)
              .map(Verb::text)
              .toArray(String[]::new));
    }
    user("puzzle", "list");
    server.userOfPlan("mine", "tenant", "tenant", "get", "start");
    server.unanswerable("riddle").unanswerable("puzzle-user");
    return Map.of(
        "quarkus.kubernetes-client.api-server-url",
        server.url(),
        "quarkus.kubernetes-client.request-retry-backoff-limit",
        "0");
  }

  private void user(String token, String... verbs) {
    server.user(token, token.equals("puzzle") ? "puzzle-user" : token, verbs);
  }

  @Override
  public void stop() {
    server.close();
  }
}
